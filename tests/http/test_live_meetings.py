"""Meetings that run: joining, the lobby, the roster (live.md of the protocol's facts)."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from openucwa.domain.conversations import ENTRIES, KEPT
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.people import Profile
from openucwa.store.belongings import Belongings
from openucwa.store.sweep import sweep
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.installation import DANA, Clock, Installation, Person, installed, with_limits
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
        "updated messaging (Disconnected)",
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
        "updated messaging (Disconnected)",
        "added participant Dana Birkby",
        "added participant Dana Birkby @leaders",
        "completed onlineMeetingInvitation Success (Connected)",
    ]
    assert organizer.hear() == [
        "added participant Chris Barry",
        "added participant Chris Barry @attendees",
        "updated conversation (Conferenced)",
    ]
    assert other.names("attendees") == ["Chris Barry"]
    assert other.participant("Dana Birkby")["role"] == "Leader"
    other.leave()
    assert organizer.hear() == [
        "deleted participant Chris Barry @attendees",
        "deleted participant Chris Barry",
        "updated conversation (Conferenced)",
    ]
    assert other.hear() == [
        "updated messaging (Disconnected) CallTerminated",
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
        *(
            "self",
            "messaging",
            "audioVideo",
            "phoneAudio",
            "applicationSharing",
            "dataCollaboration",
        ),
    }
    assert organizer.hear() == [
        "added participant Gwen",
        "added participant Gwen @lobby",
    ]
    assert organizer.names("lobby") == ["Gwen"]
    organizer.do("Gwen", "admit")
    assert gwen.hear() == [
        "updated localParticipant Gwen",
        "added onlineMeeting @conversation",
        "updated messaging (Disconnected)",
        "added participant Dana Birkby",
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
        "deleted participant Gwen",
    ]
    assert gwen.hear() == [
        "deleted localParticipant Gwen",
        "completed onlineMeetingInvitation Failure (Failed) Denied",
        "updated conversation (Disconnected) Denied",
        "deleted conversation",
    ]


def test_the_organizer_opens_the_meeting_and_closes_it(
    installation: Installation, organizer: Seat, meeting: dict[str, Any], dana: Person
) -> None:
    organizer.join(meeting)
    gwen, gary = guest(installation, meeting), guest(installation, meeting)
    gwen.join(meeting)
    organizer.hear()
    changed = dana.put({**meeting, "accessLevel": "Everyone", "subject": "Open"})
    assert changed.status_code == 200, changed.text
    assert organizer.hear() == [
        "updated onlineMeeting",
        "deleted participant Gwen @lobby",
        "added participant Gwen @attendees",
        "updated participant Gwen",
        "updated conversation (Conferenced)",
    ]
    assert gwen.view()["state"] == "Conferenced"
    assert gwen.view()["subject"] == "Open"
    assert gwen.get(link(gwen.view(), "onlineMeeting"))["accessLevel"] == "Everyone"
    assert dana.put({**changed.json(), "accessLevel": "Locked"}).status_code == 200
    gary.join(meeting, anonymousDisplayName="Gary")
    assert gary.view()["state"] == "InLobby"
    assert gwen.view()["state"] == "Conferenced"
    gwen.leave()
    gwen.join(meeting)  # once admitted, she comes and goes
    assert gwen.view()["state"] == "Conferenced"


def test_the_meeting_is_cancelled(
    installation: Installation, organizer: Seat, meeting: dict[str, Any], dana: Person
) -> None:
    organizer.join(meeting)
    other = chris(installation)
    other.join(meeting)
    organizer.hear(), other.hear()
    assert dana.delete(link(meeting, "self")).status_code == 204
    for one, name in ((organizer, "Dana Birkby"), (other, "Chris Barry")):
        assert one.hear() == [
            "updated messaging (Disconnected) Ended",
            f"deleted localParticipant {name}",
            "updated conversation (Disconnected) Ended",
            "deleted conversation",
        ]
    answer = other.try_to_join(meeting)
    assert answer.status_code == 404
    assert answer.json()["subcode"] == "DestinationNotFound"


def test_leaders_eject_promote_and_demote(
    installation: Installation, organizer: Seat, meeting: dict[str, Any]
) -> None:
    organizer.join(meeting)
    other, gwen = chris(installation), guest(installation, meeting)
    other.join(meeting)
    gwen.join(meeting)
    organizer.hear(), other.hear()
    assert "admit" not in organizer.participant("Chris Barry")["_links"]
    organizer.do("Chris Barry", "promote")
    assert other.hear() == [
        "deleted participant Chris Barry @attendees",
        "added participant Chris Barry @leaders",
        "updated participant Chris Barry",
        "updated localParticipant Chris Barry",
        "updated participant Dana Birkby",
        "added participant Gwen",
        "added participant Gwen @lobby",
        "updated conversation (Conferenced)",
    ]
    own = other.get(link(other.view(), "localParticipant"))
    assert not {"admit", "reject", "eject", "promote", "demote"} & set(own["_links"])
    assert not {"eject", "demote"} & set(other.participant("Dana Birkby")["_links"])
    other.do("Gwen", "admit")
    organizer.do("Chris Barry", "demote")
    assert other.hear()[-1] == "updated conversation (Conferenced) Demoted"
    assert "lobby" not in other.view()["_links"]
    organizer.do("Chris Barry", "eject")
    assert other.hear()[-3:] == [
        "deleted localParticipant Chris Barry",
        "updated conversation (Disconnected) Ejected",
        "deleted conversation",
    ]
    other.join(meeting)  # a colleague would enter; who was ejected waits
    assert other.view()["state"] == "InLobby"
    organizer.do("Chris Barry", "admit")
    assert other.view()["state"] == "Conferenced"


def test_what_is_not_offered_is_refused(
    installation: Installation, organizer: Seat, meeting: dict[str, Any]
) -> None:
    organizer.join(meeting)
    other, gwen = chris(installation), guest(installation, meeting)
    other.join(meeting)
    gwen.join(meeting)
    post = organizer.person.post
    waiting = link(organizer.participant("Gwen"), "self")
    assert post(f"{waiting}/promote").status_code == 409
    assert other.person.post(f"{waiting}/admit").status_code == 404  # not even his path
    there = link(other.participant("Dana Birkby"), "self")
    assert other.person.post(f"{there}/eject").status_code == 403
    assert post(link(organizer.participant("Gwen"), "admit")).status_code == 204
    assert post(f"{waiting}/admit").status_code == 204  # once more: nothing changes
    assert post(f"{waiting}/reject").status_code == 409
    stranger = Seat(installation.sign_in(ALEX))
    elsewhere = organizer.conversation.replace(
        organizer.person.href("self"), stranger.person.href("self")
    )
    assert stranger.person.get(elsewhere).status_code == 404
    assert stranger.person.get(organizer.conversation).status_code == 404


def test_two_applications_of_a_user_are_one_participant(
    installation: Installation, organizer: Seat, meeting: dict[str, Any]
) -> None:
    organizer.join(meeting)
    desk, phone = chris(installation), chris(installation)
    desk.join(meeting)
    organizer.hear()
    phone.join(meeting)
    assert phone.hear()[:2] == [
        "added conversation (Conferenced)",
        "added localParticipant Chris Barry",
    ]
    assert organizer.hear() == []
    desk.leave()
    assert organizer.hear() == []
    assert desk.view()["state"] == "Disconnected"
    assert phone.view()["state"] == "Conferenced"
    phone.leave()
    assert "deleted participant Chris Barry" in organizer.hear()


def test_a_meeting_that_nobody_has_scheduled(installation: Installation, organizer: Seat) -> None:
    href = organizer.person.href("communication", "startOnlineMeeting")
    assert href.endswith("/communication/onlineMeetingInvitations?onlineMeetingUri=adhoc")
    answer = organizer.person.post(href, json={"subject": "Now", "operationId": "1"})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["subject"] == "Now"
    organizer.conversation = link(found, "conversation")
    live = organizer.get(link(organizer.view(), "onlineMeeting"))
    assert live["onlineMeetingUri"] == found["onlineMeetingUri"]
    other = chris(installation)
    other.join(found)
    assert other.names() == ["Dana Birkby", "Chris Barry"]
    listed = organizer.get(organizer.person.meetings)
    assert found["onlineMeetingUri"] not in str(listed)
    organizer.leave()
    other.leave()
    assert chris(installation).try_to_join(found).status_code == 404


class TestClients:
    """What deployed clients depend on (docs/compatibility.md)."""

    def test_the_invitation_is_there_at_once(
        self, organizer: Seat, meeting: dict[str, Any]
    ) -> None:
        found = organizer.join(meeting)
        shown = organizer.get(link(found, "self"))
        assert (shown["state"], shown["rel"]) == ("Connected", "onlineMeetingInvitation")
        assert organizer.get(link(shown, "conversation"))["state"] == "Conferenced"

    def test_an_operation_id_may_be_used_again(
        self, installation: Installation, organizer: Seat, meeting: dict[str, Any]
    ) -> None:
        first = organizer.join(meeting, operationId="1")
        again = organizer.join(meeting, operationId="1")
        assert link(first, "self") != link(again, "self")
        assert link(first, "conversation") == link(again, "conversation")
        assert again["state"] == "Connected"

    def test_addresses_stand_in_paths_as_they_are(
        self, organizer: Seat, meeting: dict[str, Any]
    ) -> None:
        organizer.join(meeting)
        (one,) = organizer.get(link(organizer.view(), "participants"))["_links"]["participant"]
        assert one["href"].endswith("/participants/dana@contoso.com")
        assert one["title"] == "Dana Birkby"
        contact = link(organizer.participant("Dana Birkby"), "contact")
        assert contact.endswith("/people/dana@contoso.com")

    def test_events_carry_what_clients_read_in_them(
        self, organizer: Seat, meeting: dict[str, Any]
    ) -> None:
        organizer.join(meeting)
        package = organizer.get(organizer.person.href("events"))
        events = [event for sender in package["sender"] for event in sender["events"]]
        shown = {event["link"]["rel"] for event in events if "_embedded" in event}
        assert {"conversation", "onlineMeetingInvitation", "onlineMeeting"} <= shown
        for event in events:
            assert "_embedded" not in event or event["link"]["rel"] in event["_embedded"]
            assert ("status" in event) is (event["type"] == "completed")

    def test_the_end_is_an_update_before_it_is_a_deletion(
        self, organizer: Seat, meeting: dict[str, Any]
    ) -> None:
        organizer.join(meeting)
        organizer.leave()
        assert organizer.hear()[-2:] == [
            "updated conversation (Disconnected) CallTerminated",
            "deleted conversation",
        ]


class TestWrong:
    def test_no_such_meeting(self, organizer: Seat, meeting: dict[str, Any]) -> None:
        for uri in ("sip:x", "sip:Dana@contoso.com", meeting["onlineMeetingUri"] + "X"):
            answer = organizer.try_to_join({"onlineMeetingUri": uri})
            assert answer.status_code == 404, uri
            assert answer.json()["subcode"] == "DestinationNotFound"

    def test_a_guest_without_a_name(
        self, installation: Installation, meeting: dict[str, Any]
    ) -> None:
        answer = guest(installation, meeting).try_to_join(meeting, anonymousDisplayName=" ")
        assert answer.status_code == 400
        assert "anonymousDisplayName" in answer.text

    def test_a_guest_of_another_meeting(
        self, installation: Installation, meeting: dict[str, Any], dana: Person
    ) -> None:
        other = dana.schedule(subject="Private")
        assert guest(installation, meeting).try_to_join(other).status_code == 403

    def test_a_guest_starts_no_meeting(
        self, installation: Installation, meeting: dict[str, Any]
    ) -> None:
        gwen = guest(installation, meeting)
        assert "startOnlineMeeting" not in gwen.person.application["_embedded"]["communication"]
        assert gwen.try_to_join({"onlineMeetingUri": "adhoc"}).status_code == 403

    def test_an_expired_meeting(
        self, installation: Installation, meeting: dict[str, Any], clock: Clock
    ) -> None:
        clock.advance(timedelta(hours=9))
        assert Seat(installation.sign_in()).try_to_join(meeting).status_code == 404


class TestTime:
    def test_nobody_lets_a_guest_in(
        self, installation: Installation, organizer: Seat, meeting: dict[str, Any], clock: Clock
    ) -> None:
        organizer.join(meeting)
        gwen = guest(installation, meeting)
        gwen.join(meeting)
        gwen.hear(), organizer.hear()
        clock.advance(timedelta(minutes=30))
        installation.transact(lambda tx: tx.of(Rosters).settle_due(Lifetimes()))
        assert "completed onlineMeetingInvitation Failure (Failed) Timeout" in gwen.hear()
        assert organizer.names("lobby") == []

    def test_a_silent_client_leaves(
        self, installation: Installation, organizer: Seat, meeting: dict[str, Any], clock: Clock
    ) -> None:
        organizer.join(meeting)
        other = chris(installation)
        other.join(meeting)
        clock.advance(timedelta(minutes=4))
        organizer.hear()
        clock.advance(timedelta(minutes=2))
        installation.transact(lambda tx: sweep(tx, Lifetimes()))
        assert organizer.names() == ["Dana Birkby"]
        assert other.view()["state"] == "Disconnected"
        assert "deleted participant Chris Barry" in organizer.hear()

    def test_an_application_ends(
        self, installation: Installation, organizer: Seat, meeting: dict[str, Any]
    ) -> None:
        organizer.join(meeting)
        other = chris(installation)
        other.join(meeting)
        assert other.person.delete(other.person.href("self")).status_code == 204
        assert organizer.names() == ["Dana Birkby"]

    def test_a_tab_that_is_opened_later_hears_of_the_meeting(
        self, installation: Installation, organizer: Seat, meeting: dict[str, Any]
    ) -> None:
        organizer.join(meeting)
        tab = Person(installation, organizer.person.token, organizer.person.endpoint_id)
        tab._application = tab.register(instanceId="2").json()
        later = Seat(tab)
        chris(installation).join(meeting)
        assert "added participant Chris Barry @attendees" in later.hear()


def test_who_joins_too_often_has_to_wait(organizer: Seat, meeting: dict[str, Any]) -> None:
    for _ in range(ENTRIES.at_once):
        organizer.join(meeting)
    answer = organizer.try_to_join(meeting)
    assert answer.status_code == 429, answer.text
    assert answer.headers["Retry-After"] == "1"


def test_a_meeting_that_is_full(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock, with_limits(participants_per_meeting=1)) as installation:
        organizer = Seat(installation.sign_in())
        meeting = organizer.person.schedule(subject="Weekly")
        other = chris(installation)
        other.join(meeting)
        late = Seat(installation.sign_in(ALEX))
        late.join(meeting)
        heard = late.hear()
        assert "completed onlineMeetingInvitation Failure (Failed) TooManyParticipants" in heard
        assert heard[-2:] == [
            "updated conversation (Disconnected) TooManyParticipants",
            "deleted conversation",
        ]
        organizer.join(meeting)  # who organizes it always has a place
        assert organizer.view()["state"] == "Conferenced"


def test_nobody_is_admitted_to_a_meeting_that_is_full(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock, with_limits(participants_per_meeting=2)) as installation:
        organizer, other = Seat(installation.sign_in()), chris(installation)
        meeting = organizer.person.schedule(subject="Weekly", accessLevel="SameEnterprise")
        organizer.join(meeting)
        gwen = guest(installation, meeting)
        gwen.join(meeting)
        other.join(meeting)
        answer = organizer.person.post(link(organizer.participant("Gwen"), "admit"))
        assert answer.status_code == 409
        assert "the limit" in answer.json()["message"]
        late = guest(installation, meeting)
        late.join(meeting)
        assert "TooManyParticipants" in late.hear()[-2]
        other.leave()
        organizer.do("Gwen", "admit")
        assert gwen.view()["state"] == "Conferenced"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Gwen\nDana Birkby has left", "Gwen Dana Birkby has left"),
        ("\u202eGwen", "Gwen"),
        ("\x9b31mGwen\x7f", "31mGwen"),
        ("\ufeff\u200b\u200d", None),
    ],
)
def test_the_name_of_a_guest_steers_nothing(
    installation: Installation,
    organizer: Seat,
    meeting: dict[str, Any],
    given: str,
    shown: str | None,
) -> None:
    organizer.join(meeting)
    gwen = guest(installation, meeting)
    answer = gwen.try_to_join(meeting, anonymousDisplayName=given)
    if shown is None:
        assert answer.json()["parameters"].keys() == {"anonymousDisplayName"}
    else:
        assert answer.json()["anonymousDisplayName"] == shown
        assert organizer.names("lobby") == [shown]


def test_a_meeting_is_over_when_its_organizer_is_removed(
    installation: Installation, organizer: Seat, meeting: dict[str, Any]
) -> None:
    organizer.join(meeting)
    other = chris(installation)
    other.join(meeting)
    other.hear()
    user = installation.transact(lambda tx: tx.of(Users).by_uri(DANA.uri))
    installation.transact(lambda tx: tx.of(Belongings).remove(user))
    assert other.hear() == [
        "updated messaging (Disconnected) Ended",
        "deleted localParticipant Chris Barry",
        "updated conversation (Disconnected) Ended",
        "deleted conversation",
    ]
    assert other.view()["state"] == "Disconnected"
    installation.clock.advance(3 * KEPT)
    installation.transact(lambda tx: sweep(tx, Lifetimes()))
    for table in ("conversations", "participants", "views", "invitations"):
        kept = installation.transact(partial(_count, table))
        assert kept == 0, table


def _count(table: str, tx: Transaction) -> int:
    (count,) = tx.connection.execute(f"SELECT count(*) FROM {table}", {}).fetchone()  # noqa: S608 - of the test
    return int(count)
