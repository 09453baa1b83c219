"""The forms of values: each function takes what was given and returns the value, in one spelling.

They raise ValueError with words that follow the name of the setting: "must be …".
"""

import ipaddress
import re
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

import msgspec

_LONGEST = timedelta(days=3650)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_USUAL_PORTS = {"http": ":80", "https": ":443"}
_NOT_IN_URLS = re.compile(r"[^!-~]|[<>\"\\^`{|}]")
_LETTER = r"[^\s:/?#@&=%\[\]]|%[0-9A-Fa-f]{2}"
_PART = rf"(?:{_LETTER})*"
_SETTING = rf"\w+=(?:{_LETTER}|[/:])*"
_PLACE = rf"(?:{_PART}|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?"
_DATABASE = re.compile(
    rf"postgres(?:ql)?://(?:{_PART}(?::{_PART})?@)?{_PLACE}(?:,{_PLACE})*"
    rf"(?:/{_PART})?(?:\?{_SETTING}(?:&{_SETTING})*)?"
)
_HIDDEN = re.compile(r"(?<=[?&])(\w*password|\w*secret|scram_\w+_key)=[^&]*")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPAN = re.compile(r"(?:\d{1,9}[dhms])+")


def host(value: str) -> str:
    """An address or a name to listen at."""
    if not value or re.search(r"[\s/\[\]]", value):
        raise ValueError("must be an address or a name, such as 127.0.0.1, ::1 or localhost")
    return value


def port(value: object) -> int:
    """A TCP port; 0 stands for any that is free."""
    try:
        number = msgspec.convert(value, int, strict=False)
    except msgspec.ValidationError:
        number = -1
    if not 0 <= number <= 65_535:
        raise ValueError("must be a number from 1 to 65535, or 0 for any free port")
    return number


def database(value: str) -> str:
    """The URL of a PostgreSQL database, as libpq takes it: several hosts and settings included.

    Its parts can be told apart for certain, so that no piece of a password passes for another one.
    """
    if not re.match(r"postgres(ql)?://", value):
        raise ValueError(
            "must be the URL of a PostgreSQL database, such as "
            "postgresql://openucwa@db.contoso.com/openucwa; leave it out for SQLite"
        )
    if not _DATABASE.fullmatch(value):
        raise ValueError(
            "must be a URL such as postgresql://openucwa@db.contoso.com:5432/openucwa: in a user's "
            "name, a password or a setting write @ as %40, : as %3A, / as %2F, ? as %3F, # as "
            "%23, & as %26, = as %3D, a space as %20 and % as %25"
        )
    return value


def without_password(url: str) -> str:
    """The URL of a database for people to read."""
    hidden = re.sub(r"(?<=://)([^:@/]*):[^@/]*@", r"\1:***@", url)
    return _HIDDEN.sub(r"\1=***", hidden)


def count(value: object) -> int:
    """Return a number of at least 1."""
    try:
        number = msgspec.convert(value, int, strict=False)
    except msgspec.ValidationError:
        number = 0
    if not 1 <= number <= 1000:
        raise ValueError("must be a number from 1 to 1000")
    return number


def domain(value: str) -> str:
    """The name of a SIP domain, in lower case."""
    if len(value) > 253 or not _DOMAIN.fullmatch(value.lower()):
        raise ValueError("must be a domain such as contoso.com")
    return value.lower()


def origin(value: str) -> str:
    """A URL without a path, and without a slash at the end."""
    parts = _split(value, "https://ucwa.contoso.com")
    if parts.path.strip("/"):
        raise ValueError("must be a URL without a path, such as https://ucwa.contoso.com")
    return f"{parts.scheme}://{parts.netloc}"


def allowed_origin(value: str) -> str:
    """The origin of a web page, as browsers spell it (RFC 6454, section 6.2); `*` for any."""
    found = value.lower().removesuffix("/")
    if value != "*" and not _ORIGIN.fullmatch(found):
        raise ValueError(
            "must be origins such as https://app.contoso.com or http://localhost:3000, or * for "
            f"any; {value} is not an origin"
        )
    return found.removesuffix(_USUAL_PORTS.get(found.partition(":")[0], ""))


def url(value: str) -> str:
    """A URL that may have a path, without a slash at the end."""
    parts = _split(value, "https://meet.contoso.com")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _split(value: str, example: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError when it is none
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username is not None
        or _NOT_IN_URLS.search(value)
    ):
        raise ValueError(f"must be a URL such as {example}")
    if parts.query or parts.fragment:
        raise ValueError("must be a URL without a query and a fragment")
    return parts


def service(value: str) -> str:
    """A Kerberos principal of a service on a host."""
    if not re.fullmatch(r"[^/@\s]+/[^/@\s]+(@[^/@\s]+)?", value):
        raise ValueError("must be a service and its host, such as HTTP/ucwa.contoso.com")
    return value


def proxies(value: object) -> str:
    """Addresses and networks, a list or separated by commas; `*` for all; empty for none."""
    given = ",".join(map(str, value)) if isinstance(value, list | tuple) else value
    try:
        if not isinstance(given, str):
            raise ValueError
        for one in filter(None, map(str.strip, given.split(","))):
            _ = one == "*" or ipaddress.ip_network(one)
    except ValueError:
        raise ValueError(
            "must be addresses or networks, as a list or separated by commas, such as "
            "127.0.0.1,10.1.2.3"
        ) from None
    return given


def duration(value: object) -> timedelta:
    """`90s`, `1h30m`, `14d`, `PT8H` (ISO 8601) or a number of seconds; at most ten years."""
    try:
        span = _span(value)
    except (ValueError, OverflowError):
        span = timedelta()
    if not timedelta(seconds=1) <= span <= _LONGEST:
        raise ValueError("must be a duration from 1s to 3650d, such as 90s, 8h or 14d")
    return span


def _span(value: object) -> timedelta:
    text = value.strip().lower() if isinstance(value, str) else ""
    if _SPAN.fullmatch(text):
        parts = re.findall(r"(\d+)([dhms])", text)
        return sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())
    return msgspec.convert(value, timedelta, strict=False)


def as_text(span: timedelta) -> str:
    """A duration as `duration` reads it, in the largest unit that leaves no rest: `8h`, `90m`."""
    for letter, unit in _UNITS.items():
        if span % timedelta(**{unit: 1}) == timedelta():
            return f"{span // timedelta(**{unit: 1})}{letter}"
    return f"{span.total_seconds():f}"
