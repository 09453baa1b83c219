"""The happenings of a room, as they are told."""

from datetime import UTC, datetime

import pytest

from openucwa.cli.person.room import telling
from openucwa.client import (
    Demoted,
    Ended,
    Entered,
    Happening,
    Interrupted,
    Joined,
    Message,
    MustWait,
    Promoted,
    Reason,
    Resumed,
    StoppedTyping,
    SubjectChanged,
    TalkAllowed,
    Typing,
    Waiting,
)
from tests.cli.person.room.still import ALEX, DANA, GUSTAV

AT = datetime(2026, 11, 30, 8, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("happening", "line"),
    [
        (Entered(), "You are in."),
        (MustWait(), "You are waiting in the lobby, until a leader lets you in."),
        (Joined(ALEX), "Alex Darrow has joined."),
        (Waiting(GUSTAV), "Gustav (guest) is waiting in the lobby."),
        (Promoted(DANA), "You are a leader now."),
        (Demoted(DANA), "You are no longer a leader."),
        (Message("/2", "Hi\nall", sender=ALEX), "Alex Darrow: Hi all"),
        (Message("/2", "Hi", is_mine=True), "You: Hi"),
        (
            Message("/2", "Hi", is_mine=True, failed=("Alex",)),
            "You: Hi (not delivered to Alex)",
        ),
        (Message("/2", "a\x1b[2Jb", sender=ALEX), "Alex Darrow: a\N{REPLACEMENT CHARACTER}[2Jb"),
        (SubjectChanged("New"), "The subject is now: New"),
        (TalkAllowed(False), "You can no longer send messages."),
        (Interrupted("No answer."), "The connection is lost: No answer. Reconnecting …"),
        (Resumed(missed=True), "The connection is back. Messages may be missing."),
        (Resumed(missed=False), "The connection is back."),
        (Ended(Reason("RemoteFailure", "Ejected")), "A leader has removed you from the meeting."),
        (Typing(ALEX), ""),
        (StoppedTyping(ALEX), ""),
    ],
)
def test_for_people_it_is_a_sentence(happening: Happening, line: str) -> None:
    assert telling.line(happening) == line


def test_for_programs_it_is_json() -> None:
    assert telling.as_json(Message("/2", "Hi", at=AT, sender=GUSTAV)) == {
        "type": "Message",
        "text": "Hi",
        "html": None,
        "sender": {
            "name": "Gustav",
            "uri": "sip:gustav@contoso.com",
            "role": "Attendee",
            "isGuest": True,
            "isLocal": False,
        },
        "isMine": False,
        "at": "2026-11-30T08:05:00Z",
        "failed": [],
    }
    assert telling.as_json(Resumed(missed=True)) == {"type": "Resumed", "missed": True}
    ended = telling.as_json(Ended(Reason("RemoteFailure", "Denied", "No.")))
    assert ended["why"] == {"code": "RemoteFailure", "subcode": "Denied", "message": "No."}
