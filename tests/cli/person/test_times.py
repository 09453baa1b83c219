"""Times as people type them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from openucwa.cli.failure import WrongInput
from openucwa.cli.person import times
from tests.zones import zone

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 22, 30, tzinfo=BERLIN)  # a Sunday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-29 15:00", "2026-11-29T15:00+01:00"),
        ("2027-07-01 15:00", "2027-07-01T15:00+02:00"),
        ("2026-11-29T15:00Z", "2026-11-29T15:00+00:00"),
        ("2026-11-29T15:00-05:00", "2026-11-29T15:00-05:00"),
        ("2026-11-29t15:00:00z", "2026-11-29T15:00+00:00"),
        ("2026-11-29 24:00", "2026-11-30T00:00+01:00"),
        ("2026-11-29T23:59:60Z", "2026-11-30T00:00+00:00"),
        ("20261129T1500Z", "2026-11-29T15:00+00:00"),
        ("tomorrow 15:00", "2026-11-23T15:00+01:00"),
        ("tomorrow at 3pm", "2026-11-23T15:00+01:00"),
        ("friday 15:00", "2026-11-27T15:00+01:00"),
        ("15:00", "2026-11-23T15:00+01:00"),
        ("noon tomorrow", "2026-11-23T12:00+01:00"),
        ("29 Nov 15:00", "2026-11-29T15:00+01:00"),
        ("29.11.2026 15:00", "2026-11-29T15:00+01:00"),
        ("in 2 hours", "2026-11-23T00:30+01:00"),
        ("in 90 minutes", "2026-11-23T00:00+01:00"),
        ("in two weeks", "2026-12-06T22:30+01:00"),
        ("now", "2026-11-22T22:30+01:00"),
        ("tomorrow 15:00 UTC", "2026-11-23T15:00+00:00"),
        ("  tomorrow 15:00 ", "2026-11-23T15:00+01:00"),
    ],
)
def test_reads_a_time_in_the_zone_of_the_person(text: str, expected: str) -> None:
    found = times.read(text, at=NOW)
    assert found.tzinfo is not None
    assert found == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not a valid time"),
        ("gibberish", "is not a valid time"),
        ("tomorrow 25:00", "is not a valid time"),
        ("15:75", "is not a valid time"),
        ("mañana 15:00", "is not a valid time"),
        ("12/05/2027 10:00", "ambiguous: it may be day/month"),
        ("tomorrow", "no time of day"),
        ("2026-11-29", "no time of day"),
        ("friday", "no time of day"),
        ("may", "no time of day"),
        ("13", "no time of day"),
        ("2027-03-28 02:30", "does not exist.*mean 2027-03-28 03:30"),
        ("2027-10-31 02:30", r"twice.* 2027-10-31 02:30\+02:00 for the first .* 02:30\+01:00 for"),
        ("31 Oct 2027 at 2:30", "occurs twice"),
        ("9999-12-31T23:59-12:00", "outside of the years 1 to 9999"),
        ("0001-01-01T00:00+12:00", "outside of the years 1 to 9999"),
    ],
)
def test_refuses_what_can_not_be_read_or_only_guessed(text: str, why: str) -> None:
    with pytest.raises(WrongInput, match=why):
        times.read(text, at=NOW)


def test_hours_go_by_evenly_when_the_clocks_are_set() -> None:
    evening = datetime(2027, 3, 27, 23, 0, tzinfo=BERLIN)
    assert times.read("in 5 hours", at=evening) - evening.astimezone(UTC) == timedelta(hours=5)


def test_shows_times_in_the_zone_of_the_person() -> None:
    moment = datetime(2026, 7, 1, 13, 0, tzinfo=UTC)
    assert times.shown(moment) == "2026-07-01 15:00"
    assert times.with_weekday(moment) == "Wed 2026-07-01 15:00"


def test_a_time_of_today_needs_no_date() -> None:
    now = times.now()
    assert times.short(now) == now.strftime("%H:%M")
    assert times.short(now - timedelta(days=2)).startswith(str(now.year)[:3])


def test_programs_get_utc() -> None:
    assert times.iso(datetime(2026, 11, 29, 15, tzinfo=BERLIN)) == "2026-11-29T14:00:00Z"


@pytest.mark.parametrize("hour", [0, 1])
def test_reads_what_it_shows_in_the_hour_that_clocks_go_through_twice(hour: int) -> None:
    moment = datetime(2027, 10, 31, hour, 30, tzinfo=UTC)
    assert times.shown(moment) == f"2027-10-31 02:30+0{2 - hour}:00"
    assert times.read(times.shown(moment), at=NOW).astimezone(UTC) == moment


@pytest.mark.parametrize(
    ("place", "moment", "shown"),
    [
        ("Asia/Tokyo", datetime.max.replace(tzinfo=UTC), "9999-12-31 23:59"),
        ("America/New_York", datetime.min.replace(tzinfo=UTC), "0001-01-01 00:00"),
    ],
)
def test_shows_the_ends_of_time_in_utc(place: str, moment: datetime, shown: str) -> None:
    """Servers send them for "never" and "no date", and the person's zone can't express them."""
    with zone(place):
        assert times.shown(moment) == times.short(moment) == shown
        assert times.with_weekday(moment).endswith(shown)


def test_refuses_an_end_after_the_end_of_time() -> None:
    with pytest.raises(WrongInput, match=r"60 minutes from .* is outside"):
        times.after(datetime.max.replace(tzinfo=UTC), 60)
