"""Attendance through the client: who was in a meeting, and when."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from openucwa.client import MeetingNotFound, NotOffered, Role
from openucwa.client.attendance import as_csv
from openucwa.domain.people import MeetingKey
from openucwa.resources.online_meetings import online_meeting_attendance
from openucwa.store.tables.attendances import Attendances
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.client.conftest import Connect
from tests.client.watched import Watched
from tests.installation import CHRIS, DANA

NAMES = ["Alex", "Bo", "Cy", "Di", "Ed"]


@pytest.fixture
def dana(connect: Connect) -> Any:
    with connect() as client:
        yield client.meetings


def attended(server: Watched, id: str) -> None:
    """Let people into a meeting of Dana's: one each minute, the third and the fourth together."""

    def enter(tx: Transaction, name: str) -> None:
        user = tx.of(Users).by_uri(DANA.uri)
        assert user is not None
        key = MeetingKey(organizer_id=user.id, online_meeting_id=id)
        tx.of(Attendances).enter(
            key,
            f"{name.lower()}@contoso.com",
            user_id=99,
            uri=f"sip:{name.lower()}@contoso.com",
            name=name,
            leads=name == "Bo",
        )
        if name == "Alex":
            tx.of(Attendances).leave(key, "alex@contoso.com")

    for name in NAMES:
        server.installation.transact(lambda tx, name=name: enter(tx, name))
        if name != "Cy":
            server.installation.clock.advance(timedelta(minutes=1))


def test_who_was_there(dana: Any, server: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the server shows some at a time, and several joined at the same moment."""
    meeting = dana.schedule(subject="Weekly")
    assert dana.attendance(meeting) == []
    attended(server, meeting.id)
    monkeypatch.setattr(online_meeting_attendance, "MOST_AT_ONCE", 3)
    found = dana.attendance(meeting)
    assert [one.name for one in found] == NAMES
    alex, bo, *_ = found
    assert (alex.uri, alex.role, alex.anonymous) == ("sip:alex@contoso.com", Role.ATTENDEE, False)
    assert alex.joined == alex.left
    assert (bo.role, bo.left) == (Role.LEADER, None)
    assert [one.name for one in dana.attendance(meeting.id, since=bo.joined)] == NAMES[1:]
    until = bo.joined + timedelta(seconds=1)
    assert [one.name for one in dana.attendance(meeting.id, until=until)] == NAMES[:2]
    with pytest.raises(ValueError, match="has no time zone"):
        dana.attendance(meeting.id, since=datetime(2026, 1, 1))  # noqa: DTZ001
    table = as_csv(found).decode().splitlines()
    assert table[0] == "name,uri,role,anonymous,joinTime,leaveTime"
    assert table[2].startswith("Bo,sip:bo@contoso.com,Leader,false,2026-11-22T12:01")


def test_is_forgotten(dana: Any, server: Watched) -> None:
    meeting = dana.schedule()
    attended(server, meeting.id)
    dana.forget_attendance(meeting)
    assert [one.name for one in dana.attendance(meeting)] == NAMES[1:]


def test_is_not_for_everybody(dana: Any, connect: Connect, server: Watched) -> None:
    server.installation.add_user(CHRIS)
    meeting = dana.schedule()
    with connect("chris@contoso.com") as chris:
        with pytest.raises(MeetingNotFound):
            chris.meetings.attendance(meeting.id)
        dana.share(meeting, "chris@contoso.com", "Reader")
        with pytest.raises(NotOffered):
            chris.meetings.attendance(meeting.id)
        dana.share(meeting, "chris@contoso.com", "Editor")
        assert chris.meetings.attendance(meeting.id) == []
