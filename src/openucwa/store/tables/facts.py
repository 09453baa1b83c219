"""The log of facts, written in the transaction of what they tell of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import Fact
from openucwa.store.table import Rows, Table
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds

if TYPE_CHECKING:
    from openucwa.store.transaction import Transaction

_COLUMNS = "position, at, topic, type, rel, keys"
_OLDEST = 5000
"""So many are swept at once, so that a sweep does not hold up the writers."""

_ALL = 2**31

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class Facts(Table):
    """`appended` tells how many this transaction has written."""

    rows = (
        Rows(name="facts"),
        Rows(name="log"),
    )

    def __init__(self, tx: "Transaction") -> None:
        super().__init__(tx)
        self.appended = 0

    def append(self, owner_id: int, topic: str, type: EventType, rel: str, **keys: str) -> None:
        """Note what happens now to the resource of a rel, with its keys in the path.

        `owner_id` is the user whose channels follow the topic.
        """
        self._connection.execute(
            "INSERT INTO facts (position, owner_id, at, topic, type, rel, keys) VALUES"
            f" ({self._connection.position}, :owner_id, :at, :topic, :type, :rel, :keys)",
            {
                "ordinal": self.appended,
                "owner_id": owner_id,
                "at": milliseconds(self._now),
                "topic": topic,
                "type": type.value,
                "rel": rel,
                "keys": _encode(keys).decode(),
            },
        )
        self.appended += 1

    def of(
        self,
        owner_id: int,
        topics: Sequence[str],
        *,
        after: int,
        until: int | None = None,
        most: int | None = None,
    ) -> list[Fact]:
        """Return the settled facts of some topics of a user after a position, and up to another.

        `most` is the number of facts after which the others are left out.
        """
        named = {f"topic{number}": topic for number, topic in enumerate(topics)}
        last = self._connection.settled if until is None else ":until"
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM facts WHERE owner_id = :owner_id"
            f" AND position > :after AND position <= {last}"
            f" AND topic IN ({', '.join(f':{name}' for name in named)}) ORDER BY position"
            " LIMIT :most",
            {
                **named,
                "owner_id": owner_id,
                "after": after,
                "until": until,
                "most": _ALL if most is None else most,
            },
        ).fetchall()
        return [_fact(*row) for row in rows]

    def after(self, position: int) -> tuple[list[Fact], bool]:
        """All settled facts after a position, and whether there are some that are not settled.

        Those are not read: they may be many, while somebody's transaction takes long.
        """
        settled = self._connection.settled
        found = self._connection.execute(
            f"SELECT {_COLUMNS} FROM facts WHERE position > :position AND position <= {settled}"
            " ORDER BY position",
            {"position": position},
        )
        others = self._connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM facts WHERE position > {settled})", {}
        )
        (more,) = others.fetchone()
        return [_fact(*row) for row in found.fetchall()], bool(more)

    def latest(self) -> int:
        """The position up to which all that happens has been written."""
        (position,) = self._connection.execute(f"SELECT {self._connection.settled}", {}).fetchone()
        return int(position)

    def forgotten(self) -> int:
        """The position up to which facts may have been forgotten."""
        (position,) = self._connection.execute("SELECT forgotten FROM log", {}).fetchone()
        return int(position)

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"facts_forgotten": self.sweep(self._now - lifetimes.fact)}

    def sweep(self, before: datetime) -> int:
        """Forget what happened before then, some at a time. Returns how many.

        Facts go in their order, whatever the clock said: `forgotten` relies on it. The last one
        stays: SQLite reckons the position of the next from it.
        """
        (first,) = self._connection.execute(
            "SELECT coalesce(min(position) FILTER (WHERE at >= :before), max(position), 0)"
            " FROM (SELECT position, at FROM facts"
            f" WHERE position <= {self._connection.settled} ORDER BY position LIMIT :most) oldest",
            {"before": milliseconds(before), "most": _OLDEST},
        ).fetchone()
        count = self._connection.execute(
            "DELETE FROM facts WHERE position < :first", {"first": first}
        ).rowcount
        if count:
            self._connection.execute(
                "UPDATE log SET forgotten = :forgotten", {"forgotten": first - 1}
            )
        return count


def _fact(position: int, at: int, topic: str, type: str, rel: str, keys: str) -> Fact:
    return Fact(
        position=position,
        at=from_milliseconds(at),
        topic=topic,
        type=EventType(type),
        rel=rel,
        keys=_decode(keys),
    )
