"""The event channel: who told what about whom."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.bodies import EVENT_TYPES, Body, Members
from tests.conformance.documented import Documented
from tests.conformance.failures import reason_findings
from tests.conformance.finding import Finding, unlisted
from tests.conformance.places import Place
from tests.conformance.served import ResourceCheck
from tests.conformance.tables import Event

CHANNEL_MEMBERS = frozenset({"_links", "sender", "rel"})
CHANNEL_LINKS = frozenset({"self", "next", "resume", "resync"})
SENDER_MEMBERS = frozenset({"rel", "href", "events"})
EVENT_MEMBERS = frozenset({"link", "in", "type", "status", "reason", "_embedded"})
LINK_MEMBERS = frozenset({"rel", "href", "title", "revision"})
STATUSES = frozenset({"Success", "Failure"})


def is_channel(place: Place) -> bool:
    return any(resource.rel == "events" for resource in place.resources)


def event_findings(documented: Documented, body: Body) -> Iterator[Finding]:
    """The body of a pending GET."""
    for name in body.members.keys() - CHANNEL_MEMBERS:
        yield unlisted(
            f"the event channel has no documented member {name}", "events", "property", name
        )
    if body.members.get("rel", "events") != "events":
        yield Finding(f"the event channel may not call itself {body.members['rel']!r}")
    links = body.members.get("_links")
    links = links if isinstance(links, dict) else {}
    yield from channel_link_findings(links)
    senders = body.members.get("sender", [] if "resync" in links else None)
    if not isinstance(senders, list):
        yield Finding("the event channel must have an array sender, even an empty one")
        return
    for sender in senders:
        yield from sender_findings(documented, body, sender)


def channel_link_findings(links: Members) -> Iterator[Finding]:
    for rel in links.keys() - CHANNEL_LINKS:
        yield unlisted(f"the event channel has no documented link {rel}", "events", "link", rel)
    if not links.keys() & (CHANNEL_LINKS - {"self"}):
        yield Finding("the event channel has none of the links next, resume and resync")
    for rel, value in links.items():
        target = value[0] if isinstance(value, list) and value else value
        href = target.get("href") if isinstance(target, dict) else None
        if not isinstance(href, str):
            yield Finding(f"the link {rel} of the event channel has no href")
        elif rel != "self" and "?" not in href:
            yield Finding(f"clients append to the link {rel}: it must have a query already")


def sender_findings(documented: Documented, body: Body, sender: object) -> Iterator[Finding]:
    if not isinstance(sender, dict):
        yield Finding(f"a sender must be an object, not {sender!r}")
        return
    for name in sender.keys() ^ SENDER_MEMBERS:
        yield Finding(f"a sender has rel, href and events, and nothing else: {name}")
    events = sender.get("events")
    for event in events if isinstance(events, list) else []:
        if isinstance(event, dict):
            yield from one_event_findings(documented, body, str(sender.get("rel")), event)
        else:
            yield Finding(f"an event must be an object, not {event!r}")


def one_event_findings(
    documented: Documented, body: Body, sender: str, event: Members
) -> Iterator[Finding]:
    for name in event.keys() & {"link", "in"}:
        yield from link_findings(name, event[name])
    if event.get("status", "Success") not in STATUSES:
        yield Finding(f"an event has no documented status {event['status']!r}")
    link = event.get("link")
    target = str(link.get("rel")) if isinstance(link, dict) else "(no link)"
    for name in event.keys() - EVENT_MEMBERS:
        if not documented.adds_event_member(target, name):
            yield unlisted(
                f"an event has no documented member {name}", target, "event member", name
            )
    yield from kind_findings(documented, Event(sender, target, str(event.get("type"))))
    if "reason" in event:
        yield from reason_findings(documented, body, event["reason"])
    if "_embedded" in event:
        yield from embedded_findings(documented, body, target, event["_embedded"])


def link_findings(name: str, link: object) -> Iterator[Finding]:
    if not isinstance(link, dict) or not isinstance(link.get("href"), str) or "rel" not in link:
        yield Finding(f"'{name}' of an event must have rel and href")
    elif unknown := link.keys() - LINK_MEMBERS:
        yield Finding(f"'{name}' of an event has an attribute {', '.join(sorted(unknown))}")


def kind_findings(documented: Documented, event: Event) -> Iterator[Finding]:
    if event.type not in EVENT_TYPES:
        yield Finding(f"no event is of the type {event.type}")
    elif event not in documented.tables.events and not documented.adds_event(event):
        yield unlisted(
            f"no page documents the event {event}",
            event.sender,
            "event",
            f"{event.target} {event.type}",
        )


def embedded_findings(
    documented: Documented, body: Body, target: str, embedded: object
) -> Iterator[Finding]:
    if not isinstance(embedded, dict) or target not in embedded:
        yield Finding(f"an event about {target} must embed it under that name")
        return
    check = ResourceCheck(documented, body)
    for rel, members in embedded.items():
        if isinstance(members, dict):
            yield from check.resource(rel, members)
        else:
            yield Finding(f"{rel}, embedded in an event, is no object")
