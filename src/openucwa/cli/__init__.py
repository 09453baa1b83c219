"""The command line.

`commands` has the table of all commands; what one does stands in the module that is named there.
Those that belong to the server import it inside their functions, so that their --help is quick, and
works without it.
"""
