"""The log of facts, written in the transaction of what they tell of."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from openucwa.domain.facts import Fact
from openucwa.store.connection import Connection
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds

_APPEND = "INSERT INTO facts (at, topic, type, rel, keys) VALUES (:at, :topic, :type, :rel, :keys)"
_SELECT = "SELECT position, at, topic, type, rel, keys FROM facts"
_OLDEST = "SELECT position, at FROM facts ORDER BY position LIMIT 5000"
"""So many at once, so that a sweep does not hold up the writers."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class Facts:
    """`appended` tells whether this transaction has written one."""

    __slots__ = ("_connection", "_now", "appended")

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self.appended = False

    def append(self, topic: str, type: EventType, rel: str, **keys: str) -> None:
        """Note what happens now to the resource of a rel, with its keys in the path."""
        self._connection.execute(
            _APPEND,
            {
                "at": milliseconds(self._now),
                "topic": topic,
                "type": type.value,
                "rel": rel,
                "keys": _encode(keys).decode(),
            },
        )
        self.appended = True

    def of(self, topics: Sequence[str], *, after: int, until: int | None = None) -> list[Fact]:
        """The facts of some topics after a position, and up to another."""
        named = {f"topic{number}": topic for number, topic in enumerate(topics)}
        before = "" if until is None else " AND position <= :until"
        rows = self._connection.execute(
            f"{_SELECT} WHERE topic IN ({', '.join(f':{name}' for name in named)})"
            f" AND position > :after{before} ORDER BY position",
            {**named, "after": after, "until": until},
        ).fetchall()
        return [_fact(*row) for row in rows]

    def after(self, position: int) -> list[Fact]:
        """All facts after a position."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE position > :position ORDER BY position", {"position": position}
        ).fetchall()
        return [_fact(*row) for row in rows]

    def latest(self) -> int:
        """The position of the last fact, 0 before the first."""
        row = self._connection.execute("SELECT max(position) FROM facts", {}).fetchone()
        return row[0] or 0

    def forgotten(self) -> int:
        """The position up to which facts may have been forgotten."""
        row = self._connection.execute("SELECT min(position) FROM facts", {}).fetchone()
        return (row[0] or 1) - 1

    def sweep(self, before: datetime) -> int:
        """Forget what happened before then, some at a time. Returns how many.

        Facts go in their order, whatever the clock said: `forgotten` relies on it. The last one
        stays: the position of the next is reckoned from it.
        """
        return self._connection.execute(
            "DELETE FROM facts WHERE position <"
            " (SELECT coalesce(min(position) FILTER (WHERE at >= :before), max(position))"
            f" FROM ({_OLDEST}) oldest)",
            {"before": milliseconds(before)},
        ).rowcount


def _fact(position: int, at: int, topic: str, type: str, rel: str, keys: str) -> Fact:
    return Fact(
        position=position,
        at=from_milliseconds(at),
        topic=topic,
        type=EventType(type),
        rel=rel,
        keys=_decode(keys),
    )
