"""The table of what requests have made that may be repeated."""

from datetime import datetime

import msgspec

from openucwa.domain.repeats import KEPT, Made
from openucwa.store.connection import Connection
from openucwa.wire.dates import milliseconds

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class IdempotencyKeys:
    """A `key` stands for one request of one user."""

    __slots__ = ("_connection", "_now")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def get(self, user_id: int, key: str) -> Made | None:
        """What the request has made; None when it was not made before.

        No other transaction makes it for the same user meanwhile.
        """
        self._connection.alone(user_id)
        row = self._connection.execute(
            "SELECT request, made FROM idempotency_keys WHERE user_id = :user_id AND key = :key",
            {"user_id": user_id, "key": key},
        ).fetchone()
        return Made(request=row[0], keys=_decode(row[1])) if row else None

    def add(self, user_id: int, key: str, made: Made) -> None:
        """Note what the request has made."""
        self._connection.execute(
            "INSERT INTO idempotency_keys (user_id, key, request, made, at)"
            " VALUES (:user_id, :key, :request, :made, :at)",
            {
                "user_id": user_id,
                "key": key,
                "request": made.request,
                "made": _encode(made.keys).decode(),
                "at": milliseconds(self._now),
            },
        )

    def sweep(self) -> int:
        """Remove the keys that have been kept long enough. Returns how many.

        That includes what a clock has noted which was ahead by more than that.
        """
        return self._connection.execute(
            "DELETE FROM idempotency_keys WHERE at <= :since OR at > :until",
            {"since": milliseconds(self._now - KEPT), "until": milliseconds(self._now + KEPT)},
        ).rowcount
