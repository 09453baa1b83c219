"""Time zones by the names of the IANA database, such as `Europe/Berlin`."""

from __future__ import annotations

import re
from datetime import tzinfo
from functools import lru_cache

UTC = "UTC"
_LONGEST = 64
_UNSET = "Factory"
"""The name in the database for a machine whose zone nobody has set."""
_NAME = re.compile(r"[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
"""The form of a name. What else there may be, such as `localtime`, is another on each machine."""

# zoneinfo is imported in functions: most programs have no need of it, and it takes its time.


def is_zone(name: str) -> bool:
    """Return True if a time zone has this name."""
    return len(name) <= _LONGEST and bool(_NAME.fullmatch(name)) and _exists(name)


@lru_cache(maxsize=1000)
def _exists(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # no zone, a folder of zones, or another file
        return False
    return name != _UNSET


def zone(name: str) -> tzinfo:
    """Return a time zone; UTC for a name that is not known here, though perhaps elsewhere."""
    from zoneinfo import ZoneInfo

    return ZoneInfo(name if is_zone(name) else UTC)


def name_of(zone: tzinfo | None) -> str | None:
    """Return the name of a time zone; None if it has none, as a mere distance from UTC."""
    key = getattr(zone, "key", None)
    return key if isinstance(key, str) and is_zone(key) else None
