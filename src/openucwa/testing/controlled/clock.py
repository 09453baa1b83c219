"""The time of a server, which goes on by itself and can be advanced."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

LONGEST = timedelta(days=3650)
"""The most by which a clock can be ahead."""


class Clock:
    """The time that is written and compared: the system's, and how far it has been advanced.

    A file remembers how far, so that a server which was killed goes on at the same time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._set(timedelta(seconds=float(file.read_text()) if file.exists() else 0.0))
        self.passed = 0.0
        """Seconds by which it was advanced in this process. No reset takes these back."""

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, span: timedelta) -> None:
        """Let that much time pass at once. Raises ValueError beyond LONGEST."""
        if not timedelta() < span <= LONGEST - self.ahead:
            raise ValueError(f"must be more than 0 seconds, and {LONGEST.days} days in all")
        self._set(self.ahead + span)
        self.passed += span.total_seconds()

    def reset(self) -> None:
        """Go back to the system's time."""
        self._set(timedelta())

    def _set(self, ahead: timedelta) -> None:
        self.ahead = ahead
        self._file.write_text(str(ahead.total_seconds()))


class Loop(asyncio.SelectorEventLoop):
    """An event loop on whose timers the clock works: a pending GET ends when its time has come.

    Its time never goes back, or all that waits would wait for as much longer.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__()

    def time(self) -> float:
        return super().time() + self._clock.passed
