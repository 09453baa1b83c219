"""What a command tells its user when it can't do what it was asked."""


class Failure(Exception):
    """The command has failed. The message says why, and what to do."""

    status = 1
    """The exit status."""


class WrongInput(Failure):
    """The command line, the configuration or a file has to be corrected first."""

    status = 2
