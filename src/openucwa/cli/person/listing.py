"""Lists of meetings: which of them, in which order, and as lines for other programs."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from openucwa.cli import tables
from openucwa.cli.person import fields, times

if TYPE_CHECKING:
    from openucwa.client import Meeting


def chosen(
    meetings: "Iterable[Meeting]",
    *,
    text: str | None = None,
    upcoming: bool = False,
    ended: bool = False,
    limit: int | None = None,
) -> "list[Meeting]":
    """Those that were asked for: the next to expire first, those that are over last.

    `text` is looked for in ids, subjects, descriptions and addresses, in any case.
    """
    now = times.now()
    found = [one for one in meetings if text is None or _has(one, text.strip().lower())]
    if upcoming or ended:
        found = [one for one in found if _is_over(one, now) is ended]
    return sorted(found, key=lambda one: _place(one, now))[:limit]


def _has(meeting: "Meeting", text: str) -> bool:
    people = [one for name in ("attendees", "leaders") for one in _people(meeting, name)]
    return any(
        text in one.lower() for one in (meeting.id, meeting.subject, meeting.description, *people)
    )


def _people(meeting: "Meeting", name: str) -> list[str]:
    return fields.people_of(meeting.properties, name)


def _is_over(meeting: "Meeting", now: datetime) -> bool:
    return meeting.expires is not None and meeting.expires < now


def _place(meeting: "Meeting", now: datetime) -> tuple[int, float, str]:
    if meeting.expires is None:
        return 1, 0.0, meeting.subject
    moment = meeting.expires.timestamp()
    return (2, -moment, meeting.subject) if _is_over(meeting, now) else (0, moment, meeting.subject)


def write(meetings: "Iterable[Meeting]") -> None:
    """Write a line for each, with a tab between its columns: id, subject, expiry, attendees."""
    for one in meetings:
        expires = times.iso(one.expires) if one.expires else ""
        tables.write_line((one.id, one.subject, expires, ",".join(_people(one, "attendees"))))
