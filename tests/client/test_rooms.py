"""Meetings that people are in with this client, at this server."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from openucwa.client import (
    AccessLevel,
    BadInput,
    ConversationEnded,
    Demoted,
    Ended,
    Entered,
    EventsTaken,
    Joined,
    Left,
    Message,
    MustWait,
    NotFound,
    NotOffered,
    Promoted,
    Resumed,
    SubjectChanged,
    TalkAllowed,
    Waiting,
    WrongPassword,
)
from tests.client.live.test_room import after, names
from tests.client.watched import Watched
from tests.installation import CHRIS, Clock
from tests.patience import until

Connect = Callable[..., Any]


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    for name in ("_FIRST_PAUSE", "_AT_LEAST", "_REPLACED_PAUSE"):
        monkeypatch.setattr(f"openucwa.client.listening.{name}", 0.02)


@pytest.fixture
def dana(connect: Connect) -> Iterator[Any]:
    with connect() as client:
        yield client


@pytest.fixture
def chris(connect: Connect, server: Watched) -> Iterator[Any]:
    server.installation.add_user(CHRIS)
    with connect("chris@contoso.com") as client:
        yield client


@pytest.fixture
def as_guest(request: pytest.FixtureRequest, server: Watched) -> Connect:
    """A guest of a meeting."""
    flavour = request.getfixturevalue("flavour")

    def connect(meeting: Any, name: str = "Gustav") -> Any:
        return flavour(meeting.join_url, name, transport=server, guest=True)

    return connect


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as threads:
        yield threads


@pytest.fixture
def meeting(dana: Any) -> Any:
    return dana.meetings.schedule(subject="Weekly", access_level=AccessLevel.SAME_ENTERPRISE)


def test_who_joins_is_seen_and_named(dana: Any, chris: Any, meeting: Any) -> None:
    with dana.join(meeting) as room:
        assert (room.subject, names(room.roster), room.role) == (
            "Weekly",
            ["Dana Birkby"],
            "Leader",
        )
        with chris.join(meeting.join_url) as hers:
            assert after(room, Joined)[-1].person.uri == "sip:Chris@contoso.com"
            assert names(room.roster) == names(reversed(hers.roster))
        assert after(room, Left)[-1].person.name == "Chris Barry"
        assert names(room.roster) == ["Dana Birkby"]


def test_those_who_are_there_already_do_not_join(dana: Any, chris: Any, meeting: Any) -> None:
    with dana.join(meeting) as room, chris.join(meeting.join_url) as hers:
        until(lambda: names(hers.roster) == ["Chris Barry", "Dana Birkby"])
        room.say("Welcome")
        assert [type(one) for one in after(hers, Message)] == [Entered, Message]


def test_guest_waits_and_is_admitted(dana: Any, meeting: Any, as_guest: Connect) -> None:
    with dana.join(meeting) as room, as_guest(meeting) as guest, guest.join() as hers:
        assert hers.is_waiting
        waiting = after(room, Waiting)[-1].person
        assert (waiting.name, waiting.is_anonymous, names(room.lobby)) == (
            "Gustav",
            True,
            ["Gustav"],
        )
        assert waiting.actions == ("admit", "reject")
        room.admit(waiting)
        hers.admitted()
        assert names(hers.roster) == ["Gustav", "Dana Birkby"]
        assert after(room, Joined)[-1].person.name == "Gustav"
        assert [type(one) for one in after(hers, Entered)] == [MustWait, Entered]


def test_guest_is_rejected(dana: Any, meeting: Any, as_guest: Connect) -> None:
    with dana.join(meeting) as room, as_guest(meeting) as guest, guest.join() as hers:
        room.reject(after(room, Waiting)[-1].person)
        with pytest.raises(ConversationEnded, match="has not let you in"):
            hers.admitted()
        until(lambda: room.lobby == ())


def test_promoted_demoted_ejected(dana: Any, chris: Any, meeting: Any) -> None:
    with dana.join(meeting) as room, chris.join(meeting.uri) as hers:
        person = after(room, Joined)[-1].person
        room.promote(person)
        assert after(hers, Promoted)[-1].person.is_local
        assert after(room, Promoted)[-1].person.name == person.name
        assert hers.role == "Leader"
        assert names(hers.leaders) == names(hers.roster)
        with pytest.raises(NotOffered, match="You can't demote Dana Birkby"):
            hers.demote(next(one for one in hers.roster if not one.is_local))
        room.demote(person)
        after(hers, Demoted)
        room.eject(person)
        assert after(hers, Ended)[-1].why.subcode == "Ejected"
        assert hers.is_over


def test_new_subject_is_told(dana: Any, chris: Any, meeting: Any) -> None:
    with chris.join(meeting.uri) as room:
        dana.meetings.update(meeting, subject="Monthly")
        assert after(room, SubjectChanged)[-1].subject == "Monthly"


def test_meeting_that_nobody_has_scheduled(dana: Any, chris: Any) -> None:
    with dana.meet("Ad hoc") as room:
        assert (room.subject, room.role) == ("Ad hoc", "Leader")
        assert room.until(lambda: bool(room.join_url), 10)
        with chris.join(room.join_url) as hers:
            assert hers.subject == "Ad hoc"


def test_what_is_not_there(dana: Any, meeting: Any, as_guest: Connect) -> None:
    dana.meetings.cancel(meeting)
    with pytest.raises(NotFound, match="no such meeting"), dana.join(meeting):
        pass
    with pytest.raises(WrongPassword, match="knows no such meeting"), as_guest(meeting):
        pass


def test_who_is_there_already_sees_all_of_it_again(dana: Any, chris: Any, meeting: Any) -> None:
    with chris.join(meeting.uri), dana.join(meeting), dana.join(meeting) as again:
        assert again.until(lambda: len(again.roster) == 2, 10)
        assert again.role == "Leader"
        assert after(again, Entered) == [Entered()]


def test_each_room_of_a_client_hears_of_its_own(dana: Any, chris: Any, meeting: Any) -> None:
    other = dana.meetings.schedule(subject="Other")
    with dana.invitations(), dana.join(meeting) as room, dana.join(other) as second:
        with chris.join(other.uri) as hers:
            hers.say("Hello")
            assert after(second, Message)[-1].text == "Hello"
        with pytest.raises(EventsTaken):
            dana.events()
        assert (room.messages, names(room.roster)) == ((), ["Dana Birkby"])


class TestTalking:
    def test_all_read_the_messages_in_one_order(self, dana: Any, chris: Any, meeting: Any) -> None:
        with dana.join(meeting) as room, chris.join(meeting.uri) as hers:
            for number in range(5):
                room.say(f"Dana {number}")
                hers.say(f"Chris {number}")
            assert room.until(lambda: len(room.messages) == 10, 10)
            assert hers.until(lambda: len(hers.messages) == 10, 10)
            texts = [one.text for one in room.messages]
            assert texts == [one.text for one in hers.messages]
            assert sorted(texts) == sorted(
                f"{who} {n}" for who in ("Dana", "Chris") for n in range(5)
            )
            assert [one.is_mine for one in room.messages] == [one[0] == "D" for one in texts]
            assert {one.sender.name for one in room.messages if one.sender} == {"Chris Barry"}

    def test_text_arrives_as_it_was_written(self, dana: Any, chris: Any, meeting: Any) -> None:
        text = "1+1 = 2 & <b>so on</b> %20 \N{SNOWMAN}\r\nnext"
        with dana.join(meeting) as room, chris.join(meeting.uri) as hers:
            room.say(text)
            assert after(hers, Message)[-1].text == text
            room.say("so", html="<b>so</b><script>alert(1)</script>")
            assert after(hers, Message)[-1].text.strip() == "so"

    def test_typing_is_seen_by_others(self, dana: Any, chris: Any, meeting: Any) -> None:
        with dana.join(meeting) as room, chris.join(meeting.uri) as hers:
            room.until(lambda: len(room.roster) == 2)
            hers.until(lambda: hers.conversation.may_talk, 10)
            hers.type()
            assert room.until(lambda: names(room.typing) == ["Chris Barry"], 10)
            assert room.role == "Leader"
            assert hers.typing == ()

    def test_leaders_silence_attendees(self, dana: Any, chris: Any, meeting: Any) -> None:
        with dana.join(meeting) as room, chris.join(meeting.uri) as hers:
            hers.say("Hello")
            room.allow_messages(False)
            assert after(hers, TalkAllowed)[-1] == TalkAllowed(False)
            with pytest.raises(NotOffered):
                hers.allow_messages(True)
            room.allow_messages(True)
            assert after(hers, TalkAllowed)[-1] == TalkAllowed(True)
            hers.say("Thanks")
            assert room.until(lambda: "Thanks" in [one.text for one in room.messages], 10)

    def test_refused_message_is_not_kept(self, dana: Any, meeting: Any) -> None:
        with dana.join(meeting) as room:
            with pytest.raises(BadInput, match="8000 characters"):
                room.say("x" * 8001)
            assert room.conversation.own == {}
            room.say("short")
            assert room.until(lambda: [one.text for one in room.messages] == ["short"], 10)


class TestTwoPeople:
    def test_one_calls_and_the_other_one_answers(
        self, dana: Any, chris: Any, pool: ThreadPoolExecutor
    ) -> None:
        with chris.invitations() as invitations:
            room = dana.chat("chris@contoso.com", "Lunch?", subject="Lunch")
            entered = pool.submit(room.__enter__)
            invitation = next(invitations)
            assert (invitation.sender.name, invitation.text, invitation.subject) == (
                "Dana Birkby",
                "Lunch?",
                "Lunch",
            )
            with invitation.accept() as hers:
                mine = entered.result()
                mine.say("At noon?")
                assert [after(hers, Message)[-1].text for _ in range(2)] == ["Lunch?", "At noon?"]
                assert hers.until(lambda: names(hers.roster) == ["Chris Barry", "Dana Birkby"], 10)
                assert not invitation.is_pending or hers.until(lambda: not invitation.is_pending, 5)
            assert after(mine, Ended)[-1].why.subcode == "CallTerminated"

    def test_who_declines_is_not_called_again(
        self, dana: Any, chris: Any, pool: ThreadPoolExecutor
    ) -> None:
        with chris.invitations() as invitations:
            declined = pool.submit(lambda: next(invitations).decline())
            with pytest.raises(ConversationEnded, match="declined"):
                dana.chat("chris@contoso.com").__enter__()
            declined.result()

    def test_who_is_not_there(self, dana: Any, chris: Any) -> None:
        with pytest.raises(ConversationEnded, match="no client is available"):
            dana.chat("chris@contoso.com").__enter__()
        with pytest.raises(ConversationEnded, match="nobody with that address"):
            dana.chat("nobody@contoso.com").__enter__()

    def test_invited_to_a_meeting(
        self, dana: Any, chris: Any, meeting: Any, pool: ThreadPoolExecutor
    ) -> None:
        with dana.join(meeting) as room, chris.invitations() as invitations:
            room.invite("chris@contoso.com")
            invitation = next(invitations)
            assert invitation.is_meeting
            with invitation.accept() as hers:
                assert hers.until(lambda: len(hers.roster) == 2, 10)
                assert after(room, Joined)[-1].person.name == "Chris Barry"


class TestInterruptions:
    def test_restart_of_the_application_is_joined_again(
        self, dana: Any, chris: Any, meeting: Any, server: Watched
    ) -> None:
        """Whoever has lost her application is told what others say again, and not twice."""
        with dana.join(meeting) as room, chris.join(meeting.uri) as hers:
            hers.say("one")
            assert room.until(lambda: len(room.messages) == 1, 10)
            dana.send("DELETE", dana.application().href)
            assert Resumed(missed=True) in after(room, Resumed)
            assert room.until(lambda: room.conversation.may_talk, 10)
            hers.say("two")
            assert room.until(lambda: len(room.messages) == 2, 10)
            assert [one.text for one in room.messages] == ["one", "two"]
            assert sorted(names(hers.roster)) == ["Chris Barry", "Dana Birkby"]

    def test_guest_stays_the_same_when_her_token_is_renewed(
        self, dana: Any, meeting: Any, as_guest: Connect, clock: Clock
    ) -> None:
        with dana.join(meeting) as room, as_guest(meeting) as guest, guest.join() as hers:
            room.admit(after(room, Waiting)[-1].person)
            hers.admitted()
            before = hers.me.uri
            clock.advance(timedelta(minutes=61))
            hers.say("Still here")
            assert guest.me().uri == before
