"""Durations as a person types them, and the other values that the option --for takes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from openucwa.cli.failure import WrongInput

_SPAN = re.compile(
    r"(?:(?P<days>\d{1,2})\s*d(?:ays?)?)?\s*(?:(?P<hours>\d{1,3})\s*h(?:ours?|rs?)?)?\s*"
    r"(?:(?P<minutes>\d{1,5})\s*(?:m|mins?|minutes?)?)?",
    re.IGNORECASE,
)
_EXAMPLES = "Write it like 45m, 1h30m or 90, which is in minutes; an address like dana@contoso.com."


@dataclass(frozen=True)
class For:
    """The values of --for: a duration and an address, each None if it was not given."""

    span: timedelta | None = None
    address: str | None = None


def told_apart(typed: Iterable[str]) -> For:
    """Tell a duration from an address: one that has an @. Raises WrongInput for two of a kind."""
    values = list(typed)
    addresses = [one.strip() for one in values if "@" in one]
    spans = [one for one in values if "@" not in one]
    for found, what in ((addresses, "addresses"), (spans, "durations")):
        if len(found) > 1:
            raise WrongInput(f"--for was given two {what}: {found[0]} and {found[1]}.")
    return For(read(spans[0]) if spans else None, addresses[0] if addresses else None)


def read(text: str) -> timedelta:
    """Return the duration that was typed. Raises WrongInput."""
    found = _SPAN.fullmatch(text.strip())
    parts = found.groupdict() if found else {}
    span = timedelta(**{name: int(value) for name, value in parts.items() if value})
    if not span:
        raise WrongInput(f"{text[:80]!r} is not a duration. {_EXAMPLES}")
    return span


def shown(span: timedelta) -> str:
    """Return a duration as `read` takes it."""
    minutes = span // timedelta(minutes=1)
    days, hours = divmod(minutes // 60, 24)
    parts = ((days, "d"), (hours, "h"), (minutes % 60, "m"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0m"
