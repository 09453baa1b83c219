"""Spans of time, which no page shows a sample of, in the forms that clients may send them."""

import re
from datetime import timedelta

_CLOCK = re.compile(
    r"(?:(?P<days>\d{1,4})\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2}(?:\.\d{1,7})?))?",
    re.ASCII,
)
_ISO = re.compile(
    r"P(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,7})?)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_MINUTES = re.compile(r"\d{1,8}(?:\.\d{1,7})?", re.ASCII)


def parse(given: str | float) -> timedelta:
    """Read a span: `00:05:00` as .NET writes it, `PT5M` of ISO 8601, or a number of minutes.

    Raises ValueError when it is none of these, or is negative.
    """
    text = str(given).strip()
    if _MINUTES.fullmatch(text):
        return timedelta(minutes=float(text))
    found = _CLOCK.fullmatch(text) or _ISO.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(f"{text!r} is no span of time")
    return timedelta(**{unit: float(count) for unit, count in found.groupdict().items() if count})
