"""The table of what is throttled: failed sign-ins, and new guests of a meeting.

Each row is a token bucket (the generic cell rate algorithm), and tells when it is full again.
What is counted once moves that on by the time that one more takes.
"""

from datetime import datetime, timedelta

from openucwa.domain.sign_ins import LONGEST, Allowance
from openucwa.store.connection import Connection
from openucwa.wire.dates import milliseconds

_MILLISECOND = timedelta(milliseconds=1)
_ADD = (
    "INSERT INTO throttle (key, full_at) VALUES (:key, :first)"
    " ON CONFLICT (key) DO UPDATE SET full_at ="
    " CASE WHEN throttle.full_at > :now THEN throttle.full_at ELSE :now END + :every"
    " WHERE throttle.full_at <= :latest"
)


class Throttle:
    """A `key` stands for what is counted by: an account, a network, or both."""

    __slots__ = ("_connection", "_now")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = milliseconds(now)

    def add(self, key: str, allowance: Allowance) -> bool:
        """Count one more, if the allowance has room for it. Returns whether it was counted."""
        every = allowance.every // _MILLISECOND
        counted = self._connection.execute(
            _ADD,
            {
                "key": key,
                "now": self._now,
                "every": every,
                "first": self._now + every,
                "latest": self._latest(allowance),
            },
        )
        return counted.rowcount == 1

    def wait(self, key: str, allowance: Allowance) -> timedelta:
        """Return the time until there is room for one more: none where there is now."""
        row = self._connection.execute(
            "SELECT full_at FROM throttle WHERE key = :key", {"key": key}
        ).fetchone()
        return max(0, row[0] - self._latest(allowance)) * _MILLISECOND if row else timedelta()

    def _latest(self, allowance: Allowance) -> int:
        """Return when a bucket that has room for one more is full again at the latest."""
        return self._now + (allowance.at_once - 1) * (allowance.every // _MILLISECOND)

    def sweep(self) -> int:
        """Remove the buckets that are full. Returns how many.

        That includes those that a clock has noted which was ahead by more than any takes to fill.
        """
        return self._connection.execute(
            "DELETE FROM throttle WHERE full_at <= :now OR full_at > :latest",
            {"now": self._now, "latest": self._now + LONGEST // _MILLISECOND},
        ).rowcount
