"""Facts: what has happened to entities, for those who follow a topic (EventsInUCWA.md).

A fact names what has changed by its keys, and holds nothing of it: whoever is told of it reads the
rest as it is then, and as that viewer may see it.
"""

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from openucwa.wire.channel import EventType, Reason, Status


class Priority(StrEnum):
    """The priority of a fact."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"


class Fact(msgspec.Struct, kw_only=True, frozen=True):
    """Something that has happened to the entity of a kind and its keys.

    `position` is its place in the order of all facts. `collection` names where the entity came to,
    or what it has left, where that is not what it always belongs to. `priority` is that of this one
    fact, where it differs from that of its kind. `status` and `reason` tell how an operation ended.
    `part` is the part of the topic that it belongs to: some follow that alone.
    """

    position: int
    at: datetime
    topic: str
    type: EventType
    kind: str
    keys: Mapping[str, str]
    collection: str = ""
    priority: Priority | None = None
    status: Status | None = None
    reason: Reason | None = None
    part: str = ""


def of_user(user_id: int) -> str:
    """The topic of what all applications of a user hear of."""
    return f"user/{user_id}"


def of_meetings(organizer_id: int) -> str:
    """The topic of the meetings that a user organizes; each meeting is a part of it."""
    return f"meetings/{organizer_id}"


def of_conversation(conversation_id: str) -> str:
    """The topic of what everybody inside a conversation hears of."""
    return f"conversation/{conversation_id}"


def of_leaders(conversation_id: str) -> str:
    """The topic of what the leaders of a meeting hear of, beside that."""
    return f"leaders/{conversation_id}"


def of_attendees(conversation_id: str) -> str:
    """The topic of what all others in a meeting hear of."""
    return f"attendees/{conversation_id}"


def of_application(application_id: int) -> str:
    """The topic of what concerns one application."""
    return f"application/{application_id}"


def of_channel(application_id: int, instance_id: str) -> str:
    """The topic of what concerns one event channel of an application."""
    return f"channel/{application_id}/{instance_id}"


def of_messages(conversation_id: str) -> str:
    """The topic of what all who take messages in a conversation hear of."""
    return f"messages/{conversation_id}"


_NEW = (EventType.ADDED, EventType.STARTED)
_LAST = (EventType.DELETED, EventType.COMPLETED)


class Happening(Protocol):
    """An event of a target, or of its place in a collection."""

    @property
    def target(self) -> Hashable: ...
    @property
    def type(self) -> EventType: ...
    @property
    def collection(self) -> str: ...
    @property
    def is_kept(self) -> bool: ...


H = TypeVar("H", bound=Happening)


def aggregated(happenings: Iterable[H]) -> list[H]:
    """Return the events that are left, in their order, when only the latest state counts.

    Whoever is told of a resource sees it as it is now. So its updates are one, the last; what is
    new needs no update; and of what has gone, or has completed, nothing else needs to be told. That
    it has gone is told even when all of its life is in here: a client may have fetched it
    meanwhile. It comes to each collection, and leaves it, apart from the others. What `is_kept` is
    told in any case.
    """
    told: dict[int, H] = {}
    lives: dict[Hashable, dict[str, dict[int, EventType]]] = {}
    for number, one in enumerate(happenings):
        places = lives.setdefault(one.target, {})
        before = places.setdefault(one.collection, {})
        if one.is_kept:
            told[number] = one
            continue
        if one.type is EventType.UPDATED and next(reversed(before.values()), None) in _NEW:
            continue
        needless = [] if one.type in _NEW else [*before]
        if not one.collection and one.type in _LAST:  # it has left all collections
            needless += (
                earlier
                for place in places.values()
                for earlier, type in place.items()
                if place is not before and type is not EventType.DELETED
            )
        for earlier in needless:
            del told[earlier]
            for place in places.values():
                place.pop(earlier, None)
        before[number] = one.type
        told[number] = one
    return list(told.values())
