"""The command line of the local estate, one module a command."""
