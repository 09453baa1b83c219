"""Schedules of meetings, and their versions."""

from datetime import timedelta

import pytest

from openucwa.domain.meetings import Meeting
from openucwa.domain.schedules import Schedule, Times
from openucwa.store.belongings import Belongings
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.schedules import Schedules
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import PreconditionFailed
from tests.store.memory import CHRIS, DANA, NOW, application, details, user

TOMORROW = NOW + timedelta(days=1)
HOUR = timedelta(hours=1)
TIMES = Times(start_time=TOMORROW, end_time=TOMORROW + HOUR, time_zone="Europe/Berlin")
LATER = Times(start_time=TOMORROW + HOUR, end_time=TOMORROW + 2 * HOUR, time_zone="UTC")


@pytest.fixture
def meeting(tx: Transaction) -> Meeting:
    return tx.of(Meetings).add(OnlineMeetingRel.MY_ONLINE_MEETINGS, details(), by=application(DANA))


@pytest.fixture
def none(meeting: Meeting) -> Schedule:
    return Schedule(
        organizer_id=meeting.organizer_id, organizer="", online_meeting_id=meeting.online_meeting_id
    )


def replace(tx: Transaction, found: Schedule, times: Times, *, by: int = DANA) -> Schedule:
    return tx.of(Schedules).replace(found, times, by=application(by))


def current(tx: Transaction, of: Schedule) -> Schedule | None:
    meeting = tx.of(Meetings).get(of.organizer_id, of.online_meeting_id)
    assert meeting is not None
    (listed,) = tx.of(Meetings).of(of.organizer_id)
    assert listed == meeting
    return meeting.schedule


def test_a_meeting_has_none_at_first(tx: Transaction, none: Schedule) -> None:
    assert current(tx, none) is None
    assert tx.of(Schedules).latest(none) is None


def test_a_meeting_is_found_with_its_time(tx: Transaction, none: Schedule) -> None:
    first = replace(tx, none, TIMES)
    assert current(tx, none) == first
    assert (first.times, first.has_time) == (TIMES, True)
    second = replace(tx, first, LATER, by=CHRIS)
    assert current(tx, none) == second
    assert none.version < first.version < second.version
    latest = tx.of(Schedules).latest(second)
    assert latest is not None
    assert (latest.version, latest.author_id, latest.written_at) == (second.version, CHRIS, NOW)
    assert (latest.client, latest.on_behalf) == ("test", False)


def refused(tx: Transaction, found: Schedule) -> None:
    replace(tx, found, LATER)
    current(tx, found)  # PostgreSQL tells when somebody looks


def test_only_the_current_version_is_replaced(tx: Transaction, none: Schedule) -> None:
    first = replace(tx, none, TIMES)
    with pytest.raises(PreconditionFailed):
        refused(tx, none)
    assert current(tx, none) == first
    second = replace(tx, first, LATER)
    for stale in (none, first):
        with pytest.raises(PreconditionFailed):
            refused(tx, stale)
    assert current(tx, none) == second


def test_no_version_comes_back_when_the_time_is_taken_away(tx: Transaction, none: Schedule) -> None:
    first = replace(tx, none, TIMES)
    without = replace(tx, first, Times())
    found = current(tx, none)
    assert found == without
    assert not without.has_time
    assert none.version < first.version < without.version < replace(tx, without, TIMES).version


def test_it_goes_with_its_meeting_and_with_its_organizer(
    tx: Transaction, meeting: Meeting, none: Schedule
) -> None:
    replace(tx, none, TIMES)
    tx.of(Meetings).delete(meeting)
    assert count(tx) == 0
    other = tx.of(Meetings).add(
        OnlineMeetingRel.MY_ONLINE_MEETINGS, details(), by=application(DANA)
    )
    replace(
        tx,
        Schedule(organizer_id=DANA, organizer="", online_meeting_id=other.online_meeting_id),
        TIMES,
    )
    assert count(tx) == 1
    tx.of(Belongings).remove(user(DANA))
    assert count(tx) == 0


def count(tx: Transaction) -> int:
    (found,) = tx.connection.execute("SELECT count(*) FROM meeting_schedules", {}).fetchone()
    return int(found)


def test_a_change_is_told_unless_the_meeting_is(tx: Transaction, none: Schedule) -> None:
    before = tx.facts.appended
    first = tx.of(Schedules).replace(none, TIMES, by=application(DANA), told=False)
    assert tx.facts.appended == before
    replace(tx, first, LATER)
    assert tx.facts.appended == before + 1
    rows = tx.connection.execute("SELECT type, kind FROM facts ORDER BY position", {}).fetchall()
    assert tuple(rows[-1]) == (EventType.UPDATED, "schedule")


def test_a_meeting_is_not_swept_before_its_end(
    tx: Transaction, meeting: Meeting, none: Schedule
) -> None:
    """Even where a client that knows nothing of the time has shortened its life."""
    replace(tx, none, TIMES)
    found = tx.of(Meetings).get(DANA, meeting.online_meeting_id)
    assert found is not None
    shortened = details(expiration_time=NOW + timedelta(minutes=1))
    revised = tx.of(Meetings).revise(found, shortened, by=application(DANA), keep=3)
    assert revised.expires_at == TIMES.end_time
    assert revised.details.expiration_time == NOW + timedelta(minutes=1)
    assert tx.of(Meetings).sweep(TOMORROW + HOUR) == 0
    assert tx.of(Meetings).sweep(TOMORROW + HOUR + timedelta(milliseconds=1)) == 1
    assert count(tx) == 0
