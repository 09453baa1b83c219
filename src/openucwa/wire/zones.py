"""Time zones by the names of the IANA database, such as `Europe/Berlin`."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

UTC = "UTC"


def is_zone(name: str) -> bool:
    """Return True if a time zone has this name."""
    return name == UTC or name in _names()


def zone(name: str) -> ZoneInfo:
    """Return a time zone; UTC for a name that is not known here, though perhaps elsewhere."""
    return ZoneInfo(name if is_zone(name) else UTC)


@cache
def _names() -> frozenset[str]:
    # These two are names of no zone: one is another zone on each machine.
    return frozenset(available_timezones() - {"localtime", "Factory"})
