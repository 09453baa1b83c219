"""Time zones by the names of the IANA database, such as `Europe/Berlin`."""

from __future__ import annotations

from datetime import tzinfo
from functools import cache

UTC = "UTC"

# zoneinfo is imported in functions: most programs have no need of it, and it takes its time.


def is_zone(name: str) -> bool:
    """Return True if a time zone has this name."""
    return name == UTC or name in _names()


def zone(name: str) -> tzinfo:
    """Return a time zone; UTC for a name that is not known here, though perhaps elsewhere."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name if is_zone(name) else UTC)


def name_of(zone: tzinfo | None) -> str | None:
    """Return the name of a time zone; None if it has none, as a mere distance from UTC."""
    key = getattr(zone, "key", None)
    return key if isinstance(key, str) and is_zone(key) else None


@cache
def _names() -> frozenset[str]:
    from zoneinfo import available_timezones

    # These two are names of no zone: one is another zone on each machine.
    return frozenset(available_timezones() - {"localtime", "Factory"})
