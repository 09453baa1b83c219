"""Meetings that run: joining, the lobby, the roster (live.md of the protocol's facts)."""

from typing import Any

import pytest

from openucwa.domain.people import Profile
from tests.installation import Installation, Person
from tests.live import Seat, chris, guest, link

ALEX = Profile(uri="sip:Alex@contoso.com", name="Alex Darrow")


@pytest.fixture
def organizer(dana: Person) -> Seat:
    return Seat(dana)


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly", attendees=["sip:Chris@contoso.com"])


def test_the_organizer_joins_and_leads(organizer: Seat, meeting: dict[str, Any]) -> None:
    found = organizer.join(meeting, operationId="join-1")
    assert (found["direction"], found["operationId"]) == ("Outgoing", "join-1")
    assert found["onlineMeetingUri"] == meeting["onlineMeetingUri"]
    assert organizer.hear() == [
        "added conversation (Conferenced)",
        "added localParticipant Dana Birkby",
        "added onlineMeeting @conversation",
        "completed onlineMeetingInvitation Success (Connected)",
    ]
    view = organizer.view()
    assert (view["state"], view["subject"]) == ("Conferenced", "Weekly")
    assert view["participantCount"] == 1
    own = organizer.get(link(view, "localParticipant"))
    assert (own["role"], own["organizer"], own["local"]) == ("Leader", True, True)
    assert own["rel"] == "localParticipant"
    assert organizer.names("leaders") == ["Dana Birkby"]
    live = organizer.get(link(view, "onlineMeeting"))
    assert (live["subject"], live["organizerName"]) == ("Weekly", "Dana Birkby")


def test_a_colleague_joins_and_is_seen(
    installation: Installation, organizer: Seat, meeting: dict[str, Any]
) -> None:
    organizer.join(meeting)
    organizer.hear()
    other = chris(installation)
    other.join(meeting)
    assert other.hear() == [
        "added conversation (Conferenced)",
        "added localParticipant Chris Barry",
        "added onlineMeeting @conversation",
        "added participant Dana Birkby @participants",
        "added participant Dana Birkby @leaders",
        "completed onlineMeetingInvitation Success (Connected)",
    ]
    assert organizer.hear() == [
        "added participant Chris Barry @participants",
        "added participant Chris Barry @attendees",
        "updated conversation (Conferenced)",
    ]
    assert other.names("attendees") == ["Chris Barry"]
    assert other.participant("Dana Birkby")["role"] == "Leader"
    other.leave()
    assert organizer.hear() == [
        "deleted participant Chris Barry @attendees",
        "deleted participant Chris Barry @participants",
        "updated conversation (Conferenced)",
    ]
    assert other.hear() == [
        "deleted localParticipant Chris Barry",
        "updated conversation (Disconnected) CallTerminated",
        "deleted conversation",
    ]


def test_a_guest_waits_and_is_let_in(
    installation: Installation, organizer: Seat, meeting: dict[str, Any]
) -> None:
    organizer.join(meeting)
    organizer.hear()
    gwen = guest(installation, meeting)
    found = gwen.join(meeting)
    assert (found["state"], found["anonymousDisplayName"]) == ("Connecting", "Gwen")
    assert gwen.hear() == [
        "started onlineMeetingInvitation (Connecting)",
        "added conversation (InLobby)",
        "added localParticipant Gwen (in lobby)",
    ]
    assert gwen.view()["state"] == "InLobby"
    assert set(gwen.view()["_links"]) == {
        *("self", "audioVideo", "phoneAudio", "applicationSharing", "dataCollaboration"),
    }
    assert organizer.hear() == [
        "added participant Gwen @participants",
        "added participant Gwen @lobby",
    ]
    assert organizer.names("lobby") == ["Gwen"]
    organizer.do("Gwen", "admit")
    assert gwen.hear() == [
        "updated localParticipant Gwen",
        "added onlineMeeting @conversation",
        "added participant Dana Birkby @participants",
        "added participant Dana Birkby @leaders",
        "updated conversation (Conferenced)",
        "completed onlineMeetingInvitation Success (Connected)",
    ]
    assert organizer.hear() == [
        "deleted participant Gwen @lobby",
        "added participant Gwen @attendees",
        "updated participant Gwen",
        "updated conversation (Conferenced)",
    ]


def test_a_guest_is_rejected(
    installation: Installation, organizer: Seat, meeting: dict[str, Any]
) -> None:
    organizer.join(meeting)
    gwen = guest(installation, meeting)
    gwen.join(meeting)
    gwen.hear()
    organizer.hear()
    organizer.do("Gwen", "reject")
    assert organizer.hear() == [
        "deleted participant Gwen @lobby",
        "deleted participant Gwen @participants",
    ]
    assert gwen.hear() == [
        "deleted localParticipant Gwen",
        "completed onlineMeetingInvitation Failure (Failed) Denied",
        "updated conversation (Disconnected) Denied",
        "deleted conversation",
    ]
