"""When meetings take place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain import meetings
from openucwa.domain.policies import Policy
from openucwa.domain.schedules import LONGEST, Schedule, Times, validated
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import ParameterValidationFailure

NOW = datetime(2028, 2, 29, 12, tzinfo=UTC)
START = datetime(2028, 3, 1, 9, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
SCHEDULED, STANDING = OnlineMeetingRel

moments = st.integers(-8 * 366, 17 * 366).map(lambda days: NOW + timedelta(days=days, seconds=days))
zones = st.sampled_from(["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", None])


def wrong(**members: object) -> dict[str, str]:
    with pytest.raises(ParameterValidationFailure) as refused:
        validated(Times(**members), now=NOW)  # type: ignore[arg-type]  # some are wrong
    return dict(refused.value.parameters)


@given(st.none() | moments, st.none() | moments, zones)
def test_a_time_is_whole_in_order_and_in_reach_or_refused(
    start: datetime | None, end: datetime | None, zone: str | None
) -> None:
    wanted = Times(start_time=start, end_time=end, time_zone=zone)
    first, last = datetime(2027, 2, 28, 12, tzinfo=UTC), datetime(2038, 2, 28, 12, tzinfo=UTC)
    fits = (
        start is not None
        and end is not None
        and first <= start < end <= last
        and end - start <= LONGEST
    )
    try:
        found = validated(wanted, now=NOW)
    except ParameterValidationFailure:
        assert not fits
    else:
        assert fits
        assert found == Times(start_time=start, end_time=end, time_zone=zone or "UTC")


def test_what_is_missing_is_named() -> None:
    assert list(wrong()) == ["startTime", "endTime"]
    assert list(wrong(start_time=START)) == ["endTime"]
    assert list(wrong(end_time=START)) == ["startTime"]
    assert list(wrong(time_zone="UTC")) == ["startTime", "endTime"]


def test_the_end_is_after_the_start_and_within_a_month() -> None:
    assert "after startTime" in wrong(start_time=START, end_time=START)["endTime"]
    longest = START + LONGEST
    assert validated(Times(start_time=START, end_time=longest), now=NOW).end_time == longest
    assert "31 days" in wrong(start_time=START, end_time=longest + MILLISECOND)["endTime"]


@pytest.mark.parametrize(
    "zone",
    ["Berlin", "europe/berlin", "CET/", "localtime", "", "Europe", "../UTC", "/etc/passwd", "\0"],
)
def test_zones_are_those_of_iana(zone: str) -> None:
    if not zone:
        found = validated(
            Times(start_time=START, end_time=START + MILLISECOND, time_zone=zone), now=NOW
        )
        assert found.time_zone == "UTC"
        return
    end = START + timedelta(hours=1)
    assert "Europe/Berlin" in wrong(start_time=START, end_time=end, time_zone=zone)["timeZone"]


@pytest.mark.parametrize(("hours", "expected"), [(1, 9), (-24, -16)])
def test_a_meeting_expires_eight_hours_after_its_end(hours: int, expected: int) -> None:
    end = NOW + timedelta(hours=hours)
    found = meetings.defaults(Policy(), SCHEDULED, NOW, ends_at=end)
    assert found.expiration_time == NOW + timedelta(hours=expected)
    assert meetings.defaults(Policy(), STANDING, NOW, ends_at=end).expiration_time is None


@given(moments, st.none() | moments)
def test_no_meeting_expires_before_it_ends(expires: datetime, end: datetime | None) -> None:
    details = meetings.defaults(Policy(), SCHEDULED, NOW)
    details.expiration_time = expires
    found = meetings.postponed(details, end, NOW)
    if end is None or end <= expires:
        assert found is None
    else:
        assert found is not None
        assert found.expiration_time == min(
            end + timedelta(hours=8), datetime(2038, 2, 28, 12, tzinfo=UTC)
        )
        assert meetings.differing(details, found) == ["expirationTime"]


def test_a_meeting_without_expiry_needs_none() -> None:
    details = meetings.defaults(Policy(), STANDING, NOW)
    assert meetings.postponed(details, START, NOW) is None


def test_a_schedule_is_there_without_a_time() -> None:
    schedule = Schedule(organizer_id=1, organizer="dana", online_meeting_id="ABC")
    assert not schedule.has_time
