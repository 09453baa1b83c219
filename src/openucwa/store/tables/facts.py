"""The log of facts, written in the transaction of what they tell of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from openucwa.domain.channels import Channel
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import Fact, Priority
from openucwa.store.table import Rows, Table
from openucwa.wire.channel import EventType, Reason, Status
from openucwa.wire.dates import from_milliseconds, milliseconds

if TYPE_CHECKING:
    from openucwa.store.transaction import Transaction

_COLUMNS = "position, at, topic, type, kind, keys, collection, priority, status, reason, part"


def _followed(more: str, last: str, channel: str) -> str:
    """Return SQL for the facts that channels of a user follow, each once for each channel.

    `more` are columns of `follows` beside those of the fact, `last` is the last position, and
    `channel` which of the channels.
    """
    columns = "f." + _COLUMNS.replace(" ", " f.") + more
    # In this order, and by the indices of facts on topic, part and position: hence the plus signs.
    # They are two since a part of a topic is found by its own, however much the whole has.
    parts = ("w.part = ''", "w.part <> '' AND f.part = w.part AND f.part <> ''")
    return (
        " UNION ".join(
            f"SELECT {columns} FROM follows w CROSS JOIN facts f WHERE f.topic = w.topic AND {part}"
            " AND w.since < +f.position AND (w.until IS NULL OR w.until >= +f.position)"
            f" AND f.position > :after AND f.position <= {last} AND w.user_id = :user_id{channel}"
            for part in parts
        )
        + " ORDER BY position LIMIT :most"
    )


_CHANNEL = ("user_id", "application_id", "instance_id")
_OF_CHANNEL = " AND w.application_id = :application_id AND w.instance_id = :instance_id"
_TOGETHER = 2000
"""Rows up to which the channels of a user are looked up together."""
_OLDEST = 5000
"""So many are swept at once, so that a sweep does not hold up the writers."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode
_decode_reason = msgspec.json.Decoder(Reason).decode


class Facts(Table):
    """`appended` tells how many this transaction has written."""

    rows = (
        Rows(name="facts"),
        Rows(name="log"),
    )

    def __init__(self, tx: "Transaction") -> None:
        super().__init__(tx)
        self.appended = 0

    def append(
        self,
        topic: str,
        type: EventType,
        kind: str,
        *,
        collection: str = "",
        priority: Priority | None = None,
        status: Status | None = None,
        reason: Reason | None = None,
        part: str = "",
        **keys: str,
    ) -> None:
        """Note what happens now to the entity of a kind and its keys, for those who follow a topic.

        See Fact for the rest.
        """
        self._connection.execute(
            f"INSERT INTO facts ({_COLUMNS}) VALUES ({self._connection.position}, :at, :topic,"
            " :type, :kind, :keys, :collection, :priority, :status, :reason, :part)",
            {
                "ordinal": self.appended,
                "at": milliseconds(self._now),
                "topic": topic,
                "type": type.value,
                "kind": kind,
                "keys": _encode(keys).decode(),
                "collection": collection,
                "priority": priority and priority.value,
                "status": status and status.value,
                "reason": reason and _encode(reason).decode(),
                "part": part,
            },
        )
        self.appended += 1

    def of(
        self, channel: Channel, *, after: int, until: int | None = None, most: int
    ) -> list[Fact]:
        """Return the settled facts that a channel follows, after a position and up to another.

        `most` is the number of facts after which the others are left out.
        """
        last = self._connection.settled if until is None else ":until"
        rows = self._connection.execute(
            _followed("", last, _OF_CHANNEL),
            {
                **dict(zip(_CHANNEL, channel.key, strict=True)),
                "after": after,
                "until": until,
                "most": most,
            },
        ).fetchall()
        return [_fact(*row) for row in rows]

    def next_of(self, channels: Sequence[Channel], *, until: int, most: int) -> list[list[Fact]]:
        """Return what each channel is to be told next, up to a position; of each, `most` at most.

        The channels of one user are looked up together, while they have not too much to be told.
        """
        users: dict[int, list[Channel]] = {}
        for one in channels:
            users.setdefault(one.user_id, []).append(one)
        cursors = {
            user_id: self._connection.execute(
                _followed(", w.application_id, w.instance_id", ":until", ""),
                {
                    "user_id": user_id,
                    "after": min(one.until for one in own),
                    "until": until,
                    "most": _TOGETHER,
                },
            )
            for user_id, own in users.items()
        }
        found: dict[tuple[int, str], list[Fact]] = {}
        facts: dict[int, Fact] = {}
        for user_id, cursor in cursors.items():
            rows = cursor.fetchall()
            if len(rows) == _TOGETHER:
                for one in users[user_id]:
                    found[_name(one)] = self.of(one, after=one.until, until=until, most=most)
                continue
            for *row, application_id, instance_id in rows:
                position = row[0]
                if position not in facts:
                    facts[position] = _fact(*row)
                found.setdefault((application_id, instance_id), []).append(facts[position])
        return [
            [fact for fact in found.get(_name(one), ()) if fact.position > one.until][:most]
            for one in channels
        ]

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
        return self.bounds()[0]

    def forgotten(self) -> int:
        """The position up to which facts may have been forgotten."""
        return self.bounds()[1]

    def bounds(self) -> tuple[int, int]:
        """Return what `latest` and `forgotten` return."""
        latest, forgotten = self._connection.execute(
            f"SELECT {self._connection.settled}, forgotten FROM log", {}
        ).fetchone()
        return int(latest), int(forgotten)

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


def _name(channel: Channel) -> tuple[int, str]:
    return channel.application_id, channel.instance_id


def _fact(
    position: int,
    at: int,
    topic: str,
    type: str,
    kind: str,
    keys: str,
    collection: str,
    priority: str | None,
    status: str | None,
    reason: str | None,
    part: str,
) -> Fact:
    return Fact(
        position=position,
        at=from_milliseconds(at),
        topic=topic,
        type=EventType(type),
        kind=kind,
        keys=_decode(keys),
        collection=collection,
        priority=None if priority is None else Priority(priority),
        status=None if status is None else Status(status),
        reason=None if reason is None else _decode_reason(reason),
        part=part,
    )
