"""The command line of the local environment, one module a command."""
