"""The event channel on the wire: EventsInUCWA.md, EventChannelDetails.md, events_ref.md.

When things are told, tests/delivery says, where time costs nothing.
"""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from openucwa.store.sweep import sweep
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.users import Users
from tests.installation import DEPLOYMENT, XML, Clock, Installation, Person

FACT = DEPLOYMENT.lifetimes.fact + timedelta(seconds=1)


def events(dana: Person) -> str:
    return dana.href("events") + "&extended=true"


def package(dana: Person, href: str, **headers: str) -> dict[str, Any]:
    answer = dana.get(href, **headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def link(package: dict[str, Any], rel: str = "next") -> str:
    found: str = package["_links"][rel]["href"]
    return found


def listed(package: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (event["type"], event["link"]["rel"])
        for sender in package["sender"]
        for event in sender["events"]
    ]


class TestForm:
    def test_nothing_has_happened(self, dana: Person) -> None:
        """Clients look for `sender` all the same."""
        href = dana.href("events")
        assert href.endswith("/events?ack=1")
        assert package(dana, href) == {
            "_links": {
                "self": {"href": href},
                "next": {"href": href.replace("ack=1", "ack=2")},
            },
            "sender": [],
        }

    def test_something_was_added(self, dana: Person, clock: Clock) -> None:
        href, meeting = events(dana), dana.schedule(subject="Weekly")
        found = package(dana, href)
        assert found["sender"] == [
            {
                "rel": "onlineMeetings",
                "href": dana.href("onlineMeetings", "self"),
                "events": [
                    {
                        "link": {
                            "rel": "myOnlineMeeting",
                            "href": meeting["_links"]["self"]["href"],
                        },
                        "in": {"rel": "myOnlineMeetings", "href": dana.meetings},
                        "_embedded": {"myOnlineMeeting": meeting},
                        "changedBy": "sip:Dana@contoso.com",
                        "changedByName": "Dana Birkby",
                        "changedWith": "test",
                        "changedAt": f"/Date({int(clock.now.timestamp() * 1000)})/",
                        "type": "added",
                    }
                ],
            }
        ]

    def test_something_was_updated(self, dana: Person) -> None:
        """It is as it is now, and still where it was."""
        meeting, href = dana.schedule(), events(dana)
        package(dana, href)
        current = dana.put({**meeting, "subject": "Moved"}).json()
        (sender,) = package(dana, href.replace("=1", "=2"))["sender"]
        (event,) = sender["events"]
        documented = [name for name in event if not name.startswith("changed")]
        assert documented == ["link", "_embedded", "type"]
        assert event["_embedded"] == {"myOnlineMeeting": current}

    def test_something_was_deleted(self, dana: Person) -> None:
        meeting, href = dana.schedule(), events(dana)
        package(dana, href)
        dana.delete(meeting["_links"]["self"]["href"])
        (sender,) = package(dana, href.replace("=1", "=2"))["sender"]
        (event,) = sender["events"]
        assert list(event) == ["link", "in", "type"]
        assert (event["type"], event["in"]["rel"]) == ("deleted", "myOnlineMeetings")

    def test_what_can_be_fetched(self, installation: Installation, dana: Person) -> None:
        """me, whose events its page shows without me itself."""
        href = events(dana)
        installation.transact(
            lambda tx: tx.of(Users).save(tx.of(Users).by_uri("sip:dana@contoso.com"))
        )
        me = {"rel": "me", "href": dana.href("me", "self")}
        event = {"link": me, "type": "updated"}
        assert package(dana, href)["sender"] == [{**me, "events": [event]}]

    def test_senders_in_ordered_runs(self, dana: Person) -> None:
        """One that sends again after another stands there again."""
        href, communication = events(dana), dana.application["_embedded"]["communication"]
        meeting = dana.schedule()
        dana.schedule()
        dana.put(communication)
        dana.delete(meeting["_links"]["self"]["href"])
        dana.schedule()
        found = package(dana, href)
        assert [sender["rel"] for sender in found["sender"]] == [
            "onlineMeetings",
            "communication",
            "onlineMeetings",
        ]
        assert listed(found) == [
            ("added", "myOnlineMeeting"),
            ("updated", "communication"),
            ("deleted", "myOnlineMeeting"),
            ("added", "myOnlineMeeting"),
        ]

    def test_in_xml(self, dana: Person) -> None:
        href, meeting = events(dana), dana.schedule(subject="Weekly")
        answer = dana.get(href, Accept=XML)
        root = ElementTree.fromstring(answer.content)  # noqa: S314 - the server's own
        space = "{http://schemas.microsoft.com/rtc/2012/03/ucwa}"
        assert (root.tag, root.attrib["href"]) == (f"{space}events", href)
        added = root.find(f"{space}sender/{space}added")
        assert added is not None
        assert added.attrib == {
            "rel": "myOnlineMeeting",
            "href": meeting["_links"]["self"]["href"],
        }
        assert added.find(f"{space}resource") is not None

    def test_every_address_has_a_query(self, dana: Person) -> None:
        """Clients append to it: `&timeout=180`, and what nobody knows."""
        href = events(dana) + "&timeout=180&low=30&medium=30&SessionContext=1&KEY=x&ack2=7"
        dana.schedule()
        assert listed(package(dana, href)) == [("added", "myOnlineMeeting")]


class TestAck:
    def test_asking_again(self, dana: Person) -> None:
        """An answer that got lost is given again; and then it goes on."""
        href = events(dana)
        dana.schedule()
        found = package(dana, href)
        dana.schedule()
        assert package(dana, href) == found
        assert len(listed(package(dana, link(found)))) == 1

    @pytest.mark.parametrize("ack", [-1, 1, 2, 5, 99, 999999999999])
    def test_astray(self, dana: Person, ack: int) -> None:
        """Not an error: `resync` leads to what was not acknowledged, and so does `next`."""
        href = events(dana)
        for number in (1, 2, 3):
            dana.schedule(subject=str(number))
            package(dana, href.replace("=1", f"={number}"))
        found = package(dana, href.replace("=1", f"={ack}"))
        assert found["sender"] == []
        assert list(found["_links"]) == ["self", "next", "resync"]
        assert link(found) == link(found, "resync") == href.replace("=1", "=3")
        assert len(listed(package(dana, link(found)))) == 1

    def test_the_application_leads_there_too(self, dana: Person) -> None:
        href = events(dana)
        dana.schedule()
        found = package(dana, href)
        assert (
            dana.get(dana.href("self")).json()["_links"]["events"]["href"] + "&extended=true"
            == href
        )
        package(dana, link(found))
        assert dana.register().json()["_links"]["events"]["href"] + "&extended=true" == link(found)

    @pytest.mark.parametrize(
        "ack", ["", "x", "1.5", "0x1", "\u0661", "9" * 13, "--1", "1;2", "+", "%20"]
    )
    def test_garbage(self, dana: Person, ack: str) -> None:
        answer = dana.get(events(dana).replace("ack=1", f"ack={ack}"))
        assert (answer.status_code, answer.json()["subcode"]) == (400, "ParameterValidationFailure")
        assert list(answer.json()["parameters"]) == ["ack"]

    def test_none(self, dana: Person) -> None:
        answer = dana.get(events(dana).partition("?")[0])
        assert answer.json()["parameters"] == {
            "ack": "is missing: follow the link that the server sent"
        }

    @pytest.mark.parametrize("name", ["timeout", "low", "medium", "priority"])
    def test_garbage_for_a_timer(self, dana: Person, name: str) -> None:
        answer = dana.get(f"{events(dana)}&{name}=soon")
        assert answer.json()["parameters"] == {name: "must be a whole number"}

    def test_head_acknowledges_nothing(self, dana: Person) -> None:
        href = events(dana)
        dana.schedule()
        found = package(dana, href)
        for _ in range(2):
            answer = dana.request("HEAD", link(found))
            assert (answer.status_code, answer.content) == (200, b"")
        assert package(dana, href) == found

    def test_a_condition_has_no_effect(self, dana: Person) -> None:
        href = events(dana)
        dana.schedule()
        assert listed(package(dana, href, **{"If-None-Match": "*"})) != []

    def test_operations_of_other_kinds(self, dana: Person) -> None:
        for method in ("POST", "PUT", "DELETE"):
            assert dana.request(method, events(dana), json={}).status_code == 405


class TestWhose:
    def test_of_another_user(self, dana: Person, chris: Person) -> None:
        answer = chris.get(events(dana))
        assert (answer.status_code, answer.json()["subcode"]) == (404, "ApplicationNotFound")

    def test_of_nobody(self, installation: Installation, dana: Person) -> None:
        """Whatever it asks."""
        for href in (events(dana), events(dana).partition("?")[0], f"{events(dana)}&low=x"):
            assert installation.client.get(href).status_code == 401

    def test_what_one_does_the_other_hears(self, installation: Installation, dana: Person) -> None:
        """In addresses of its own; and so does the one who did it."""
        other, meeting = installation.sign_in(), dana.schedule()
        href = events(other)
        dana.put({**meeting, "subject": "Moved"})
        (sender,) = package(other, href)["sender"]
        (event,) = sender["events"]
        found = event["_embedded"]["myOnlineMeeting"]
        assert (found["subject"], event["type"]) == ("Moved", "updated")
        assert found == other.get(event["link"]["href"]).json()
        assert found["_links"]["self"]["href"] != meeting["_links"]["self"]["href"]


class TestForgotten:
    def forget(self, installation: Installation, clock: Clock) -> None:
        """An hour passes."""
        clock.advance(FACT)
        installation.transact(lambda tx: sweep(tx, DEPLOYMENT.lifetimes))

    def test_what_was_never_told(
        self, installation: Installation, dana: Person, clock: Clock
    ) -> None:
        """`resume` tells the client that it may have missed something, as often as it asks."""
        href = events(dana)
        dana.schedule()
        dana.schedule()
        self.forget(installation, clock)
        dana.schedule(subject="left")
        found = package(dana, href)
        assert list(found["_links"]) == ["self", "resume"]
        assert package(dana, href) == found
        after = package(dana, link(found, "resume"))
        assert list(after["_links"]) == ["self", "next"]
        assert after["sender"] == []

    def test_what_was_told_and_got_lost(
        self, installation: Installation, dana: Person, clock: Clock
    ) -> None:
        href = events(dana)
        dana.schedule()
        dana.schedule()
        assert "next" in package(dana, href)["_links"]
        self.forget(installation, clock)
        assert "resume" in package(dana, href)["_links"]

    def test_timers_are_forgotten_as_well(
        self, installation: Installation, dana: Person, clock: Clock
    ) -> None:
        href = events(dana)
        dana.schedule()
        dana.schedule()
        self.forget(installation, clock)
        package(dana, href + "&medium=600")
        (timers,) = installation.transact(
            lambda tx: [
                channel.timers
                for user in tx.of(Users).all()
                for application in tx.of(Applications).of(user.id)
                for channel in tx.of(Channels).of(application)
            ]
        )
        assert timers.medium == 5

    def test_who_has_asked_in_time_has_missed_nothing(
        self, installation: Installation, dana: Person, chris: Person, clock: Clock
    ) -> None:
        """Even when nothing of what was forgotten was for her."""
        href = events(chris)
        for _ in range(3):
            for _ in range(3):
                dana.schedule()
            found = package(chris, href)
            assert list(found["_links"]) == ["self", "next"]
            href = link(found)
            self.forget(installation, clock)
        assert "next" in package(chris, href)["_links"]


class TestSize:
    """A package has a bound. What does not fit, the next one tells, which follows at once."""

    def test_large_resources_are_told_one_package_after_the_other(self, dana: Person) -> None:
        href = events(dana)
        people = [f"sip:{number:05}{'x' * 230}@contoso.com" for number in range(2000)]
        made = [dana.schedule(attendees=people)["onlineMeetingId"] for _ in range(6)]
        told: list[str] = []
        sizes = []
        while len(told) < len(made):
            answer = dana.get(href)
            sizes.append(len(answer.content))
            told += [
                event["_embedded"]["myOnlineMeeting"]["onlineMeetingId"]
                for sender in answer.json()["sender"]
                for event in sender["events"]
            ]
            again = dana.get(href)
            assert again.json() == answer.json()
            href = link(answer.json())
        assert told == made
        assert len(sizes) == 3
        assert max(sizes) < 1.1 * 1024 * 1024

    def test_what_grows_after_it_was_told_is_told_without_what_does_not_fit(
        self, dana: Person
    ) -> None:
        href = events(dana)
        people = [f"sip:{number:05}{'x' * 230}@contoso.com" for number in range(4000)]
        made = [dana.schedule() for _ in range(8)]
        package(dana, href)
        for meeting in made:
            dana.put({**meeting, "attendees": people[:2000], "leaders": people[2000:3900]})
        again = dana.get(href)
        told = [event for one in again.json()["sender"] for event in one["events"]]
        assert [event["link"]["href"] for event in told] == [
            meeting["_links"]["self"]["href"] for meeting in made
        ]
        assert sum("_embedded" in event for event in told) == 2
        assert len(again.content) < 2.1 * 1024 * 1024

    def test_many_facts_are_told_in_several_packages(
        self, dana: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("openucwa.delivery.channel.MOST_FACTS", 3)
        href = events(dana)
        made = [dana.schedule()["_links"]["self"]["href"] for _ in range(8)]
        told = []
        for count in (3, 3, 2):
            found = package(dana, href)
            told += [event["link"]["href"] for one in found["sender"] for event in one["events"]]
            assert len(listed(found)) == count
            href = link(found)
        assert told == made


class TestExtensions:
    """Events that no page documents are told to who asks for them."""

    def test_who_does_not_ask(self, dana: Person) -> None:
        """The request waits until its time is out, as if nothing had happened."""
        href = dana.href("events")
        dana.schedule()
        found = package(dana, href)
        assert found["sender"] == []
        assert link(found) == href.replace("ack=1", "ack=2")

    def test_the_links_of_who_asks_do_so_again(self, dana: Person) -> None:
        dana.schedule()
        found = package(dana, events(dana))
        assert listed(found) == [("added", "myOnlineMeeting")]
        assert link(found).endswith("?ack=2&extended=true")
        lost = package(dana, events(dana).replace("ack=1", "ack=99"))
        assert link(lost, "resync").endswith("?ack=1&extended=true")

    def test_it_is_true_or_false(self, dana: Person) -> None:
        assert dana.get(dana.href("events") + "&extended=false").json()["sender"] == []
        answer = dana.get(dana.href("events") + "&extended=1")
        assert answer.status_code == 400
        assert "extended" in answer.json()["parameters"]

    def test_a_standing_meeting_that_is_changed_and_extended_is_told_of_once(
        self, dana: Person
    ) -> None:
        href = events(dana)
        standing = dana.get(dana.href("onlineMeetings", "myAssignedOnlineMeeting")).json()
        assert dana.put({**standing, "subject": "Office hours"}).status_code == 200
        notes = {"id": "notes", "type": "RoamedOrganizerData"}
        dana.post(standing["_links"]["onlineMeetingExtensions"]["href"], json=notes)
        assert listed(package(dana, href)) == [
            ("added", "onlineMeetingExtension"),
            ("updated", "myAssignedOnlineMeeting"),
        ]
