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


def aggregated(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that are left to tell, in their order, when only the latest state counts.

    Whoever is told of a resource sees it as it is now. So its updates are one, the last; what was
    added needs no update; what was deleted had none, and never was there if it was added as well.
    An operation that has completed needs no earlier word.
    """
    told: list[Fact | None] = []
    last: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}  # where a resource was told of
    for fact in facts:
        target = (fact.rel, tuple(sorted(fact.keys.items())))
        at = last.get(target)
        before = None if at is None else told[at]
        if at is not None and before is not None:
            outcome = _OUTCOME.get((before.type, fact.type), _BOTH)
            if outcome == _FORMER:
                continue
            if outcome in (_LATTER, _NEITHER):
                told[at] = None
                del last[target]
            if outcome == _NEITHER:
                continue
        last[target] = len(told)
        told.append(fact)
    return [fact for fact in told if fact is not None]


_FORMER, _LATTER, _NEITHER, _BOTH = "former", "latter", "neither", "both"
_OUTCOME = {
    (EventType.UPDATED, EventType.UPDATED): _LATTER,
    (EventType.UPDATED, EventType.DELETED): _LATTER,
    (EventType.ADDED, EventType.UPDATED): _FORMER,
    (EventType.ADDED, EventType.DELETED): _NEITHER,
    (EventType.STARTED, EventType.UPDATED): _FORMER,
    (EventType.STARTED, EventType.COMPLETED): _LATTER,
    (EventType.UPDATED, EventType.COMPLETED): _LATTER,
}
"""Which of two facts in succession about one resource is told; both where this says nothing."""
