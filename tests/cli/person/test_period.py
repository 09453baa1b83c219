"""The time of a meeting as a person types and reads it, and durations."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.cli.failure import WrongInput
from openucwa.cli.person import moves, period, spans
from openucwa.client import Schedule
from tests.cli.person.authors import by
from tests.zones import zone

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module", autouse=True)
def berlin() -> Iterator[None]:
    with zone("Europe/Berlin"):
        yield


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


MONDAY = Schedule.of(at("2027-01-04 10:00+01:00"), at("2027-01-04 10:45+01:00"), "Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("45m", 45),
        ("90", 90),
        ("1h", 60),
        ("1h30m", 90),
        ("1 h 30 min", 90),
        ("2 hours", 120),
        ("1d", 1440),
        ("1H30", 90),
        (" 5 minutes ", 5),
    ],
)
def test_reads_durations(typed: str, minutes: int) -> None:
    assert spans.read(typed) == minutes * MINUTE


@pytest.mark.parametrize("typed", ["", "0", "0m", "-5", "m", "an hour", "1:30", "45s", "1.5h"])
def test_refuses_what_is_no_duration(typed: str) -> None:
    with pytest.raises(WrongInput, match="is not a duration"):
        spans.read(typed)


@given(st.integers(1, 99 * 1440))
def test_reads_back_durations_as_shown(minutes: int) -> None:
    assert spans.read(spans.shown(minutes * MINUTE)) == minutes * MINUTE


def test_tells_durations_from_addresses() -> None:
    assert spans.told_apart([]) == spans.For()
    assert spans.told_apart(["45m"]) == spans.For(45 * MINUTE)
    both = spans.For(45 * MINUTE, "boss@contoso.com")
    assert spans.told_apart(["boss@contoso.com ", "45m"]) == both
    for two in (["45m", "1h"], ["a@contoso.com", "b@contoso.com"]):
        with pytest.raises(WrongInput, match="given two"):
            spans.told_apart(two)


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("2027-01-04 10:00 to 10:45", "2027-01-04 10:00+01:00", "2027-01-04 10:45+01:00"),
        ("2027-01-04 10:00 for 45m", "2027-01-04 10:00+01:00", "2027-01-04 10:45+01:00"),
        ("2027-01-04 22:00 to 01:00", "2027-01-04 22:00+01:00", "2027-01-05 01:00+01:00"),
        ("2027-01-04 22:00 until 1am", "2027-01-04 22:00+01:00", "2027-01-05 01:00+01:00"),
        ("2027-01-04 10:00 to 2027-01-06 9:00", "2027-01-04 10:00+01:00", "2027-01-06 09:00+01:00"),
        # The clocks are set forward: an hour is an hour, and a clock shows what it shows.
        ("2027-03-28 01:30 for 1h", "2027-03-28 01:30+01:00", "2027-03-28 03:30+02:00"),
        ("2027-03-28 01:30 to 03:30", "2027-03-28 01:30+01:00", "2027-03-28 03:30+02:00"),
    ],
)
def test_reads_times(typed: str, start: str, end: str) -> None:
    found = period.read(typed)
    assert found == Schedule.of(at(start), at(end), "Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("2027-01-04 10:00", "has no end"),
        ("2027-01-04 10:00 to 2027-01-04 09:00", "is not after the start"),
        ("2027-01-04 10:00 for ever", "is not a duration"),
        ("2027-03-28 02:30 for 1h", "does not exist"),
        ("2027-10-31 01:30 to 02:30", "occurs twice"),
        ("whenever to 10:00", "is not a valid time"),
    ],
)
def test_refuses_what_can_not_be_read(typed: str, told: str) -> None:
    with pytest.raises(WrongInput, match=told):
        period.read(typed)


def test_nothing_is_no_time() -> None:
    assert period.read("  ") is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 - made UTC
    st.integers(1, 31 * 1440),
)
def test_reads_back_times_as_shown(start: datetime, minutes: int) -> None:
    """Also in the hours that clocks go through twice."""
    starts = start.replace(second=0, microsecond=0, tzinfo=UTC)
    wanted = Schedule.of(starts, starts + minutes * MINUTE, "Europe/Berlin")
    assert period.read(period.shown(wanted)) == wanted


def test_keeps_the_zone_of_the_meeting() -> None:
    elsewhere = Schedule.of(MONDAY.starts_at, MONDAY.ends_at, "America/New_York")
    found = period.read("2027-01-04 11:00 for 45m", elsewhere)
    assert found is not None
    assert (found.starts_at, found.time_zone) == (at("2027-01-04 11:00+01:00"), "America/New_York")
    assert period.shown(elsewhere) == "2027-01-04 10:00 to 10:45"  # in that of the person


def test_moving_by_the_start_keeps_the_length() -> None:
    found = period.wanted("2027-01-04 14:00", None, None, MONDAY)
    assert period.with_weekday(found) == "Mon 2027-01-04 14:00 to 14:45"
    assert period.wanted(None, "11:00", None, MONDAY).ends_at == at("2027-01-04 11:00+01:00")
    assert period.wanted(None, None, 90 * MINUTE, MONDAY).ends_at == at("2027-01-04 11:30+01:00")


def test_a_first_time_needs_both_ends() -> None:
    for start, end, told in (
        (None, "10:45", "give its start"),
        ("2027-01-04 10:00", None, "Give the end"),
    ):
        with pytest.raises(WrongInput, match=told):
            period.wanted(start, end, None, None)
    with pytest.raises(WrongInput, match="together"):
        period.wanted("2027-01-04 10:00", "10:45", MINUTE, None)


def test_a_move_in_words() -> None:
    chris = by("sip:Chris@contoso.com")
    later = MONDAY.moved(at("2027-01-05 14:00+01:00"))
    longer = Schedule(MONDAY.starts_at, at("2027-01-04 11:00+01:00"), "Europe/Berlin")
    for before, after, words in (
        (MONDAY, later, "moved it from 2027-01-04 10:00 to 2027-01-05 14:00"),
        (
            later,
            longer,
            "moved it from 2027-01-05 14:00 to 2027-01-04 10:00, until 2027-01-04 11:00",
        ),
        (MONDAY, longer, "changed its end: 2027-01-04 10:00 to 11:00"),
        (None, later, "set its time: 2027-01-05 14:00 to 14:45"),
        (later, None, "took its time away"),
    ):
        assert moves.told(before, after, chris) == f"Chris {words}"
    assert moves.told(MONDAY, later, by()).startswith("Somebody moved it")


def test_undoing_a_move() -> None:
    assert period.undoing(MONDAY) == ["--start=2027-01-04 10:00", "--end=2027-01-04 10:45"]
    assert period.undoing(None) == ["--no-time"]
