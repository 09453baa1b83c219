"""Meetings that people are in with this client, at this server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openucwa.client import (
    AccessLevel,
    ConversationEnded,
    Demoted,
    Ended,
    Entered,
    Joined,
    Left,
    Message,
    MustWait,
    NotFound,
    NotOffered,
    Promoted,
    SubjectChanged,
    Waiting,
    WrongPassword,
)
from tests.client.live.test_room import after, names
from tests.client.watched import Watched
from tests.installation import CHRIS
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


def test_meeting_that_nobody_has_scheduled(dana: Any) -> None:
    with dana.meet("Ad hoc") as room:
        assert (room.subject, room.role) == ("Ad hoc", "Leader")


def test_what_is_not_there(dana: Any, meeting: Any, as_guest: Connect) -> None:
    dana.meetings.cancel(meeting)
    with pytest.raises(NotFound, match="no such meeting"), dana.join(meeting):
        pass
    with pytest.raises(WrongPassword, match="knows no such meeting"), as_guest(meeting):
        pass
