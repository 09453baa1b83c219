"""Events: what the server tells of, package by package (EventChannelDetails.md, events_ref.md)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from openucwa.client.change import Change, change_in
from openucwa.client.meeting import Meeting
from openucwa.client.resource import Resource

__all__ = ["Event", "EventType", "Target"]

_MEETINGS = frozenset({"myOnlineMeeting", "myAssignedOnlineMeeting", "sharedOnlineMeeting"})


class EventType(StrEnum):
    """The type of an event.

    `added`, `updated` and `deleted` tell of resources; `started`, `updated` and `completed` of
    operations. `resync` is the client's own: events may have been missed, so read again all that
    you keep.
    """

    ADDED = "added"
    UPDATED = "updated"
    DELETED = "deleted"
    STARTED = "started"
    COMPLETED = "completed"
    RESYNC = "resync"


@dataclass(frozen=True, slots=True)
class Target:
    """A resource that an event names, by its `rel` and its `href`.

    `title` is what people call it, where the server tells.
    """

    rel: str
    href: str
    title: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    `type` says what has happened; `rel` and `href` name what it is about, `sender` who tells it,
    `within` the collection that a resource came to or has left. `resource` is what it is about, as
    it was when the server told it; None where the server leaves it to the client to fetch it.
    `status` and `reason` tell how an operation ended. `title` is what people call what it is about,
    where the server tells. `raw` is the JSON as it came.

    A type that a later server may have is a plain string.
    """

    type: EventType | str
    rel: str
    href: str
    sender: Target
    within: Target | None = None
    resource: Resource | None = None
    status: str | None = None
    reason: Mapping[str, object] | None = field(default=None, hash=False)
    raw: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)
    title: str = field(default="", repr=False, compare=False)

    @property
    def meeting(self) -> Meeting | None:
        """The meeting in it, if it is about one that was added or changed."""
        if self.resource is None or self.resource.rel not in _MEETINGS:
            return None
        return Meeting(self.resource)

    @property
    def change(self) -> Change | None:
        """The latest change of what is in it, and who made it, if the server tells.

        It is not what the event is about if the resource has the ETag that it had before.
        """
        found = change_in(self.raw)
        return found if found.properties else None

    @property
    def sender_rel(self) -> str:
        """The rel of the resource that tells it."""
        return self.sender.rel


@dataclass(frozen=True, slots=True)
class Package:
    """One answer of the event channel.

    `onwards` is the address to ask next, None where there is none. `is_gap` tells that events may
    be missing before those to come.
    """

    events: Sequence[Event]
    onwards: str | None
    is_gap: bool

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> "Package":
        """Read the JSON of an answer; anything in it that can't be understood is passed over.

        `resync` says that the request was astray, `resume` that the client was away for too long.
        Either takes the place of `next`; where a server sends both, `next` is for clients that
        know no other.
        """
        package = Resource.parse(raw)
        gap = package.link("resync") or package.link("resume")
        return cls(tuple(_events(raw.get("sender"))), gap or package.link("next"), gap is not None)


def resync(application: Resource) -> Event:
    """The event that tells that others may be missing."""
    told_by = Target(application.rel, application.href)
    return Event(EventType.RESYNC, told_by.rel, told_by.href, told_by)


def _events(senders: object) -> Iterator[Event]:
    for sender in _objects(senders):
        for raw in _objects(sender.get("events")):
            told_by = _target(sender)
            target = _target(raw.get("link"))
            if told_by is not None and target is not None:
                yield _event(raw, told_by, target)


def _event(raw: Mapping[str, object], sender: Target, target: Target) -> Event:
    reason = raw.get("reason")
    return Event(
        type=_type(raw.get("type")),
        rel=target.rel,
        href=target.href,
        sender=sender,
        within=_target(raw.get("in")),
        resource=_resource(raw.get("_embedded"), target),
        status=_text(raw.get("status")),
        reason=reason if isinstance(reason, Mapping) else None,
        raw=raw,
        title=target.title,
    )


def _type(found: object) -> EventType | str:
    text = _text(found) or ""
    return EventType(text) if text in _SERVED else text


_SERVED = frozenset(EventType) - {EventType.RESYNC}


def _target(found: object) -> Target | None:
    """None for what has no address."""
    if not isinstance(found, Mapping):
        return None
    href = _text(found.get("href"))
    if not href:
        return None
    return Target(_text(found.get("rel")) or "", href, _text(found.get("title")) or "")


def targets(resource: Resource, rel: str) -> list[Target]:
    """The links of a rel, with their titles."""
    links = resource.raw.get("_links")
    found = links.get(rel) if isinstance(links, Mapping) else None
    return [one for raw in _objects(found) if (one := _target({"rel": rel, **raw})) is not None]


def _resource(embedded: object, target: Target) -> Resource | None:
    """Return the resource that an event embeds under the rel of its link, or as the only one."""
    if not isinstance(embedded, Mapping):
        return None
    if target.rel not in embedded and len(embedded) != 1:
        return None
    rel = target.rel if target.rel in embedded else next(iter(embedded))
    found = next(iter(_objects(embedded[rel])), None)
    return None if found is None else Resource.parse(found, target.href, rel=rel)


def _objects(found: object) -> Iterator[Mapping[str, object]]:
    """The objects of an array, or one that stands alone."""
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, Mapping):
            yield one


def _text(found: object) -> str | None:
    return found if isinstance(found, str) else None
