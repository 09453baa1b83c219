"""Dates as UCWA writes them: `/Date(milliseconds since 1970)/` in JSON, ISO 8601 in XML.

Inside the program a date is an aware `datetime` in UTC, to the millisecond, since that is all that
the JSON form can carry.
"""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
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
    if found := _AJAX.fullmatch(text):
        try:
            return from_milliseconds(int(found[1]))
        except OverflowError as error:
            raise ValueError(text) from error
    moment = datetime.fromisoformat(text)
    try:
        is_utc = moment.tzinfo is None or moment.year == 1
        moment = moment.replace(tzinfo=UTC) if is_utc else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
    return from_milliseconds(milliseconds(moment))
