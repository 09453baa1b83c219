"""Adding people: to a meeting, and to a talk of two, which is a meeting from then on."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from openucwa.domain.people import Profile
from tests.http.test_meeting_messages import Speaker
from tests.http.test_talks import connect
from tests.installation import CHRIS, Installation, Person
from tests.live import link

ALEX = Profile(uri="sip:Alex@contoso.com", name="Alex Darrow")
SECOND = timedelta(seconds=1)


class Host(Speaker):
    """Somebody who adds people."""

    def add_person(self, to: str = ALEX.uri, **more: Any) -> dict[str, Any]:
        answer = self.try_to_add(to, **more)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        assert answer.headers["Location"] == link(found, "self")
        return found

    def try_to_add(self, to: str = ALEX.uri, **more: Any) -> Response:
        return self.person.post(link(self.view(), "addParticipant"), json={"to": to, **more})

    def invited(self) -> dict[str, Any]:
        """The invitation to a meeting that rings here, as the event shows it."""
        package = self.get(self.next)
        self.next = link(package, "next")
        (shown,) = (
            event["_embedded"]["onlineMeetingInvitation"]
            for sender in package["sender"]
            for event in sender["events"]
            if event["link"]["rel"] == "onlineMeetingInvitation"
        )
        self.conversation = link(shown, "conversation")
        found: dict[str, Any] = shown
        return found


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly", accessLevel="Invited")


@pytest.fixture
def host(dana: Person, meeting: dict[str, Any]) -> Host:
    found = Host(dana)
    found.join(meeting)
    found.hear()
    return found


@pytest.fixture
def alex(installation: Installation) -> Host:
    found = Host(installation.sign_in(ALEX))
    found.available()
    return found


def test_somebody_is_added_to_a_meeting_past_its_lobby(host: Host, alex: Host) -> None:
    sent = host.add_person(operationId="3")
    assert (sent["direction"], sent["state"], sent["operationId"]) == (
        "Outgoing",
        "Connecting",
        "3",
    )
    assert set(sent["_links"]) == {"self", "conversation", "from", "to", "cancel"}
    assert host.hear() == ["started participantInvitation (Connecting)"]
    invitation = alex.invited()
    assert (invitation["direction"], invitation["subject"]) == ("Incoming", "Weekly")
    assert invitation["availableModalities"] == ["Messaging"]
    assert ";opaque=app:conf:focus:id:" in invitation["onlineMeetingUri"]
    assert "operationId" not in invitation
    assert invitation["_embedded"]["from"]["name"] == "Dana Birkby"
    assert set(invitation["_links"]) == {"self", "conversation", "to", "accept", "decline"}
    assert alex.view()["state"] == "Incoming"
    assert alex.answer("accept", invitation) == 204
    assert alex.hear() == [
        "added localParticipant Alex Darrow",
        "added onlineMeeting @conversation",
        "updated messaging (Disconnected)",
        "added participant Dana Birkby",
        "added participant Dana Birkby @leaders",
        "updated conversation (Conferenced)",
        "completed onlineMeetingInvitation Success (Connected)",
    ]
    assert host.hear() == [
        "added participant Alex Darrow",
        "added participant Alex Darrow @attendees",
        "updated conversation (Conferenced)",
        "completed participantInvitation Success (Connected)",
    ]
    done = host.get(link(sent, "self"))
    (accepted,) = done["_embedded"]["acceptedByParticipant"]
    assert accepted["name"] == "Alex Darrow"
    assert link(done, "participant") == link(accepted, "self")
    assert host.try_to_add().status_code == 409
    assert "addMessaging" in alex.messaging["_links"]


def test_one_who_declines_stays_out(host: Host, alex: Host) -> None:
    host.add_person()
    host.hear()
    invitation = alex.invited()
    assert alex.answer("decline", invitation, json={"reason": "Local"}) == 204
    assert host.hear() == ["completed participantInvitation Failure (Failed) Declined"]
    assert alex.hear() == [
        "updated messaging (Disconnected) Declined",
        "completed onlineMeetingInvitation Failure (Declined) Declined",
        "updated conversation (Disconnected) Declined",
        "deleted conversation",
    ]
    assert alex.answer("accept", invitation) == 409
    host.add_person()


def test_one_who_does_not_answer_stays_out(
    host: Host, alex: Host, installation: Installation
) -> None:
    host.add_person()
    host.hear()
    alex.invited()
    installation.let_pass(30 * SECOND)
    assert host.hear() == ["completed participantInvitation Failure (Failed) Timeout"]
    assert "completed onlineMeetingInvitation Failure (Failed) Missed" in alex.hear()
    assert host.view()["state"] == "Conferenced"


def test_an_invitation_is_cancelled(host: Host, alex: Host) -> None:
    sent = host.add_person()
    host.hear()
    invitation = alex.invited()
    assert host.person.post(link(sent, "cancel")).status_code == 204
    assert host.hear() == ["completed participantInvitation Failure (Cancelled) Canceled"]
    assert "completed onlineMeetingInvitation Failure (Cancelled) Canceled" in alex.hear()
    assert alex.answer("accept", invitation) == 409
    assert host.person.post(link(sent, "cancel")).status_code == 204


def test_the_first_answer_wins(host: Host, alex: Host, installation: Installation) -> None:
    second = Host(installation.sign_in(ALEX))
    second.available()
    host.add_person()
    first_one, second_one = alex.invited(), second.invited()
    assert alex.answer("accept", first_one) == 204
    assert "completed onlineMeetingInvitation Failure (Failed) ConnectedElsewhere" in second.hear()
    assert second.answer("accept", second_one) == 409
    assert second.view()["state"] == "Disconnected"
    assert host.names() == ["Dana Birkby", "Alex Darrow"]


def test_who_is_invited_and_joins_by_herself(
    host: Host, alex: Host, installation: Installation, meeting: dict[str, Any]
) -> None:
    second = Host(installation.sign_in(ALEX))
    second.available()
    host.add_person()
    alex.invited(), second.invited()
    alex.join(meeting)
    assert "completed onlineMeetingInvitation Failure (Failed) ConnectedElsewhere" in second.hear()
    assert second.view()["state"] == "Disconnected"
    assert alex.view()["state"] == "InLobby"
    host.do("Alex Darrow", "admit")
    assert alex.view()["state"] == "Conferenced"
    assert "completed participantInvitation Success (Connected)" in host.hear()


def test_who_is_invited_in_one_application_and_joins_there(
    host: Host, alex: Host, installation: Installation, meeting: dict[str, Any]
) -> None:
    host.add_person()
    alex.invited()
    current = host.get(link(meeting, "self"))
    assert host.person.put({**current, "accessLevel": "Everyone"}).status_code == 200
    alex.join(meeting)
    assert "completed participantInvitation Success (Connected)" in host.hear()


@pytest.mark.parametrize("stays", [False, True])
def test_with_who_has_invited_the_invitation_goes(
    host: Host, alex: Host, installation: Installation, meeting: dict[str, Any], stays: bool
) -> None:
    if stays:
        Host(installation.sign_in(CHRIS)).join({**meeting})
        host.do("Chris Barry", "admit")
    host.add_person()
    invitation = alex.invited()
    host.leave()
    assert alex.hear() == [
        "updated messaging (Disconnected) Canceled",
        "completed onlineMeetingInvitation Failure (Cancelled) Canceled",
        "updated conversation (Disconnected) Canceled",
        "deleted conversation",
        "updated missedItems",
    ]
    assert alex.answer("accept", invitation) == 409


def test_who_has_invited_and_joins_once_more_still_waits_for_the_answer(
    host: Host, alex: Host, meeting: dict[str, Any]
) -> None:
    sent = host.add_person()
    host.join(meeting)
    assert host.get(link(sent, "self"))["state"] == "Connecting"
    assert alex.answer("accept", alex.invited()) == 204


@pytest.mark.parametrize(
    ("to", "reason"),
    [("sip:nobody@contoso.com", "DestinationNotFound"), (CHRIS.uri, "Unreachable")],
)
def test_nobody_is_there(host: Host, chris: Person, to: str, reason: str) -> None:
    assert chris.application
    host.add_person(to)
    assert host.hear() == [f"completed participantInvitation Failure (Failed) {reason}"]


def test_what_is_refused(host: Host, alex: Host, chris: Person) -> None:
    assert host.try_to_add("").json()["parameters"].keys() == {"to"}
    assert host.try_to_add("sip:Dana@contoso.com").json()["parameters"].keys() == {"to"}
    href = link(host.view(), "addParticipant")
    there = href.replace(host.application_id, Host(chris).application_id)
    assert chris.post(there, json={"to": ALEX.uri}).status_code == 404
    host.add_person()
    answer = host.try_to_add()
    assert (answer.status_code, answer.json()["subcode"]) == (409, "AlreadyExists")
    host.leave()
    assert host.person.post(href, json={"to": ALEX.uri}).status_code == 409


def test_of_a_locked_meeting_only_leaders_open_the_door(
    host: Host, alex: Host, chris: Person, meeting: dict[str, Any]
) -> None:
    attendee = Host(chris)
    attendee.join(meeting)
    host.do("Chris Barry", "admit")
    current = host.get(link(meeting, "self"))
    assert host.person.put({**current, "accessLevel": "Locked"}).status_code == 200
    attendee.add_person()
    assert alex.answer("accept", alex.invited()) == 204
    assert alex.view()["state"] == "InLobby"
    alex.leave()
    alex.hear()
    host.add_person()
    assert alex.answer("accept", alex.invited()) == 204
    assert alex.view()["state"] == "Conferenced"


class TestEscalation:
    def test_a_talk_of_two_becomes_a_meeting(
        self, installation: Installation, dana: Person, chris: Person, alex: Host
    ) -> None:
        caller, callee = Host(dana), Host(chris)
        callee.available()
        connect(caller, callee, subject="Task")
        caller.send("before")
        caller.hear(), callee.hear()
        before = caller.view()
        caller.add_person()
        assert caller.view()["state"] == "Conferenced"
        assert callee.view()["state"] == "Conferenced"
        assert caller.view()["threadId"] == before["threadId"]
        assert caller.hear() == [
            "updated localParticipant Dana Birkby",
            "updated participantMessaging Dana Birkby",
            "added onlineMeeting @conversation",
            "added participant Chris Barry @attendees",
            "updated participant Chris Barry",
            "updated participantMessaging Chris Barry",
            "updated conversation (Conferenced)",
            "started participantInvitation (Connecting)",
        ]
        assert callee.hear() == [
            "updated localParticipant Chris Barry",
            "updated participantMessaging Chris Barry",
            "added onlineMeeting @conversation",
            "added participant Dana Birkby @leaders",
            "updated participant Dana Birkby",
            "updated participantMessaging Dana Birkby",
            "updated conversation (Conferenced)",
        ]
        assert caller.participant("Chris Barry")["role"] == "Attendee"
        assert caller.get(link(caller.view(), "localParticipant"))["role"] == "Leader"
        assert caller.messaging["state"] == callee.messaging["state"] == "Connected"
        assert alex.answer("accept", alex.invited()) == 204
        alex.add()
        assert alex.texts() == []  # what the two have said is theirs
        href = link(alex.messaging, "sendMessage")
        assert alex.person.get(f"{href}/2").status_code == 404
        alex.send("hello")
        assert caller.texts() == callee.texts() == ["hello"]
        assert caller.names() == ["Dana Birkby", "Chris Barry", "Alex Darrow"]
        caller.do("Alex Darrow", "promote")
        caller.leave()
        assert callee.view()["state"] == "Conferenced"
        callee.send("still here")
        assert alex.texts() == ["3", "still+here"]

    def test_it_stays_a_meeting_when_nobody_comes(self, dana: Person, chris: Person) -> None:
        caller, callee = Host(dana), Host(chris)
        callee.available()
        connect(caller, callee)
        callee.add_person("sip:nobody@contoso.com")
        assert callee.hear()[-1] == (
            "completed participantInvitation Failure (Failed) DestinationNotFound"
        )
        assert callee.get(link(callee.view(), "localParticipant"))["organizer"] is True
        caller.leave()
        assert callee.view()["state"] == "Conferenced"
