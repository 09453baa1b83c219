"""Invitations in words, with the ways to join.

Where the meeting has no time, the start comes from the person: UCWA knows when it expires only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from openucwa.cli.person import times


@dataclass(frozen=True)
class DialIn:
    """The numbers that callers dial: each with its region."""

    numbers: Sequence[tuple[str, str]] = ()
    """Region and `tel:` URI."""
    directory: str | None = None
    """The page with all numbers."""


@dataclass(frozen=True)
class Span:
    """From when to when a meeting is, as far as anything says so."""

    start: datetime | None
    end: datetime | None


def span(expires: datetime | None, start: datetime | None, minutes: int | None) -> Span:
    """Return the requested times; or else those up to the expiry, for so many minutes."""
    if start is not None:
        return Span(start, times.after(start, minutes or 60))
    if expires is not None and minutes is not None:
        return Span(times.after(expires, -minutes), expires)
    return Span(None, expires)


def text(
    meeting: Mapping[str, object], dial_in: DialIn | None, *, organizer: str, span: Span
) -> str:
    """The invitation: what it is about, when it is, who invites, and how to join."""
    lines = [str(meeting.get("subject") or "Online meeting"), ""]
    if span.end is not None:
        lines.append(f"When: {_when(span.start, span.end)}")
    lines.append(f"Organizer: {organizer}")
    return "\n\n".join(filter(None, ["\n".join(lines), description(meeting, dial_in)]))


def _when(start: datetime | None, end: datetime) -> str:
    zone = times.zone()
    if start is None:
        return f"until {times.with_weekday(end)} ({zone})"
    is_one_day = times.local(start).date() == times.local(end).date()
    until = times.shown(end).partition(" ")[2] if is_one_day else times.with_weekday(end)
    return f"{times.with_weekday(start)} to {until} ({zone})"


def description(meeting: Mapping[str, object], dial_in: DialIn | None) -> str:
    """Return the description of a meeting, and the ways to join it."""
    parts = [str(meeting.get("description") or "")]
    if meeting.get("joinUrl"):
        parts.append(f"Join the meeting: {meeting['joinUrl']}")
    conference_id = meeting.get("conferenceId")
    if conference_id and dial_in:
        numbers = [f"  {number(tel)} ({region})" for region, tel in dial_in.numbers]
        lines = ["Join by phone:", *numbers, f"  Conference ID: {conference_id}"]
        if dial_in.directory:
            lines.append(f"  More numbers: {dial_in.directory}")
        parts.append("\n".join(lines))
    return "\n\n".join(filter(None, parts))


def number(tel: str) -> str:
    """A `tel:` URI (RFC 3966) as people read it."""
    plain, _, extension = tel.removeprefix("tel:").partition(";ext=")
    return f"{plain} ext. {extension}" if extension else plain
