"""Failures of commands, each with a message for the user and an exit status.

The exit statuses of all commands are here, and docs/reference/command-line.md lists them.
"""


class Failure(Exception):
    """The command has failed. The message says why, and what to do.

    Notes (`add_note`) follow the message on lines of their own. With `decided` the command has not
    done it since the person did not want it: nothing has gone wrong.
    """

    status = 1
    """The exit status."""

    def __init__(self, message: str = "", *, decided: bool = False) -> None:
        super().__init__(message)
        self.decided = decided


class WrongInput(Failure):
    """The command line, the configuration or a file has to be corrected first."""

    status = 2


class SignInNeeded(Failure):
    """Nobody is signed in, or the server does not take the password or the token."""

    status = 3


class Clash(Failure):
    """Somebody else has changed the meeting, and what was wanted is not saved."""

    status = 4


class NotThere(Failure):
    """There is no such meeting, version or delegate; or it has been cancelled meanwhile."""

    status = 5


class Unreachable(Failure):
    """No server answers, or not for now: the same may work later."""

    status = 6


class Stopped(Failure):
    """The person has pressed Ctrl+C."""

    status = 130
