"""Facts: what has happened to resources, for those who follow a topic (EventsInUCWA.md).

A fact names what has changed by its keys, and holds nothing of it: whoever is told of it reads the
rest as it is then, and as that viewer may see it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from openucwa.wire.channel import EventType


class Priority(StrEnum):
    """How soon a fact must be told."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"


class Fact(msgspec.Struct, kw_only=True, frozen=True):
    """Something that has happened to the resource of a rel and its keys in the path.

    `position` is its place in the order of all facts.
    """

    position: int
    at: datetime
    topic: str
    type: EventType
    rel: str
    keys: Mapping[str, str]


def of_user(user_id: int) -> str:
    """The topic of what all applications of a user hear of."""
    return f"user/{user_id}"


def of_application(application_id: int) -> str:
    """The topic of what concerns one application."""
    return f"application/{application_id}"


def of_channel(application_id: int, instance_id: str) -> str:
    """The topic of what concerns one event channel of an application."""
    return f"channel/{application_id}/{instance_id}"


_NEW = (EventType.ADDED, EventType.STARTED)


def aggregated(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that are left to tell, in their order, when only the latest state counts.

    Whoever is told of a resource sees it as it is now. So its updates are one, the last; what is
    new needs no update; and of what has gone, or has completed, nothing else needs to be told. That
    it has gone is told even when all of its life is in these facts: a client may have fetched it
    meanwhile.
    """
    told: dict[int, Fact] = {}
    by_target: dict[object, list[Fact]] = {}
    for fact in facts:
        before = by_target.setdefault((fact.rel, *sorted(fact.keys.items())), [])
        if fact.type is EventType.UPDATED and before and before[-1].type in _NEW:
            continue
        if fact.type not in _NEW:
            for one in before:
                del told[one.position]
            before.clear()
        before.append(fact)
        told[fact.position] = fact
    return list(told.values())
