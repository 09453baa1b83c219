"""Dates as UCWA writes them: `/Date(milliseconds since 1970)/` in JSON, ISO 8601 in XML.

Inside the program a date is an aware `datetime` in UTC, to the millisecond, since that is all that
the JSON form can carry.
"""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_LONGEST = 100
"""Characters of a date: ISO 8601 sets no limit to the digits of a fraction."""
_END_OF_DAY = re.compile(r"([0-9-]+[T ])24(:?00(?::?00(?:[.,]0+)?)?(?:Z|[+-].*)?)")
_LEAP_SECOND = re.compile(r"([0-9-]+[T ][0-9]{2}:?[0-9]{2}:?)60((?:[.,][0-9]+)?(?:Z|[+-].*)?)")
_AJAX = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)


def milliseconds(moment: datetime) -> int:
    """The whole milliseconds from 1970 to `moment`, rounded down."""
    return (moment - EPOCH) // _MILLISECOND


def from_milliseconds(count: int) -> datetime:
    """The moment `count` milliseconds after 1970.

    Raises OverflowError outside of the years 1 to 9999.
    """
    return EPOCH + count * _MILLISECOND


def iso(moment: datetime) -> str:
    """The moment as XML has it: ISO 8601 in UTC, with milliseconds where there are some."""
    precision = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def parse(text: str) -> datetime:
    """Read a date in any form that clients send: `/Date(ms)/`, or ISO 8601 with or without a zone.

    No zone means UTC, and so does any zone in year 1, which stands for "no date" wherever a client
    is. The zone that may follow the milliseconds in `/Date(ms+0100)/` is for display and moves
    nothing. Raises ValueError when `text` is neither.
    """
    if len(text) > _LONGEST:
        raise ValueError(text)
    try:
        if found := _AJAX.fullmatch(text):
            return from_milliseconds(int(found[1]))
        return from_milliseconds(milliseconds(_utc(parse_iso(text))))
    except OverflowError as error:
        raise ValueError(text) from error


def parse_iso(text: str) -> datetime:
    """Read ISO 8601, and keep its zone, or that it has none.

    T and Z may be in lower case (RFC 3339, section 5.6), 24:00 is the end of a day (ISO 8601), and
    a leap second is the second after it. Raises ValueError.
    """
    text = text.upper()
    try:
        if found := _END_OF_DAY.fullmatch(text):
            return datetime.fromisoformat(f"{found[1]}00{found[2]}") + _DAY
        if found := _LEAP_SECOND.fullmatch(text):
            moment = datetime.fromisoformat(f"{found[1]}59{found[2]}") + _SECOND
            utc = _utc(moment)
            if (utc.hour, utc.minute) != (0, 0):
                raise ValueError(text)
            return moment
    except OverflowError as error:
        raise ValueError(text) from error
    return datetime.fromisoformat(text)


def _utc(moment: datetime) -> datetime:
    """The moment in UTC. Raises OverflowError."""
    is_utc = moment.tzinfo is None or moment.year == 1
    return moment.replace(tzinfo=UTC) if is_utc else moment.astimezone(UTC)
