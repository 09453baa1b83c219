"""The time of a meeting in the client: one more value of a draft, kept beside the meeting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from openucwa.client import (
    AnswerLost,
    BadInput,
    ChangesIgnored,
    Draft,
    Meeting,
    MeetingChanged,
    MeetingGone,
    MeetingNotFound,
    MeetingNotMoved,
    NotOffered,
    Schedule,
)
from openucwa.client.transports import InProcess
from openucwa.wire.members import SCHEDULE
from tests.client.elsewhere import Elsewhere
from tests.client.test_meetings import finished, raised
from tests.client.watched import Watched
from tests.passwords import PASSWORD

BERLIN = ZoneInfo("Europe/Berlin")
STARTS = datetime(2026, 11, 30, 10, 0, tzinfo=BERLIN)
ENDS = STARTS + timedelta(minutes=45)
HOUR = timedelta(hours=1)
TIME = Schedule.of(STARTS, ENDS)
LATER = TIME.moved(STARTS + HOUR)
MUCH_LATER = TIME.moved(STARTS + 2 * HOUR)


@pytest.fixture
def weekly(phone: Any) -> Meeting:
    found: Meeting = phone.schedule(subject="Weekly", starts=STARTS, ends=ENDS)
    return found


@pytest.fixture
def bare(phone: Any) -> Meeting:
    """A meeting without a time."""
    found: Meeting = phone.schedule(subject="Weekly")
    return found


def test_meeting_is_scheduled_with_a_time_in_one_request(
    phone: Any, laptop: Any, server: Watched
) -> None:
    phone.list()
    before = len(server.seen)
    weekly = phone.schedule(subject="Weekly", starts=STARTS, ends=ENDS)
    assert [one.method for one in server.seen[before:]] == ["POST"]
    assert (weekly.starts, weekly.ends, weekly.time_zone) == (STARTS, ENDS, "Europe/Berlin")
    assert weekly.starts.tzinfo == BERLIN
    assert weekly.expires == ENDS + 8 * HOUR
    (listed,) = (one for one in laptop.list() if not one.is_standing)
    assert (listed, listed.schedule) == (weekly, TIME)
    assert listed.schedule_etag
    again = Meeting.from_json(listed.to_json())
    assert (again.schedule, again.schedule_etag) == (TIME, listed.schedule_etag)


def test_zone_may_be_another_one_than_that_of_the_times(phone: Any) -> None:
    starts = STARTS.astimezone(UTC)
    found = phone.schedule(starts=starts, ends=starts + HOUR, time_zone="America/New_York")
    assert str(found.starts) == "2026-11-30 04:00:00-05:00"
    assert phone.schedule(starts=starts, ends=starts + HOUR).time_zone == "UTC"


def test_wrong_times_are_refused_before_anything_is_sent(phone: Any, weekly: Meeting) -> None:
    for wrong in (
        {"starts": STARTS},
        {"ends": ENDS},
        {"starts": ENDS, "ends": STARTS},
        {"starts": STARTS, "ends": STARTS},
        {"starts": datetime(2026, 11, 30, 10, 0), "ends": ENDS},  # noqa: DTZ001 - the point
        {"starts": STARTS, "ends": ENDS, "time_zone": "Berlin"},
        {"starts": "tomorrow", "ends": ENDS},
        {"time_zone": "Europe/Berlin"},
    ):
        with pytest.raises(ValueError, match=r"start|end|zone"):
            phone.schedule(**wrong)
    with pytest.raises(ValueError, match="give ends"):
        phone.update(weekly, starts=STARTS, ends=None)
    assert phone.get(weekly.id) == weekly
    assert len([one for one in phone.list() if not one.is_standing]) == 1


def test_what_the_server_refuses_is_told(phone: Any, weekly: Meeting) -> None:
    with pytest.raises(BadInput, match="31 days"):
        phone.update(weekly, ends=ENDS + timedelta(days=32))
    assert phone.get(weekly.id) == weekly


def test_moving_keeps_the_length_and_the_zone(phone: Any, laptop: Any, weekly: Meeting) -> None:
    moved = phone.update(weekly, starts=STARTS + HOUR)
    assert (moved.starts, moved.ends, moved.time_zone) == (
        STARTS + HOUR,
        ENDS + HOUR,
        "Europe/Berlin",
    )
    assert laptop.get(weekly.id) == moved
    assert moved != weekly
    with phone.edit(weekly.id) as draft:
        draft.ends += HOUR
        draft.time_zone = "UTC"
    assert str(draft.saved.schedule) == "2026-11-30 10:00 to 11:45 UTC"
    assert draft.changes() == {}


def test_time_alone_is_no_version_of_the_meeting(
    phone: Any, server: Watched, weekly: Meeting
) -> None:
    roomy = phone.update(weekly, expires=ENDS + 100 * HOUR)
    puts = server.count("PUT", weekly.id)
    moved = phone.update(roomy, starts=STARTS + HOUR)
    assert (moved.etag, server.count("PUT", weekly.id)) == (roomy.etag, puts)
    assert moved.expires == roomy.expires


def test_first_time_and_none_any_more(phone: Any, laptop: Any, bare: Meeting) -> None:
    assert (bare.schedule, bare.starts, bare.time_zone, bare.schedule_etag) == (None,) * 4
    with phone.edit(bare) as draft:
        draft.move(STARTS, ENDS)
    assert draft.saved.schedule == TIME
    assert draft.saved.expires == ENDS + 8 * HOUR
    with laptop.edit(bare.id) as draft:
        draft.schedule = None
    assert draft.saved.schedule is None
    assert laptop.get(bare.id) == draft.saved
    with laptop.edit(draft.saved) as draft:
        with pytest.raises(ValueError, match="ends must be given"):
            draft.move(STARTS)
        draft.starts, draft.ends = STARTS, ENDS
    assert phone.get(bare.id).schedule == TIME


def test_draft_with_a_time_outlives_its_process(weekly: Meeting, bare: Meeting) -> None:
    for base, wanted in ((weekly, LATER), (weekly, None), (bare, TIME)):
        draft = Draft(base)
        draft.schedule = wanted
        found = Draft.from_json(draft.to_json())
        assert found.changes() == draft.changes() == {SCHEDULE: wanted}
        assert found.base.schedule == base.schedule


def test_drafts_of_other_things_are_not_affected_by_a_move(
    phone: Any, laptop: Any, server: Watched, weekly: Meeting
) -> None:
    laptop.update(phone.update(weekly, expires=ENDS + 100 * HOUR), starts=STARTS + HOUR)
    base = phone.get(weekly.id)
    laptop.update(weekly.id, starts=STARTS + 2 * HOUR)
    with phone.edit(base) as draft:
        draft.subject = "Q3 review"
    assert (draft.saved.subject, draft.saved.schedule) == ("Q3 review", MUCH_LATER)
    assert draft.outcome.tries == 1
    assert draft.outcome.by == "sip:Dana@contoso.com"
    (kept,) = draft.outcome.changes
    assert (kept.name, kept.before, kept.after) == (SCHEDULE, LATER, MUCH_LATER)


def test_a_move_beside_another_change_is_told_once(
    phone: Any, laptop: Any, weekly: Meeting
) -> None:
    with phone.edit(weekly) as draft:
        laptop.update(weekly.id, description="Lunch.", starts=STARTS + HOUR)
        draft.subject = "Q3 review"
    assert sorted(draft.outcome.kept) == ["description", SCHEDULE]
    assert draft.outcome.by == "sip:Dana@contoso.com"


def test_both_changes_are_saved_in_order(
    phone: Any, laptop: Any, server: Watched, weekly: Meeting
) -> None:
    """The meeting first: the time, which postpones its expiry, would be a change before it."""
    with phone.edit(weekly) as draft:
        laptop.update(weekly.id, description="Lunch.")
        draft.subject = "Q3 review"
        draft.move(STARTS + HOUR, ENDS + 24 * HOUR)
    saved = draft.saved
    assert (saved.subject, saved.description) == ("Q3 review", "Lunch.")
    assert (saved.ends, saved.expires) == (ENDS + 24 * HOUR, ENDS + 32 * HOUR)
    assert saved == laptop.get(weekly.id)
    assert draft.outcome.kept == ("description",)
    puts = [one.url.path for one in server.seen if one.method == "PUT"]
    assert [path.endswith("/schedule") for path in puts] == [False, False, True]


def both_move(phone: Any, laptop: Any, weekly: Meeting, **mine: object) -> Any:
    def move() -> None:
        with phone.edit(weekly) as draft:
            laptop.update(weekly.id, starts=STARTS + HOUR)
            draft.move(STARTS + 2 * HOUR)
            draft.change(**mine)

    return raised(MeetingChanged, move)


def test_two_moves_are_one_conflict(loop: Any, phone: Any, laptop: Any, weekly: Meeting) -> None:
    conflict = both_move(phone, laptop, weekly)
    assert conflict.conflicting == [SCHEDULE]
    assert conflict.changed_by == "sip:Dana@contoso.com"
    found = conflict.conflicts[SCHEDULE]
    assert (found.base, found.theirs, found.mine) == (TIME, LATER, MUCH_LATER)
    assert laptop.get(weekly.id).schedule == LATER
    saved = finished(loop, conflict.resolve(schedule="mine"))
    assert saved.schedule == laptop.get(weekly.id).schedule == MUCH_LATER


def test_conflict_of_the_time_is_known_before_anything_is_saved(
    loop: Any, phone: Any, laptop: Any, weekly: Meeting
) -> None:
    conflict = both_move(phone, laptop, weekly, subject="Q3 review")
    assert conflict.conflicting == [SCHEDULE]
    assert not conflict.all_but_time_is_saved
    assert laptop.get(weekly.id).subject == "Weekly"
    saved = finished(loop, conflict.resolve("theirs"))
    assert (saved.subject, saved.schedule) == ("Q3 review", LATER)


@pytest.mark.parametrize(("strategy", "left"), [("mine", MUCH_LATER), ("theirs", LATER)])
def test_strategy_decides_between_moves(
    phone: Any, laptop: Any, weekly: Meeting, strategy: str, left: Schedule
) -> None:
    with phone.edit(weekly, on_conflict=strategy) as draft:
        laptop.update(weekly.id, starts=STARTS + HOUR)
        draft.move(STARTS + 2 * HOUR)
    assert draft.saved.schedule == laptop.get(weekly.id).schedule == left


def test_strategy_fail_refuses_a_move_over_any_change(
    phone: Any, laptop: Any, weekly: Meeting
) -> None:
    def move() -> None:
        with phone.edit(weekly, on_conflict="fail") as draft:
            laptop.update(weekly.id, subject="Weekly (moved)")
            draft.move(STARTS + HOUR)

    assert raised(MeetingChanged, move).conflicting == []
    assert laptop.get(weekly.id).schedule == TIME


def test_same_move_of_both_is_no_conflict(phone: Any, laptop: Any, weekly: Meeting) -> None:
    with phone.edit(weekly) as draft:
        theirs = laptop.update(weekly.id, starts=STARTS + HOUR)
        draft.move(STARTS + HOUR)
    assert draft.saved == theirs


def test_first_times_of_both_are_a_conflict(phone: Any, laptop: Any, bare: Meeting) -> None:
    def plan() -> None:
        with phone.edit(bare) as draft:
            laptop.update(bare.id, starts=STARTS, ends=ENDS)
            draft.move(STARTS + HOUR, ENDS + HOUR)

    found = raised(MeetingChanged, plan).conflicts[SCHEDULE]
    assert (found.base, found.theirs, found.mine) == (None, TIME, LATER)


def at_the_put(server: Watched, ending: str, act: Callable[[], object]) -> None:
    """Do something when the next PUT to a path of that ending is under way."""

    def before(request: httpx2.Request) -> None:
        if request.method == "PUT" and request.url.path.endswith(ending):
            server.before = lambda _: None
            act()

    server.before = before


def test_move_between_the_look_and_the_put_is_merged(
    phone: Any, laptop: Any, server: Watched, bare: Meeting
) -> None:
    """Both agree by chance: nothing is sent twice."""
    at_the_put(server, "/schedule", lambda: laptop.update(bare.id, starts=STARTS, ends=ENDS))
    with phone.edit(bare) as draft:
        draft.move(STARTS, ENDS)
    assert draft.saved == laptop.get(bare.id)


def test_move_that_loses_the_race_is_asked_about_and_says_what_was_saved(
    loop: Any, phone: Any, laptop: Any, server: Watched, weekly: Meeting
) -> None:
    at_the_put(server, "/schedule", lambda: laptop.update(weekly.id, starts=STARTS + HOUR))
    draft = phone.draft(weekly)
    draft.subject = "Q3 review"
    draft.move(STARTS + 2 * HOUR)
    conflict = raised(MeetingChanged, lambda: phone.save(draft))
    assert conflict.conflicting == [SCHEDULE]
    assert conflict.all_but_time_is_saved
    assert "All but your time was saved" in str(conflict)
    assert conflict.changed_by == "sip:Dana@contoso.com"
    assert laptop.get(weekly.id).subject == "Q3 review"
    assert draft.changes() == {SCHEDULE: MUCH_LATER}
    assert draft.base.schedule == TIME
    again = raised(MeetingChanged, lambda: phone.save(draft))  # it is not forgotten meanwhile
    saved = finished(loop, again.resolve("mine"))
    assert (saved.subject, saved.schedule) == ("Q3 review", MUCH_LATER)


def test_time_that_is_refused_after_the_rest_was_saved(
    phone: Any, laptop: Any, weekly: Meeting
) -> None:
    draft = phone.draft(weekly)
    draft.subject = "Q3 review"
    draft.ends = ENDS + timedelta(days=60)
    error = raised(MeetingNotMoved, lambda: phone.save(draft))
    assert isinstance(error.__cause__, BadInput)
    assert "was saved, but not its time" in str(error)
    assert "31 days" in str(error)
    assert error.saved == laptop.get(weekly.id)
    assert list(draft.changes()) == [SCHEDULE]
    draft.ends = ENDS + HOUR
    assert phone.save(draft).ends == ENDS + HOUR


def test_meeting_that_was_deleted_meanwhile(phone: Any, laptop: Any, weekly: Meeting) -> None:
    def move() -> None:
        with phone.edit(weekly) as draft:
            laptop.cancel(weekly.id)
            draft.move(STARTS + HOUR)

    assert raised(MeetingGone, move).mine[SCHEDULE] == LATER


def test_lost_answer_of_a_move_is_made_up_for(
    phone: Any, laptop: Any, server: Watched, weekly: Meeting
) -> None:
    lost: list[httpx2.Request] = []

    def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if request.method == "PUT" and not lost:
            lost.append(request)
            raise httpx2.ReadError("the line is cut")
        return response

    server.after = after
    moved = phone.update(weekly, starts=STARTS + HOUR)
    assert lost
    assert moved.schedule == laptop.get(weekly.id).schedule == LATER


def test_version_is_restored_without_its_time(phone: Any, weekly: Meeting) -> None:
    """Versions are of the meeting alone; it stays when it takes place."""
    phone.update(weekly, subject="Q3 review")
    phone.update(weekly.id, starts=STARTS + HOUR)
    back = phone.restore(weekly.id, weekly.etag)
    assert (back.subject, back.schedule) == ("Weekly", LATER)


def test_events_carry_the_time(flavour: Any, connect: Any, weekly: Meeting) -> None:
    with connect() as client, client.events() as events:
        client.meetings.update(weekly.id, starts=STARTS + HOUR)
        meeting = next(one.meeting for one in events if one.meeting is not None)
        assert (meeting.id, meeting.schedule) == (weekly.id, LATER)


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


def test_last_move_tells_who_and_with_what(
    phone: Any, laptop: Any, server: Watched, weekly: Meeting, bare: Meeting
) -> None:
    assert phone.last_move(bare) is None
    first = phone.last_move(weekly)
    phone.update(weekly, subject="Q3 review")
    assert phone.last_move(weekly.id).at == first.at
    laptop.update(weekly.id, starts=STARTS + HOUR)
    last = phone.last_move(weekly)
    assert (last.by, last.by_name) == ("sip:Dana@contoso.com", "Dana Birkby")
    assert last.application != first.application
    phone.update(weekly.id, schedule=None)
    assert laptop.last_move(weekly.id).application == first.application
    laptop.cancel(weekly.id)
    raised(MeetingNotFound, lambda: phone.last_move(weekly))


def test_servers_without_times(flavour: Callable[..., Any], elsewhere: Elsewhere) -> None:
    with (
        InProcess(elsewhere) as transport,
        flavour("dana@fabrikam.com", PASSWORD, transport=transport) as client,
    ):
        meetings = client.meetings
        with pytest.raises(ChangesIgnored) as ignored:
            meetings.schedule(subject="Weekly", starts=STARTS, ends=ENDS)
        assert ignored.value.ignored == (SCHEDULE,)
        weekly = ignored.value.saved
        with pytest.raises(NotOffered, match="no times of meetings"):
            meetings.update(weekly, subject="Q3 review", starts=STARTS, ends=ENDS)
        assert meetings.last_move(weekly) is None
        assert meetings.get(weekly.id).subject == "Weekly"
        assert meetings.update(weekly, subject="Q3 review").subject == "Q3 review"


def test_lost_answer_that_is_not_made_up_for_is_told(
    phone: Any, server: Watched, weekly: Meeting
) -> None:
    def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if request.method == "PUT" and request.url.path.endswith("/schedule"):
            raise httpx2.ReadError("the line is cut")
        return response

    server.after = after
    draft = phone.draft(weekly)
    draft.subject = "Q3 review"
    draft.move(STARTS + HOUR)
    error = raised(MeetingNotMoved, lambda: phone.save(draft))
    assert isinstance(error.__cause__, AnswerLost)
    server.after = lambda _, response: response
    assert phone.save(draft).schedule == LATER
