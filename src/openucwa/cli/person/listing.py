"""Lists of meetings: which of them, in which order, and as lines for other programs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from openucwa.cli import tables
from openucwa.cli.person import fields, people, showing, times

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
    """Those that were asked for: the next to start first, those that are over last.

    One without a time is taken to be when it expires.

    `text` is looked for in ids, subjects, descriptions and addresses, in any case.
    """
    found = [one for one in meetings if text is None or _has(one, text.strip().lower())]
    if upcoming or ended:
        found = [one for one in found if showing.is_over(one) is ended]
    return sorted(found, key=_place)[:limit]


def _has(meeting: "Meeting", text: str) -> bool:
    people = [one for name in ("attendees", "leaders") for one in _people(meeting, name)]
    return any(
        text in one.lower() for one in (meeting.id, meeting.subject, meeting.description, *people)
    )


def _people(meeting: "Meeting", name: str) -> list[str]:
    return fields.people_of(meeting.properties, name)


def _place(meeting: "Meeting") -> tuple[int, float, str]:
    at = meeting.starts or meeting.expires
    if at is None:
        return 1, 0.0, meeting.subject
    moment = at.timestamp()
    is_over = showing.is_over(meeting)
    return (2, -moment, meeting.subject) if is_over else (0, moment, meeting.subject)


def write(meetings: "Iterable[Meeting]") -> None:
    """Write a line for each, with a tab between its columns.

    They are: id, subject, expiry, attendees, start, end, whose it is if it is shared.
    """
    for one in meetings:
        expires, start, end = (
            times.iso(at) if at else "" for at in (one.expires, one.starts, one.ends)
        )
        attendees = ",".join(_people(one, "attendees"))
        whose = people.plain(one.organizer) if one.is_shared else ""
        tables.write_line((one.id, one.subject, expires, attendees, start, end, whose))
