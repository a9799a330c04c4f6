"""The command line of recovery, one module a command."""
