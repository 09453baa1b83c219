"""A database that can't be used as it is."""


class NotReady(Exception):
    """The database can't be used as it is. The message says why, and what to do."""
