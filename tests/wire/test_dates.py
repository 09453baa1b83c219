"""Dates: in `/Date(milliseconds)/`, and in what else clients send."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.wire.dates import EPOCH, from_milliseconds, iso, milliseconds, parse

MILLISECOND = timedelta(milliseconds=1)
NOON = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
NOON_IN_MILLISECONDS = 1_801_396_800_000

zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
inner_years = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31))  # noqa: DTZ001 - to come
moments = st.datetimes(timezones=st.just(UTC))
near_dates = st.text("0123456789-+:.TZW /Date()", max_size=40)


@given(moments)
def test_milliseconds_round_down(moment: datetime) -> None:
    kept = from_milliseconds(milliseconds(moment))
    assert kept <= moment < kept + MILLISECOND


@pytest.mark.parametrize("count", [-62_135_596_800_001, 253_402_300_800_000, 10**30])
def test_no_moment_lies_outside_of_the_years_1_to_9999(count: int) -> None:
    with pytest.raises(OverflowError):
        from_milliseconds(count)


@pytest.mark.parametrize(
    "text",
    [
        f"/Date({NOON_IN_MILLISECONDS})/",
        f"/Date({NOON_IN_MILLISECONDS}+0100)/",
        f"/Date({NOON_IN_MILLISECONDS}-0830)/",
        "2027-01-31T12:00:00",
        "2027-01-31T12:00:00Z",
        "2027-01-31T12:00:00.000Z",
        "2027-01-31T13:00:00+01:00",
        "2027-01-31T03:30:00-08:30",
        "2027-01-31 12:00",
        "2027-01-31t12:00:00z",
        "2027-01-31t13:00:00.000+01:00",
        "2027-01-31T12:00:00+00:00",
        "2027-01-31T12:00:00-00:00",
        "2027-01-31T12:00:00." + "0" * 70 + "9Z",
        "20270131t120000z",
    ],
)
def test_every_form_that_clients_send_is_read(text: str) -> None:
    assert parse(text) == NOON


@given(moments)
def test_what_is_written_is_read_again(moment: datetime) -> None:
    count = milliseconds(moment)
    assert parse(f"/Date({count})/") == from_milliseconds(count)


@given(moments)
def test_iso_8601_is_written_to_be_read_again(moment: datetime) -> None:
    assert parse(iso(moment)) == from_milliseconds(milliseconds(moment))


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (NOON, "2027-01-31T12:00:00Z"),
        (NOON + timedelta(microseconds=999), "2027-01-31T12:00:00Z"),
        (NOON + timedelta(microseconds=50_999), "2027-01-31T12:00:00.050Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_iso_8601_has_milliseconds_where_there_are_some(moment: datetime, written: str) -> None:
    assert iso(moment) == written


@given(inner_years, zones)
def test_iso_8601_is_read_to_the_millisecond(local: datetime, zone: timezone) -> None:
    moment = local.replace(tzinfo=zone)
    assert parse(moment.isoformat()) == from_milliseconds(milliseconds(moment))


@given(inner_years)
def test_no_zone_means_utc(local: datetime) -> None:
    assert parse(local.isoformat()) == parse(local.isoformat() + "Z")


@given(zones)
def test_the_date_that_stands_for_none_is_of_year_1_in_every_zone(zone: timezone) -> None:
    assert parse(datetime.min.replace(tzinfo=zone).isoformat()).year == 1


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-31T24:00:00Z", datetime(2027, 2, 1, tzinfo=UTC)),
        ("2027-12-31t24:00", datetime(2028, 1, 1, tzinfo=UTC)),
        ("2027-01-31 24:00:00.000", datetime(2027, 2, 1, tzinfo=UTC)),
        ("20270131T240000+0100", datetime(2027, 1, 31, 23, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31t23:59:60.5z", datetime(2017, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("2017-01-01T05:29:60+05:30", datetime(2017, 1, 1, tzinfo=UTC)),
        ("1990-12-31T15:59:60-08:00", datetime(1991, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_day_and_a_leap_second_are_read(text: str, moment: datetime) -> None:
    assert parse(text) == moment


def test_a_date_is_in_utc() -> None:
    assert parse("2027-01-31T13:00:00+01:00").tzinfo is UTC
    assert parse("/Date(0+0100)/") == EPOCH
    assert parse("/Date(0+0100)/").tzinfo is UTC


@given(st.text() | near_dates | st.from_regex(r"\A/Date\(-?\d{1,20}([+-]\d{4})?\)/\Z"))
def test_nonsense_raises_value_error_only(text: str) -> None:
    with suppress(ValueError):
        assert parse(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "12",
        "2027-02-29",
        "2027-01-31T25:00",
        "2027-01-31T24:01",
        "2027-01-31T24:00:00.1Z",
        "2027-01-31T12:30:60Z",
        "2016-12-31T23:59:61Z",
        "2016-12-31T23:59:60+01:00",
        "2027-01-31T12:60Z",
        "9999-12-31T24:00:00Z",
        "9999-12-31T23:59:60Z",
        "2027-01-31T12:00:00." + "0" * 100 + "Z",
        "9999-12-31T23:59:59-01:00",
        "/Date()/",
        "/Date(1.5)/",
        "/Date(1+1)/",
        "/Date(253402300800000)/",
        "/Date(999999999999999999999)/",
        "Date(1)",
        "/Date(1)/ ",
        "/Date(\u0661)/",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - nobody reads the message
        parse(text)
