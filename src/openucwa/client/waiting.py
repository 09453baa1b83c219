"""Exceptions that end a long wait for the server, besides its answer."""

import time

__all__ = ["LOOK_EVERY", "Slept", "Stopped", "Watch"]

LOOK_EVERY = 1.0
"""Seconds."""
_ASLEEP = 10.0
"""Seconds: a machine that is merely busy does not stand still for so long."""


class Stopped(Exception):
    """The wait was ended, by closing what waits."""


class Slept(Exception):
    """The machine slept meanwhile, so the connection is most likely dead, and nobody tells so."""


class Watch:
    """Notices that the machine has slept: its clock went on, and nothing else did.

    The clock that only ever goes forward stands still meanwhile, on some systems, and with it every
    timeout. A clock that was set by hand is taken for sleep, too, which costs one request.
    """

    def __init__(self) -> None:
        self._seen = time.time()

    def look(self) -> None:
        """To be called every LOOK_EVERY seconds. Raises Slept."""
        before, self._seen = self._seen, time.time()
        if self._seen - before > LOOK_EVERY + _ASLEEP:
            raise Slept
