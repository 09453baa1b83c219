"""The commands for the person who has meetings: a client of any UCWA server.

Nothing here is imported before its command is run, nor at the top of a module what takes long.
"""
