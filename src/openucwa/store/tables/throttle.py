"""The table of what is throttled: failed sign-ins, and new guests of a meeting.

Each row is a token bucket (the generic cell rate algorithm), and tells when it is full again.
What is counted once moves that on by the time that one more takes.
"""

from collections.abc import Mapping
from datetime import timedelta

from openucwa.domain.deployment import Lifetimes
from openucwa.domain.sign_ins import LONGEST, Allowance
from openucwa.store.table import Rows, Table
from openucwa.wire.dates import milliseconds

_MILLISECOND = timedelta(milliseconds=1)
_ADD = (
    "INSERT INTO throttle (key, full_at) VALUES (:key, :first)"
    " ON CONFLICT (key) DO UPDATE SET full_at ="
    " CASE WHEN throttle.full_at > :now THEN throttle.full_at ELSE :now END + :every"
    " WHERE throttle.full_at <= :latest"
)


class Throttle(Table):
    """A `key` stands for what is counted by: an account, a network, or both."""

    rows = (Rows(name="throttle"),)

    def add(self, key: str, allowance: Allowance) -> bool:
        """Count one more, if the allowance has room for it. Returns whether it was counted."""
        every = allowance.every // _MILLISECOND
        counted = self._connection.execute(
            _ADD,
            {
                "key": key,
                "now": milliseconds(self._now),
                "every": every,
                "first": milliseconds(self._now) + every,
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
        return milliseconds(self._now) + (allowance.at_once - 1) * (allowance.every // _MILLISECOND)

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"throttle_removed": self.sweep()}

    def sweep(self) -> int:
        """Remove the buckets that are full. Returns how many.

        That includes those that a clock has noted which was ahead by more than any takes to fill.
        """
        return self._connection.execute(
            "DELETE FROM throttle WHERE full_at <= :now OR full_at > :latest",
            {
                "now": milliseconds(self._now),
                "latest": milliseconds(self._now) + LONGEST // _MILLISECOND,
            },
        ).rowcount
