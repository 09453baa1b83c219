"""Which events facts give rise to, for whom, and how they are written.

The example is a noun of many: a talk with guests, who wait in its lobby before they attend it.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest

from openucwa.delivery.channel import Delivery
from openucwa.delivery.pending import Asked, Pending
from openucwa.domain.channels import Timers
from openucwa.domain.facts import Priority
from openucwa.resources.application.events import events
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire import json as as_json
from openucwa.wire import xml as as_xml
from openucwa.wire.channel import EventType, Package, Reason, Status
from tests.installation import DEPLOYMENT
from tests.store.memory import CHRIS, DANA, NOW, application, connect, user

ADDED, UPDATED, DELETED = EventType.ADDED, EventType.UPDATED, EventType.DELETED
TALK = "talk/1"


class Talk(msgspec.Struct):
    talk_id: str


class Guest(msgspec.Struct):
    talk_id: str
    guest_id: str


talk = Resource[Talk](
    rel="talk", path="applications/{application_id}/talks/{talk_id}", kinds={"talk": "talk"}
)
talk.embed("guest", lambda tx, me, found: [])
talk.sends(UPDATED, sender="talk", embedded=True)
talk.find(lambda tx, me, talk_id: Talk(talk_id))
guest = Resource[Guest](
    rel="guest",
    path="applications/{application_id}/talks/{talk_id}/guests/{guest_id}",
    kinds={"guest": "guest"},
)
guest.find(lambda tx, me, talk_id, guest_id: Guest(talk_id, guest_id))
guest.sends(ADDED, UPDATED, DELETED, sender="talk", within="guests", priority=Priority.MEDIUM)
for place in ("lobby", "attendees"):
    guest.sends(ADDED, DELETED, sender="talk", within=place, collection=place)
guest.sends(EventType.COMPLETED, sender="talk", extension=True)
places = [
    Resource[Talk](rel=rel, path="applications/{application_id}/talks/{talk_id}/" + rel)
    for rel in ("guests", "lobby", "attendees")
]
for one in places:
    one.find(lambda tx, me, talk_id: Talk(talk_id))
    one.embed("guest", lambda tx, me, found: [])

DELIVERY = Delivery(Registry([talk, guest, *places, events]))


@pytest.fixture
def tx() -> Iterator[Transaction]:
    with closing(connect()) as connection:
        yield Transaction(connection, NOW)


class Screen:
    """A channel that follows the talk."""

    def __init__(self, tx: Transaction, user_id: int, *, extended: bool = True) -> None:
        self.tx = tx
        self.me = Me(user(user_id), DEPLOYMENT, application(user_id))
        self.channel = tx.of(Channels).open(self.me.application)
        self.extended = extended
        tx.of(Channels).follow(self.channel, TALK)

    def asked(self) -> Asked:
        return Asked(
            ack=self.channel.number + 1,
            priority=0,
            timers=Timers(),
            extended=self.extended,
            sender=self.me.user.id,
            viewer=lambda tx: self.me,
            written=lambda package: b"",
        )

    def package(self) -> Package:
        (plan,) = DELIVERY.plan(self.tx, [Pending(self.asked(), self.channel, answer=_none())])
        (given,) = DELIVERY.advance(self.tx, [plan])
        assert not isinstance(given, Exception)
        self.channel = given.channel
        return DELIVERY.package(self.tx, given, {})

    def hear(self) -> list[tuple[str, str, str | None]]:
        """What the next package tells: of which rel, what, and in which collection."""
        return [
            (one.target.rel, one.type.value, one.within.rel if one.within else None)
            for sender in self.package().senders
            for one in sender.events
        ]


def _none() -> Any:
    """No future, since there is no event loop."""


def happen(tx: Transaction, type: EventType, **more: Any) -> None:
    tx.facts.append(TALK, type, "guest", **more, talk_id="1", guest_id="g")


def test_one_fact_is_told_to_many_each_in_an_application_of_her_own(tx: Transaction) -> None:
    screens = [Screen(tx, DANA), Screen(tx, CHRIS)]
    happen(tx, UPDATED)
    for screen in screens:
        (sender,) = screen.package().senders
        start = f"/ucwa/oauth/v1/applications/{screen.me.application.id}/talks/1"
        assert [one.target.href for one in sender.events] == [f"{start}/guests/g"]


def test_what_shows_an_entity_is_told_of_when_it_comes_and_goes(tx: Transaction) -> None:
    """But not the collections that it comes to, which the events name."""
    screen = Screen(tx, DANA)
    happen(tx, ADDED)
    assert screen.hear() == [("guest", "added", "guests"), ("talk", "updated", None)]
    happen(tx, UPDATED)
    assert screen.hear() == [("guest", "updated", None)]
    happen(tx, ADDED, collection="lobby")
    assert screen.hear() == [("guest", "added", "lobby")]
    happen(tx, DELETED)
    assert screen.hear() == [("guest", "deleted", "guests"), ("talk", "updated", None)]


def test_one_change_is_told_once(tx: Transaction) -> None:
    """However many facts say that the talk has changed."""
    screen = Screen(tx, DANA)
    happen(tx, ADDED)
    tx.facts.append(TALK, UPDATED, "talk", talk_id="1")
    tx.facts.append(TALK, ADDED, "guest", talk_id="1", guest_id="h")
    assert screen.hear() == [
        ("guest", "added", "guests"),
        ("guest", "added", "guests"),
        ("talk", "updated", None),
    ]


def test_an_entity_in_several_collections(tx: Transaction) -> None:
    screen = Screen(tx, DANA)
    happen(tx, ADDED)
    happen(tx, ADDED, collection="lobby")
    happen(tx, DELETED, collection="lobby")
    happen(tx, ADDED, collection="attendees")
    told = [one for one in screen.hear() if one[0] == "guest"]
    assert told == [
        ("guest", "added", "guests"),
        ("guest", "deleted", "lobby"),
        ("guest", "added", "attendees"),
    ]


def test_a_topic_that_is_left_and_joined_again(tx: Transaction) -> None:
    screen = Screen(tx, DANA)
    happen(tx, UPDATED)
    tx.of(Channels).leave(screen.channel, TALK)
    happen(tx, DELETED)
    assert screen.hear() == [("guest", "updated", None)]
    happen(tx, ADDED)
    tx.of(Channels).follow(screen.channel, TALK)
    happen(tx, UPDATED)
    assert screen.hear() == [("guest", "updated", None)]


def test_who_does_not_ask_for_extensions_is_not_told_of_them(tx: Transaction) -> None:
    plain, extended = Screen(tx, DANA, extended=False), Screen(tx, CHRIS)
    plain.hear()
    happen(tx, EventType.COMPLETED, status=Status.SUCCESS)
    assert DELIVERY.look(tx, plain.channel, plain.asked()).seconds is None
    assert plain.hear() == []
    assert extended.hear() == [("guest", "completed", None)]


def test_however_many_there_are(tx: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    """They do not count for the facts of a package either."""
    monkeypatch.setattr("openucwa.delivery.channel.MOST_FACTS", 3)
    plain = Screen(tx, DANA, extended=False)
    plain.hear()
    for _ in range(7):
        happen(tx, EventType.COMPLETED)
    assert DELIVERY.look(tx, plain.channel, plain.asked()).seconds is None
    happen(tx, UPDATED)
    assert DELIVERY.look(tx, plain.channel, plain.asked()).seconds == 5
    assert plain.hear() == [("guest", "updated", None)]
    assert plain.hear() == []


@pytest.mark.parametrize(
    ("priority", "seconds"), [(None, 5), (Priority.HIGH, 0), (Priority.LOW, 15)]
)
def test_a_fact_may_have_a_priority_of_its_own(
    tx: Transaction, priority: Priority | None, seconds: int
) -> None:
    screen = Screen(tx, DANA)
    screen.hear()
    happen(tx, UPDATED, priority=priority)
    assert DELIVERY.look(tx, screen.channel, screen.asked()).seconds == seconds


def test_how_an_operation_has_ended(tx: Transaction) -> None:
    screen = Screen(tx, DANA)
    reason = Reason("RemoteFailure", "Declined", "Your invitation was declined.")
    happen(tx, EventType.COMPLETED, status=Status.FAILURE, reason=reason)
    package = screen.package()
    (sender,) = json.loads(as_json.write_package(package))["sender"]
    (event,) = sender["events"]
    assert list(event) == ["link", "status", "reason", "type"]
    assert (event["status"], event["type"]) == ("Failure", "completed")
    assert event["reason"] == {
        "code": "RemoteFailure",
        "subcode": "Declined",
        "message": "Your invitation was declined.",
    }
    text = as_xml.write_package(package).decode()
    reason_in_xml = "<code>RemoteFailure</code><subcode>Declined</subcode>"
    assert f' status="Failure"><reason>{reason_in_xml}' in text


def test_a_channel_that_another_request_has_moved(tx: Transaction) -> None:
    """Of two in one round, the first is told; who comes later is told that it was replaced."""
    screen = Screen(tx, DANA)
    happen(tx, UPDATED)
    twice = [Pending(screen.asked(), screen.channel, answer=_none()) for _ in range(2)]
    first, second = DELIVERY.advance(tx, DELIVERY.plan(tx, twice))
    assert not isinstance(first, Exception)
    assert type(second).__name__ == "PGetReplaced"
