"""Times as a person types and reads them: in the zone of the machine."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from openucwa.cli import streams
from openucwa.cli.failure import WrongInput
from openucwa.wire import dates

_CLOCK = re.compile(
    r"\b(?:[01]?\d|2[0-3]):[0-5]\d|\b(?:0?[1-9]|1[0-2])\s*[ap]\.?m\b|\b(?:noon|midnight)\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\d{4}-?(?:\d\d-?\d\d|W\d\d(?:-?\d)?)", re.IGNORECASE)
_CLOCKLIKE = re.compile(r"\d+:\d+")
_SPAN = re.compile(r"^in\b|\bago$|^now$", re.IGNORECASE)
_AMBIGUOUS = re.compile(r"\b(?:0?[1-9]|1[0-2])/(?:0?[1-9]|1[0-2])(?:/\d+)?\b")
_EXAMPLES = 'Write it like "tomorrow 15:00", "in 2 hours" or "2026-11-29 15:00".'


def zone() -> tzinfo:
    """The zone of the machine, or of the variable TZ."""
    import tzlocal

    return tzlocal.get_localzone()


def now() -> datetime:
    """The present, in the person's zone."""
    return datetime.now(UTC).astimezone(zone())


def read(text: str, *, at: datetime | None = None) -> datetime:
    """The moment that was typed, seen from `at`, which is now if nothing else is said.

    It is in the person's zone unless it names another one. Raises WrongInput where it can't be
    read, or could be read in two ways.
    """
    text = text.strip()
    at = at or now()
    local = at.tzinfo or UTC
    try:
        exact = dates.parse_iso(text)
    except ValueError:
        exact = None
    if exact is not None and not _DAY.fullmatch(text):
        return _one_moment(exact if exact.tzinfo else exact.replace(tzinfo=local), text)
    if _AMBIGUOUS.search(text):
        raise WrongInput(
            f"{text!r} is ambiguous: it may be day/month or month/day. Write the year first: "
            '"2026-11-29 15:00".'
        )
    found = None if exact else _natural(text, at, local)
    is_wrong = any(not _CLOCK.fullmatch(one) for one in _CLOCKLIKE.findall(text))
    if is_wrong or (found is None and exact is None):
        raise WrongInput(f"{text[:80]!r} is not a valid time. {_EXAMPLES}")
    if not (_CLOCK.search(text) or _SPAN.search(text)):
        raise WrongInput(f'{text[:80]!r} has no time of day. Write it like "{text[:80]} 15:00".')
    assert found is not None  # an exact one without a time of day was refused
    return found


def _natural(text: str, at: datetime, local: tzinfo) -> datetime | None:
    import dateparser

    found: datetime | None = dateparser.parse(
        text[:200],
        languages=["en"],
        settings={
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": at.replace(tzinfo=None),
        },
    )
    if found is None:
        return None
    if found.tzinfo is not None:
        return found
    if _SPAN.search(text):  # hours go by evenly, also when the clocks are set
        return (at.astimezone(UTC) + (found - at.replace(tzinfo=None))).astimezone(local)
    return _one_moment(found.replace(tzinfo=local), text)


def _one_moment(moment: datetime, text: str) -> datetime:
    """The moment. Raises WrongInput for a time that clocks skip, or go through twice."""
    try:
        back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    except OverflowError:
        raise _out_of_range(text) from None
    if back.replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise WrongInput(
            f"{text[:80]!r} does not exist: the clocks are set forward over it. Did you mean "
            f"{back:%Y-%m-%d %H:%M}?"
        )
    if _comes_twice(moment):
        first, second = (moment.replace(fold=fold).isoformat(" ", "minutes") for fold in (0, 1))
        raise WrongInput(
            f"{text[:80]!r} occurs twice: the clocks are set back over it. Write {first} for the "
            f"first time, or {second} for the second."
        )
    return moment


def _out_of_range(text: str) -> WrongInput:
    return WrongInput(f"{text[:80]!r} is outside of the years 1 to 9999 in UTC.")


def _comes_twice(moment: datetime) -> bool:
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def shown(moment: datetime) -> str:
    """Day and time in the person's zone, as `read` takes them: to the minute.

    In the hour that clocks go through twice, the distance from UTC tells which one it is.
    """
    here = local(moment)
    if _comes_twice(here):
        return here.isoformat(" ", "minutes")
    return here.replace(tzinfo=None).isoformat(" ", "minutes")


def with_weekday(moment: datetime) -> str:
    """The same with the day of the week."""
    return f"{local(moment):%a} {shown(moment)}"


def local(moment: datetime) -> datetime:
    """The moment in the person's zone; in UTC at the ends of time, which some servers send."""
    try:
        return moment.astimezone(zone())
    except OverflowError:
        return moment.astimezone(UTC)


def after(moment: datetime, minutes: int) -> datetime:
    """The moment so many minutes later, or earlier; clocks may be set meanwhile.

    Raises WrongInput.
    """
    try:
        return moment.astimezone(UTC) + timedelta(minutes=minutes)
    except OverflowError:
        raise WrongInput(
            f"{minutes} minutes from {shown(moment)} is outside of the years 1 to 9999."
        ) from None


def short(moment: datetime) -> str:
    """The time alone if it was today."""
    here = local(moment)
    return here.strftime("%H:%M") if here.date() == now().date() else shown(moment)


def iso(moment: datetime) -> str:
    """For programs: ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def cell(moment: datetime | None) -> str:
    """Return a moment for a table: as people read it at a terminal, else for programs."""
    if moment is None:
        return "-" if streams.output_is_terminal() else ""
    return shown(moment) if streams.output_is_terminal() else iso(moment)
