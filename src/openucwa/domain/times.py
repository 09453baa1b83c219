"""The times that meetings may have."""

from datetime import datetime

_YEARS_PAST = 1
_YEARS_AHEAD = 10

OUT_OF_REACH = "must lie between one year ago and ten years ahead"
"""The reason for which a time is refused that a meeting can't have."""


def is_in_reach(moment: datetime, now: datetime) -> bool:
    """Return True if something of a meeting may take place then."""
    return _years(now, -_YEARS_PAST) <= moment <= latest(now)


def latest(now: datetime) -> datetime:
    """The latest time that a meeting may have."""
    return _years(now, _YEARS_AHEAD)


def _years(moment: datetime, count: int) -> datetime:
    try:
        return moment.replace(year=moment.year + count)
    except ValueError:  # the 29th of February
        return moment.replace(year=moment.year + count, day=28)
