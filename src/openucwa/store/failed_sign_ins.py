"""The table of sign-ins that failed, for as long as they count."""

from datetime import datetime

from openucwa.domain.sign_ins import WINDOW
from openucwa.store.connection import Connection
from openucwa.wire.dates import from_milliseconds, milliseconds

_ADD = (
    "INSERT INTO failed_sign_ins (key, number, at) VALUES (:key,"
    " (SELECT coalesce(max(number), 0) + 1 FROM failed_sign_ins WHERE key = :key), :at)"
    " ON CONFLICT (key, number) DO NOTHING"
)


class FailedSignIns:
    """A `key` stands for what failures are counted by: an account, or an address."""

    __slots__ = ("_connection", "_now")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, key: str, most: int) -> bool:
        """Count one more, unless there are `most` already. Returns whether it was counted.

        Failures are numbered: of two that come at the same time, one finds its number taken, and
        looks again.
        """
        while self.opens(key, most) is None:
            parameters = {"key": key, "at": milliseconds(self._now)}
            if self._connection.execute(_ADD, parameters).rowcount:
                return True
        return False

    def opens(self, key: str, most: int) -> datetime | None:
        """When there are fewer than `most` again; None when there are now."""
        row = self._connection.execute(
            "SELECT at FROM failed_sign_ins WHERE key = :key AND at > :since"
            " ORDER BY at DESC LIMIT 1 OFFSET :others",
            {"key": key, "since": milliseconds(self._now - WINDOW), "others": most - 1},
        ).fetchone()
        return from_milliseconds(row[0]) + WINDOW if row else None

    def sweep(self) -> int:
        """Remove those that count no more. Returns how many.

        That includes what a clock has noted which was ahead by more than they count at all.
        """
        return self._connection.execute(
            "DELETE FROM failed_sign_ins WHERE at <= :since OR at > :until",
            {
                "since": milliseconds(self._now - WINDOW),
                "until": milliseconds(self._now + WINDOW),
            },
        ).rowcount
