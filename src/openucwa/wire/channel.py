"""The event channel as it is served, before it is written in a format (EventChannelDetails.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from openucwa.wire.representation import Link, Representation, Value


class EventType(StrEnum):
    """The type of an event: of a resource, or of an operation (EventsInUCWA.md)."""

    ADDED = "added"
    UPDATED = "updated"
    DELETED = "deleted"
    STARTED = "started"
    COMPLETED = "completed"


class Status(StrEnum):
    """The end of an operation (OperationResource.md)."""

    SUCCESS = "Success"
    FAILURE = "Failure"


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """The reason of an end, in the form of an error (ErrorsAndInformationalMessages.md)."""

    code: str
    subcode: str = ""
    message: str = ""


LIFE = (EventType.ADDED, EventType.UPDATED, EventType.DELETED)
"""The event types in the life of a resource."""


@dataclass(frozen=True, slots=True)
class Target:
    """The resource that an event is about, or the collection that it is in."""

    rel: str
    href: str
    title: str | None = None


@dataclass(slots=True)
class Event:
    """One event. `within` is the collection to which its target was added, or was removed from.

    `status` and `reason` tell how an operation has ended. `more` are further members.
    """

    type: EventType
    target: Target
    within: Target | None = None
    embedded: Representation | None = None
    status: Status | None = None
    reason: Reason | None = None
    more: Mapping[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Sender:
    """The resource that sends some events in succession."""

    rel: str
    href: str
    events: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Package:
    """One response of the event channel. `links` has `next`, with `resync` or not, or `resume`."""

    href: str
    links: Mapping[str, Link]
    senders: Sequence[Sender] = ()
