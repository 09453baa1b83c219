"""Messages in meetings: one order for all, who may send them, and who comes late."""

from datetime import timedelta
from typing import Any

import pytest

from openucwa.domain import messages
from tests.http.test_talks import HTML, Talker
from tests.installation import CHRIS, Installation, Person
from tests.live import guest, link

SECOND = timedelta(seconds=1)


class Speaker(Talker):
    """Somebody in a meeting, who may take messages."""

    def add(self, **more: Any) -> dict[str, Any]:
        """Take messages; the invitation."""
        answer = self.person.post(link(self.messaging, "addMessaging"), json=more)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def enter(self, meeting: dict[str, Any]) -> "Speaker":
        """Join the meeting, take messages, and hear of that."""
        self.join(meeting)
        self.add()
        self.hear()
        return self

    def texts(self) -> list[str]:
        """The plain texts that have come, or the numbers of those that were sent here."""
        return [
            link(one, "plainMessage").rpartition(",")[2]
            if "plainMessage" in one["_links"]
            else link(one, "self").rpartition("/")[2]
            for one in self.heard()
        ]


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly", accessLevel="Everyone")


@pytest.fixture
def leader(dana: Person, meeting: dict[str, Any]) -> Speaker:
    return Speaker(dana)


@pytest.fixture
def attendee(chris: Person) -> Speaker:
    return Speaker(chris)


def test_messages_are_added_to_a_meeting(
    leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.join(meeting)
    assert leader.messaging["state"] == "Disconnected"
    assert set(leader.messaging["_links"]) == {"self", "conversation", "addMessaging"}
    attendee.join(meeting)
    leader.hear()
    attendee.hear()
    href = link(leader.messaging, "addMessaging")
    assert "/communication/messagingInvitations?conversation=" in href
    found = leader.add(operationId="5")
    assert (found["state"], found["direction"], found["operationId"]) == (
        "Connected",
        "Outgoing",
        "5",
    )
    assert leader.hear() == [
        "added participantMessaging @localParticipant",
        "updated messaging (Connected)",
        "updated conversation (Conferenced)",
        "completed messagingInvitation Success (Connected)",
    ]
    assert attendee.hear() == ["added participantMessaging @participant"]
    assert leader.view()["activeModalities"] == ["Messaging"]
    assert "participantMessaging" in leader.get(link(leader.view(), "localParticipant"))["_links"]
    there = attendee.participant("Dana Birkby")["_links"]["participantMessaging"]["href"]
    assert attendee.get(there)["rel"] == "participantMessaging"
    assert leader.person.post(href, json={}).status_code == 409
    assert leader.use("stopMessaging") == 204
    assert leader.hear() == [
        "deleted participantMessaging @localParticipant",
        "updated messaging (Disconnected)",
        "updated conversation (Conferenced)",
    ]
    assert attendee.hear() == ["deleted participantMessaging @participant"]
    assert "addMessaging" in leader.messaging["_links"]
    assert leader.view()["state"] == "Conferenced"


def test_all_hear_messages_in_one_order(
    installation: Installation, leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    attendee.enter(meeting)
    gwen = Speaker(guest(installation, meeting).person).enter(meeting)
    leader.hear()
    attendee.hear()
    for number in range(3):
        leader.send(f"l{number}")
        gwen.send(f"g{number}")
    assert attendee.texts() == ["l0", "g0", "l1", "g1", "l2", "g2"]
    assert gwen.texts() == ["l0", "3", "l1", "5", "l2", "7"]
    assert leader.texts() == ["2", "g0", "4", "g1", "6", "g2"]
    assert attendee.hear() == gwen.hear() == []


def test_one_message_is_one_row_and_one_fact(
    installation: Installation, leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    attendee.enter(meeting)

    def count(tx: Any) -> list[int]:
        return [
            tx.connection.execute(f"SELECT count(*) FROM {table}", {}).fetchone()[0]  # noqa: S608
            for table in ("facts", "messages")
        ]

    facts, rows = installation.transact(count)
    leader.send("Hi")
    assert installation.transact(count) == [facts + 1, rows + 1]


def test_only_who_takes_messages_hears_them(
    leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    attendee.join(meeting)
    attendee.hear()
    href = leader.send("Hi").headers["Location"]
    assert attendee.hear() == []
    there = href.replace(leader.application_id, attendee.application_id)
    assert attendee.person.get(there).status_code == 404
    path = link(attendee.view(), "messaging") + "/messages"
    answer = attendee.person.post(path, content=b"Hi", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 409


def test_who_comes_late_hears_what_was_just_said(
    installation: Installation, leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    leader.send("long-ago")
    installation.let_pass(messages.RECENT + SECOND)
    leader.hear()
    leader.send("just-now")
    leader.send("and-this")
    attendee.join(meeting)
    attendee.hear()
    attendee.add()
    assert attendee.texts() == ["just-now", "and-this"]
    first = link(leader.messaging, "sendMessage") + "/2"
    there = first.replace(leader.application_id, attendee.application_id)
    assert attendee.person.get(there).status_code == 404
    attendee.use("stopMessaging")
    leader.send("while-away")
    assert attendee.heard() == []


def test_html_comes_to_who_takes_it(
    leader: Speaker, attendee: Speaker, installation: Installation, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    attendee.available(supportedMessageFormats=HTML)
    attendee.enter(meeting)
    gwen = Speaker(guest(installation, meeting).person).enter(meeting)
    assert attendee.messaging["negotiatedMessageFormats"] == HTML
    assert gwen.messaging["negotiatedMessageFormats"] == ["Plain"]
    leader.send("<p>Hi <script>alert(1)</script><b>all</b></p>", "text/html")
    (heard,) = attendee.heard()
    assert link(heard, "htmlMessage").startswith("data:text/html;charset=utf-8,%3cspan+style%3d%22")
    assert "script" not in link(heard, "htmlMessage")
    assert link(heard, "plainMessage") == "data:text/plain;charset=utf-8,Hi+all"
    (heard,) = gwen.heard()
    assert "htmlMessage" not in heard["_links"]


def test_leaders_decide_whether_attendees_may_send(
    leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    attendee.enter(meeting)
    leader.hear()
    send = link(attendee.messaging, "sendMessage")
    assert "enableAudienceMessaging" not in leader.view()["_links"]
    assert not {*attendee.view()["_links"]} & {
        "enableAudienceMessaging",
        "disableAudienceMessaging",
    }
    disable = link(leader.view(), "disableAudienceMessaging")
    assert (
        attendee.person.post(
            disable.replace(leader.application_id, attendee.application_id)
        ).status_code
        == 403
    )
    assert [leader.person.post(disable).status_code for _ in range(2)] == [204, 204]
    assert attendee.hear() == [
        "updated conversation (Conferenced)",
        "updated messaging (Connected)",
    ]
    assert leader.hear() == ["updated conversation (Conferenced)"]
    assert attendee.view()["audienceMessaging"] == "Disabled"
    assert set(attendee.messaging["_links"]) == {
        *("self", "conversation", "stopMessaging", "typingParticipants")
    }
    for href in (send, send.replace("/messages", "/typing")):
        answer = attendee.person.post(href, content=b"Hi", headers={"Content-Type": "text/plain"})
        assert (answer.status_code, answer.json()["subcode"]) == (403, "AttendeeNotAllowed")
    assert leader.send("Silence").status_code == 201
    assert attendee.texts() == ["Silence"]
    leader.do("Chris Barry", "promote")
    assert attendee.send("Thanks").status_code == 201
    assert leader.person.post(link(leader.view(), "enableAudienceMessaging")).status_code == 204
    assert attendee.view()["audienceMessaging"] == "Enabled"


@pytest.mark.parametrize("way", ["leaves", "is ejected", "application"])
def test_who_goes_takes_no_messages(
    leader: Speaker, attendee: Speaker, meeting: dict[str, Any], way: str
) -> None:
    leader.enter(meeting)
    attendee.enter(meeting)
    attendee.use("setIsTyping")
    leader.hear()
    if way == "leaves":
        attendee.leave()
    elif way == "is ejected":
        leader.do("Chris Barry", "eject")
    else:
        attendee.person.delete(attendee.person.href("self"))
    assert leader.hear() == [
        "deleted participant @typingParticipants",
        "deleted participantMessaging @participant",
        "deleted participant Chris Barry @attendees",
        "deleted participant Chris Barry",
        "updated conversation (Conferenced)",
    ]
    assert leader.send("Bye").status_code == 201
    if way != "application":
        assert [line.partition(" (")[0] for line in attendee.hear()] == [
            "deleted participantMessaging @localParticipant",
            "updated messaging",
            "deleted localParticipant Chris Barry",
            "updated conversation",
            "deleted conversation",
        ]
        attendee.join(meeting)
        if way == "leaves":
            assert attendee.messaging["state"] == "Disconnected"
            attendee.add()
            assert attendee.texts() == ["Bye"]


def test_one_user_is_one_participant_however_many_applications_take_messages(
    installation: Installation, leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    attendee.enter(meeting)
    leader.hear()
    second = Speaker(installation.sign_in(CHRIS)).enter(meeting)
    assert leader.hear() == []
    second.send("from-here")
    (there,) = attendee.heard()
    assert (there["direction"], link(there, "plainMessage")[-9:]) == ("Outgoing", "from-here")
    second.use("stopMessaging")
    assert leader.texts() == ["from-here"]
    assert leader.hear() == []
    attendee.use("stopMessaging")
    assert leader.hear() == ["deleted participantMessaging @participant"]


def test_who_did_not_get_it_is_named(
    installation: Installation, leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    attendee.enter(meeting)
    installation.clock.advance(timedelta(seconds=211))
    leader.hear()
    answer = leader.send("Hi")
    (own,) = leader.heard()
    (failed,) = own["_links"]["failedDeliveryParticipant"]
    assert failed["href"].endswith("/participants/chris@contoso.com")
    assert leader.get(failed["href"])["name"] == "Chris Barry"
    assert answer.json()["_links"]["failedDeliveryParticipant"] == [failed]
    assert attendee.heard() == []


@pytest.mark.parametrize("most", ["MOST_OF_ONE", "MOST_OF_ALL"])
def test_floods_are_bounded(
    installation: Installation,
    leader: Speaker,
    attendee: Speaker,
    meeting: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    most: str,
) -> None:
    monkeypatch.setattr(f"openucwa.store.tables.messages.{most}", 3)
    leader.enter(meeting)
    attendee.enter(meeting)
    assert [leader.send("Hi").status_code for _ in range(4)] == [201, 201, 201, 429]
    answer = leader.send("Hi")
    assert (answer.json()["code"], answer.headers["Retry-After"]) == ("TooManyRequests", "2")
    assert attendee.send("Hi").status_code == (201 if most == "MOST_OF_ONE" else 429)
    installation.let_pass(messages.FLOOD + SECOND)
    assert leader.send("Hi").status_code == 201


def test_the_meeting_is_cancelled(
    leader: Speaker, attendee: Speaker, meeting: dict[str, Any]
) -> None:
    leader.enter(meeting)
    attendee.enter(meeting)
    leader.hear()
    assert leader.person.delete(link(meeting, "self")).status_code == 204
    assert attendee.hear() == [
        "updated messaging (Disconnected) Ended",
        "deleted localParticipant Chris Barry",
        "updated conversation (Disconnected) Ended",
        "deleted conversation",
    ]
