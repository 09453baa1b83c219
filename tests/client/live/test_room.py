"""Conversations that a client takes part in, at a server that tells addresses only."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openucwa.client import ConversationEnded, NotOffered
from openucwa.client.live.happening import (
    Ended,
    Entered,
    Joined,
    Left,
    MustWait,
    Resumed,
    Waiting,
)
from openucwa.client.live.message import Message
from openucwa.client.transports import InProcess
from tests.client.live.gathering import Gathering
from tests.passwords import PASSWORD
from tests.patience import until

URL = "https://meet.fabrikam.com/dana/X7001"


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    for name in ("_FIRST_PAUSE", "_AT_LEAST", "_REPLACED_PAUSE"):
        monkeypatch.setattr(f"openucwa.client.listening.{name}", 0.02)


@pytest.fixture
def server() -> Gathering:
    return Gathering()


@pytest.fixture
def client(flavour: Callable[..., Any], server: Gathering) -> Iterator[Any]:
    with (
        InProcess(server) as transport,
        flavour("dana@fabrikam.com", PASSWORD, transport=transport) as client,
    ):
        client.application()
        yield client


@pytest.fixture
def room(client: Any, server: Gathering) -> Iterator[Any]:
    """A meeting that Dana leads, and Alex attends."""
    server.people["alex"] = "attendees"
    server.happens(
        server.changed("localParticipant", "/localParticipant", "added"),
        server.changed("messaging", "/messaging"),
        server.person("alex", "added"),
        server.person("alex", "added", "attendees"),
        server.changed("conversation"),
    )
    with client.join(URL) as room:
        yield room


def names(people: Any) -> list[str]:
    return [one.name for one in people]


def after(room: Any, kind: type) -> list[Any]:
    """What happens until something of a kind has: all of it."""
    found = []
    for one in room:
        found.append(one)
        if isinstance(one, kind):
            break
    return found


class TestMeeting:
    def test_is_joined_by_its_url_and_read_by_its_links(self, room: Any, server: Gathering) -> None:
        path, given = server.posted[1]  # the first one had the URL, which that server does not take
        assert path == "comm/joins"
        assert given["onlineMeetingUri"] == (
            "sip:dana@fabrikam.com;gruu;opaque=app:conf:focus:id:X7001"
        )
        assert (room.subject, room.role, names(room.roster)) == (
            "Weekly",
            "Leader",
            ["Dana", "Alex"],
        )
        assert [one.uri for one in room.roster] == [
            "sip:dana@fabrikam.com",
            "sip:alex@fabrikam.com",
        ]
        assert after(room, Entered) == [Entered()]

    def test_messages_of_others_and_own_ones_in_one_order(
        self, room: Any, server: Gathering
    ) -> None:
        after(room, Entered)
        server.happens(server.words("alex", "Hi Dana"))
        (first,) = after(room, Message)
        assert (first.text, first.sender.name, first.is_mine) == ("Hi Dana", "Alex", False)
        room.say("Hi Alex")
        (second,) = after(room, Message)
        assert (second.text, second.is_mine) == ("Hi Alex", True)
        assert [one.text for one in room.messages] == ["Hi Dana", "Hi Alex"]
        _, sent = server.posted[-1]
        assert (sent["text"], sent["type"]) == ("Hi Alex", "text/plain; charset=utf-8")
        room.say("Hi", html="<b>Hi</b>")
        _, sent = server.posted[-1]
        assert (sent["text"], sent["type"]) == ("<b>Hi</b>", "text/html; charset=utf-8")

    def test_lobby_is_seen_and_emptied(self, room: Any, server: Gathering) -> None:
        after(room, Entered)
        server.people["chris"] = "lobby"
        server.happens(server.person("chris", "added"), server.person("chris", "added", "lobby"))
        happened = after(room, Waiting)
        chris = happened[-1].person
        assert (chris.name, names(room.lobby)) == ("Chris", ["Chris"])
        assert chris.uri == "sip:chris@fabrikam.com"
        room.admit(chris)
        assert server.posted[-1][0] == "talk/21/p/chris/admit"
        with pytest.raises(NotOffered, match="You can't demote Chris now"):
            room.demote(chris)
        del server.people["chris"]
        with pytest.raises(NotOffered, match="Chris is not here any more"):
            room.promote(chris)

    def test_asks_for_messages_that_do_not_come_by_themselves(
        self, client: Any, server: Gathering
    ) -> None:
        server.may_talk = False
        server.happens(server.changed("messaging", "/messaging"), server.changed("conversation"))
        with client.join(URL) as room:
            room.say("Hello")
        assert [path for path, _ in server.posted][1:] == [
            "comm/joins",
            "talk/21/im",
            "talk/21/words",
        ]

    def test_typing_is_told_once_in_a_while(self, room: Any, server: Gathering) -> None:
        for _ in range(5):
            room.type()
        assert [path for path, _ in server.posted].count("talk/21/typing") == 1
        server.happens(server.person("alex", "added", "typingParticipants"))
        until(lambda: names(room.typing) == ["Alex"])

    def test_end_of_the_block_leaves(self, client: Any, room: Any, server: Gathering) -> None:
        room.leave()
        assert server.requests[-1] == ("DELETE", server.talk)
        assert isinstance(after(room, Ended)[-1], Ended)
        assert list(room) == []
        with pytest.raises(ConversationEnded):
            room.say("Hello?")

    def test_closing_the_client_ends_the_iteration(self, client: Any, room: Any) -> None:
        after(room, Entered)
        threading.Timer(0.2, client.close).start()
        assert [one for one in room if not isinstance(one, Ended)] == []


class TestLobby:
    def test_waits_until_admitted(self, client: Any, server: Gathering) -> None:
        server.state = "InLobby"
        server.happens(server.changed("conversation"))
        with client.join(URL) as room:
            assert room.is_waiting
            assert after(room, MustWait) == [MustWait()]
            with pytest.raises(NotOffered, match="lobby"):
                room.say("Hello?")
            server.state = "Conferenced"
            server.happens(server.changed("conversation"))
            room.admitted()
            assert not room.is_waiting

    def test_is_told_why_not(self, client: Any, server: Gathering) -> None:
        server.state = "InLobby"
        server.happens(server.changed("conversation"))
        with client.join(URL) as room:
            server.ends("Denied")
            with pytest.raises(ConversationEnded, match="has not let you in") as ended:
                room.admitted()
            assert ended.value.why
            assert ended.value.why.subcode == "Denied"
        assert ("DELETE", server.talk) not in server.requests

    def test_full_meeting(self, client: Any, server: Gathering) -> None:
        failed = {
            "link": {"rel": "onlineMeetingInvitation", "href": f"{server.here}/comm/joins/1"},
            "type": "completed",
            "status": "Failure",
            "reason": {"code": "RemoteFailure", "subcode": "TooManyParticipants"},
        }
        server.tell({"rel": "communication", "href": f"{server.here}/comm", "events": [failed]})
        with pytest.raises(ConversationEnded, match="The meeting is full"), client.join(URL):
            pass


class TestInterruptions:
    def test_reads_anew_what_has_happened_meanwhile(self, room: Any, server: Gathering) -> None:
        after(room, Entered)
        server.people = {"chris": "attendees"}
        server.tell()  # a package without events
        server.resync = True
        happened = after(room, Resumed)
        assert [(type(one), one.person.name) for one in happened[:-1]] == [
            (Left, "Alex"),
            (Joined, "Chris"),
        ]
        assert happened[-1] == Resumed(missed=True)
        assert names(room.roster) == ["Dana", "Chris"]

    def test_joins_again_where_the_server_has_forgotten(self, room: Any, server: Gathering) -> None:
        """In a new application; what was said before stays."""
        server.happens(server.words("alex", "Hi"))
        after(room, Message)
        before = server.talk
        server.is_gone = True
        server.expire_applications()
        server.tell()
        until(lambda: [path for path, _ in server.posted].count("comm/joins") == 4)
        server.is_gone = False
        assert server.talk != before
        server.happens(server.changed("conversation"))
        assert isinstance(after(room, Entered)[-1], Entered)
        assert [one.text for one in room.messages] == ["Hi"]

    def test_meeting_that_can_not_be_joined_again_is_over(
        self, room: Any, server: Gathering
    ) -> None:
        after(room, Entered)
        server.ends("Ended")
        assert after(room, Ended)[-1].why.subcode == "Ended"
        assert room.is_over


class TestTwo:
    def test_chat_has_the_names_of_contacts(self, client: Any, server: Gathering) -> None:
        server.is_meeting, server.state = False, "Connected"
        server.people["alex"] = "inside"
        server.happens(
            server.changed("conversation"),
            server.person("alex", "added"),
            server.changed("messaging", "/messaging"),
        )
        with client.chat("alex@fabrikam.com", subject="Lunch") as room:
            path, given = server.posted[0]
            assert (path, given["to"], given["subject"]) == (
                "comm/calls",
                "sip:alex@fabrikam.com",
                "Lunch",
            )
            until(lambda: names(room.roster) == ["Alex"])
            server.happens(server.words("alex", "Hi"))
            assert after(room, Message)[-1].sender.name == "Alex"

    def test_declined(self, client: Any, server: Gathering) -> None:
        server.is_meeting, server.state = False, "Connecting"
        server.ends("Declined")
        with pytest.raises(ConversationEnded, match="declined"), client.chat("alex@fabrikam.com"):
            pass


class TestInvitations:
    def invited(self, server: Gathering) -> None:
        place = f"{server.here}/comm/calls/1"
        sender = {
            "name": "",
            "rel": "participant",
            "_links": {"contact": {"href": f"{server.here}/book/alex"}},
        }
        links = {rel: {"href": f"{place}/{rel}"} for rel in ("accept", "decline")}
        links["message"] = {"href": "data:text/plain;base64,SGk="}
        found = server.invitation("calls", direction="Incoming", subject="Lunch", _links=links)
        found["_embedded"] = {"from": sender}
        event = {
            "link": {"rel": "messagingInvitation", "href": place},
            "type": "started",
            "_embedded": {"messagingInvitation": found},
        }
        server.tell({"rel": "communication", "href": f"{server.here}/comm", "events": [event]})

    def test_are_accepted(self, client: Any, server: Gathering) -> None:
        server.is_meeting, server.state = False, "Incoming"
        self.invited(server)
        with client.invitations() as invitations:
            invitation = next(invitations)
            assert (invitation.sender.name, invitation.subject, invitation.text) == (
                "Alex",
                "Lunch",
                "Hi",
            )
            assert invitation.is_pending
            assert not invitation.is_meeting
            server.state = "Connected"
            server.happens(server.changed("conversation"))
            with invitation.accept() as room:
                assert not room.is_waiting
        assert [path for path, _ in server.posted] == ["on", "comm/calls/1/accept"]

    def test_are_declined(self, client: Any, server: Gathering) -> None:
        self.invited(server)
        with client.invitations() as invitations:
            next(invitations).decline()
        assert server.posted[-1] == ("comm/calls/1/decline", {"reason": "Global"})

    def test_end_with_the_client(self, client: Any) -> None:
        threading.Timer(0.3, client.close).start()
        started = time.monotonic()
        assert list(client.invitations()) == []
        assert time.monotonic() - started < 10


@pytest.mark.parametrize("address", ["", "PYC58WSY", "https://meet.fabrikam.com/", "ftp://a.b/c/d"])
def test_what_is_no_meeting_is_refused(client: Any, address: str) -> None:
    with pytest.raises(ValueError, match="neither the join URL"):
        client.join(address)
