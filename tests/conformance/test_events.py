"""The event channel."""

from __future__ import annotations

import pytest

from tests.conformance.asking import assert_found, findings, with_links, without
from tests.conformance.examples import (
    APPLICATION,
    EVENTS,
    ME,
    RESYNC,
    UPDATED_ME,
    served,
    serving,
    told,
)
from tests.conformance.oracle import Exchange


def test_accepts_an_empty_response_of_the_event_channel() -> None:
    assert findings(serving(EVENTS, {**served(EVENTS), "sender": []})) == []


SPOILT_CHANNELS: dict[str, tuple[Exchange, str]] = {
    "no sender": (
        serving(EVENTS, without(served(EVENTS), "sender")),
        "must have an array sender",
    ),
    "an unknown member": (
        serving(EVENTS, {**served(EVENTS), "count": 0}),
        "the event channel has no documented member count",
    ),
    "another rel": (
        serving(EVENTS, {**served(EVENTS), "rel": "channel"}),
        "may not call itself 'channel'",
    ),
    "an unknown link": (
        serving(EVENTS, with_links(served(EVENTS), previous={"href": "/?ack=1"})),
        "the event channel has no documented link previous",
    ),
    "no link onward": (
        serving(EVENTS, {**served(EVENTS), "_links": {}}),
        "none of the links next, resume and resync",
    ),
    "a link without href": (
        serving(RESYNC, {"_links": {"resync": {}}}),
        "the link resync of the event channel has no href",
    ),
    "a next link without a query": (
        serving(EVENTS, with_links(served(EVENTS), next={"href": f"{APPLICATION}/events"})),
        "clients append to the link next",
    ),
    "a sender that is none": (
        serving(EVENTS, {**served(EVENTS), "sender": ["me"]}),
        "a sender must be an object",
    ),
    "a sender without events": (
        serving(EVENTS, {**served(EVENTS), "sender": [{"rel": "me", "href": ME}]}),
        "a sender has rel, href and events, and nothing else: events",
    ),
    "an event that is none": (
        serving(EVENTS, {**served(EVENTS), "sender": [{"rel": "me", "href": ME, "events": [1]}]}),
        "an event must be an object",
    ),
    "an embedded resource that is none": (
        told({**UPDATED_ME, "_embedded": {"me": ME}}),
        "me, embedded in an event, is no object",
    ),
    "an event of an unknown type": (
        told({**UPDATED_ME, "type": "moved"}),
        "no event is of the type moved",
    ),
    "an event that no page documents": (
        told({**UPDATED_ME, "type": "deleted"}),
        "no page documents the event me -> me deleted",
    ),
    "an unknown member of an event": (
        told({**UPDATED_ME, "priority": "High"}),
        "an event has no documented member priority",
    ),
    "an unknown status": (told({**UPDATED_ME, "status": "Maybe"}), "no documented status 'Maybe'"),
    "a target without href": (
        told({**UPDATED_ME, "link": {"rel": "me"}}),
        "'link' of an event must have rel and href",
    ),
    "an unknown attribute of a target": (
        told({**UPDATED_ME, "in": {"rel": "me", "href": ME, "id": "1"}}),
        "'in' of an event has an attribute id",
    ),
    "an embedded resource under another name": (
        told({**UPDATED_ME, "_embedded": {"note": {}}}),
        "an event about me must embed it under that name",
    ),
    "a fault in an embedded resource": (
        told({**UPDATED_ME, "_embedded": {"me": {"rel": "me", "mood": "good"}}}),
        "me has no documented property mood",
    ),
    "a reason that is none": (told({**UPDATED_ME, "reason": "?"}), "must be an object"),
    "a reason that belongs to responses": (
        told({**UPDATED_ME, "reason": {"code": "PreconditionFailed"}}),
        "PreconditionFailed is no code that an event can have",
    ),
    "a reason with an unknown subcode": (
        told({**UPDATED_ME, "reason": {"code": "Informational", "subcode": "Bored"}}),
        "Bored is no member of ErrorSubcode",
    ),
}


@pytest.mark.parametrize("spoiling", SPOILT_CHANNELS)
def test_finds_in_the_event_channel(spoiling: str) -> None:
    assert_found(*SPOILT_CHANNELS[spoiling])
