"""The time of a meeting as a person types and reads it: from when to when, in her zone."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from openucwa.cli.failure import WrongInput
from openucwa.cli.person import spans, times
from openucwa.wire import zones

if TYPE_CHECKING:
    from openucwa.client import Schedule

_PARTS = re.compile(r"(?P<start>.+?)\s+(?P<word>to|until|for)\s+(?P<rest>.+)", re.IGNORECASE)


def shown(schedule: "Schedule") -> str:
    """The start and the end, as `read` takes them."""
    return _between(schedule, times.shown)


def with_weekday(schedule: "Schedule") -> str:
    """The same with the day of the week."""
    return _between(schedule, times.with_weekday)


def _between(schedule: "Schedule", write: Callable[[datetime], str]) -> str:
    start, end = schedule.starts_at, schedule.ends_at
    if start is None or end is None:
        return " to ".join("?" if one is None else write(one) for one in (start, end))
    is_one_day = times.local(start).date() == times.local(end).date()
    until = times.shown(end).partition(" ")[2] if is_one_day else write(end)
    return f"{write(start)} to {until}"


def read(text: str, before: "Schedule | None" = None) -> "Schedule | None":
    """The time that was typed, such as "tomorrow 10:00 to 10:45"; None for nothing.

    `before` is the time that the meeting had, whose zone it keeps. Raises WrongInput.
    """
    if not text.strip():
        return None
    found = _PARTS.fullmatch(text.strip())
    if found is None:
        raise WrongInput(
            f"{text[:80]!r} has no end. Write both like "
            '"tomorrow 10:00 to 10:45" or "tomorrow 10:00 for 45m".'
        )
    start = times.read(found["start"])
    if found["word"].lower() == "for":
        return _made(start, _after(start, spans.read(found["rest"])), before)
    return _made(start, times.read(found["rest"], at=times.local(start)), before)


def wanted(
    start: str | None, end: str | None, span: timedelta | None, before: "Schedule | None"
) -> "Schedule":
    """The time that options give to a meeting: --start, and --end or --for.

    Moving a meeting by its start alone keeps it as long as it was. Raises WrongInput.
    """
    if end is not None and span is not None:
        raise WrongInput("--end and a duration with --for can't be given together.")
    earlier = before.starts_at if before else None
    starts = earlier if start is None else times.read(start)
    if starts is None:
        raise WrongInput('The meeting has no time yet: give its start, as in --start "mon 10:00".')
    if end is not None:
        return _made(starts, times.read(end, at=times.local(starts)), before)
    if span is not None:
        return _made(starts, _after(starts, span), before)
    if before is None:
        raise WrongInput("Give the end of the meeting, too: --end 10:45, or --for 45m.")
    return before.moved(starts)


def undoing(before: object) -> Sequence[str]:
    """The options of `meeting update` that bring a time back."""
    from openucwa.client import Schedule

    if not isinstance(before, Schedule) or before.starts_at is None or before.ends_at is None:
        return ["--no-time"]
    return [f"--start={times.shown(before.starts_at)}", f"--end={times.shown(before.ends_at)}"]


def _made(start: datetime, end: datetime, before: "Schedule | None") -> "Schedule":
    from openucwa.client import Schedule

    if end <= start:
        raise WrongInput(
            f"The end, {times.shown(end)}, is not after the start, {times.shown(start)}."
        )
    zone = before.time_zone if before else zones.name_of(times.zone())
    return Schedule.of(start.astimezone(UTC), end.astimezone(UTC), zone)


def _after(start: datetime, span: timedelta) -> datetime:
    return times.after(start, span // timedelta(minutes=1))
