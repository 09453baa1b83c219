"""Packages of the event channel, as a client reads them."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from openucwa.client.event import Event, EventType, Package, Target, resync
from openucwa.client.resource import Resource

BASE = "/ucwa/oauth/v1/applications/102"

PRINTED: dict[str, Any] = {
    "_links": {
        "self": {"href": f"{BASE}/events?ack=1"},
        "next": {"href": f"{BASE}/events?ack=2"},
    },
    "sender": [
        {
            "rel": "communication",
            "href": f"{BASE}/communication",
            "events": [
                {
                    "link": {"rel": "communication", "href": f"{BASE}/communication"},
                    "_embedded": {
                        "communication": {
                            "supportedModalities": ["Messaging"],
                            "_links": {"self": {"href": f"{BASE}/communication"}},
                            "rel": "communication",
                            "etag": "2943169141",
                        }
                    },
                    "type": "updated",
                }
            ],
        },
        {
            "rel": "me",
            "href": f"{BASE}/me",
            "events": [
                {"link": {"rel": "me", "href": f"{BASE}/me"}, "type": "updated"},
                {"link": {"rel": "note", "href": f"{BASE}/me/note"}, "type": "added"},
            ],
        },
    ],
}
"""A package as EventChannelDetails.md prints it, shortened."""


def package(*events: dict[str, Any], **links: str) -> Package:
    senders = [{"rel": "onlineMeetings", "href": "/om", "events": list(events)}]
    found = {rel: {"href": href} for rel, href in links.items()}
    return Package.parse({"_links": found, "sender": senders})


def event(**members: Any) -> Event:
    link = {"rel": "myOnlineMeeting", "href": "/om/1"}
    (found,) = package({"link": link, "type": "updated", **members}).events
    return found


def test_as_printed() -> None:
    found = Package.parse(PRINTED)
    assert (found.onwards, found.is_gap) == (f"{BASE}/events?ack=2", False)
    first, second, third = found.events
    assert (first.type, first.rel, first.href) == (
        EventType.UPDATED,
        "communication",
        f"{BASE}/communication",
    )
    assert first.sender == Target("communication", f"{BASE}/communication")
    assert first.resource is not None
    assert first.resource.etag == "2943169141"
    assert first.resource.properties == {"supportedModalities": ["Messaging"]}
    assert (second.type, second.rel, second.resource) == (EventType.UPDATED, "me", None)
    assert (third.type, third.rel, third.sender_rel) == (EventType.ADDED, "note", "me")


def test_nothing_has_happened() -> None:
    found = Package.parse({"_links": {"next": {"href": "/e?ack=2"}}, "sender": []})
    assert (list(found.events), found.onwards, found.is_gap) == ([], "/e?ack=2", False)


def test_a_gap_leads_on_by_its_own_link() -> None:
    assert (package(resync="/r").onwards, package(resync="/r").is_gap) == ("/r", True)
    assert (package(resume="/r").onwards, package(resume="/r").is_gap) == ("/r", True)
    assert package(next="/n", resync="/r").onwards == "/r"


def test_the_collection_that_it_came_to() -> None:
    within = {"rel": "onlineMeetingExtensions", "href": "/om/1/extensions"}
    assert event(**{"in": within}).within == Target("onlineMeetingExtensions", "/om/1/extensions")
    assert event().within is None


def test_what_is_embedded_is_decoded() -> None:
    """It has an address even if it does not say it itself, and may have another rel."""
    found = event(_embedded={"myAssignedOnlineMeeting": {"expirationTime": "/Date(0)/"}}).resource
    assert found is not None
    assert (found.rel, found.href) == ("myAssignedOnlineMeeting", "/om/1")
    assert found.properties == {"expirationTime": datetime(1970, 1, 1, tzinfo=UTC)}


def test_how_an_operation_ended() -> None:
    reason = {"code": "RemoteFailure", "subcode": "Declined"}
    found = event(type="completed", status="Failure", reason=reason)
    assert (found.type, found.status, found.reason) == (EventType.COMPLETED, "Failure", reason)


def test_a_type_of_a_later_server_is_kept() -> None:
    assert event(type="moved").type == "moved"
    assert not isinstance(event(type="moved").type, EventType)
    assert not isinstance(event(type="resync").type, EventType)


def test_what_a_server_adds_is_kept() -> None:
    assert event(colour="red").raw["colour"] == "red"


def test_who_made_the_latest_change() -> None:
    """Names and user agents are text, whatever they look like."""
    found = event(
        changedBy="sip:Chris@contoso.com",
        changedByName="/Date(7)/",
        changedWith="/Date(8)/",
        changedOnBehalfOf="sip:dana@contoso.com",
        changedAt="/Date(0)/",
        changedProperties=["subject"],
    ).change
    assert found is not None
    assert (found.by, found.by_name) == ("sip:Chris@contoso.com", "/Date(7)/")
    assert (found.application, found.on_behalf_of) == ("/Date(8)/", "sip:dana@contoso.com")
    assert (found.at, found.changed) == (datetime(1970, 1, 1, tzinfo=UTC), ("subject",))


def test_who_made_it_where_a_server_tells_less_or_nothing() -> None:
    assert event().change is None
    found = event(changedBy="sip:Chris.Vance@contoso.com", changedAt=7, changedProperties=3).change
    assert found is not None
    assert (found.by_name, found.at, found.changed) == ("Chris.Vance", None, ())
    assert (found.application, found.on_behalf_of) == ("", "")
    removed = event(changedWith="Calendar").change
    assert removed is not None
    assert (removed.by, removed.by_name, removed.application) == ("", "", "Calendar")


def test_a_resync_names_the_application() -> None:
    found = resync(Resource("application", BASE))
    assert (found.type, found.rel, found.href) == (EventType.RESYNC, "application", BASE)


MEMBERS = ["_links", "next", "resync", "href", "sender", "events", "link", "in", "type", "rel"]
shapes = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*MEMBERS, "_embedded", "reason"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(MEMBERS), shapes))
def test_whatever_comes_is_read(raw: dict[str, Any]) -> None:
    """What can't be understood is passed over; each event has an address."""
    found = Package.parse(json.loads(json.dumps(raw)))
    assert all(one.href for one in found.events)
