"""The table of what requests have made that may be repeated."""

from collections.abc import Mapping

import msgspec

from openucwa.domain.deployment import Lifetimes
from openucwa.domain.repeats import KEPT, Made
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.wire.dates import milliseconds

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class IdempotencyKeys(Table):
    """A `key` stands for one request of one user."""

    rows = (Rows(name="idempotency_keys", owner="user_id"),)

    def get(self, user_id: int, key: str) -> Made | None:
        """Return what the request has made; None when it was not made before.

        No other transaction makes it for the same user meanwhile.
        """
        self._connection.alone(turn_of_user(user_id))
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

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"idempotency_keys_removed": self.sweep()}

    def sweep(self) -> int:
        """Remove the keys that have been kept long enough. Returns how many.

        That includes what a clock has noted which was ahead by more than that.
        """
        return self._connection.execute(
            "DELETE FROM idempotency_keys WHERE at <= :since OR at > :until",
            {"since": milliseconds(self._now - KEPT), "until": milliseconds(self._now + KEPT)},
        ).rowcount
