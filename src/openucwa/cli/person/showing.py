"""Meetings as people read them, and as programs do."""

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import typer

from openucwa.cli import tables
from openucwa.cli.person import difference as differences
from openucwa.cli.person import fields, people, period, screen, times
from openucwa.cli.person.author import Author
from openucwa.wire import members
from openucwa.wire.members import Kind

if TYPE_CHECKING:
    from openucwa.client import Meeting

_FEW = 3
_RANDOM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""The member that a PUT plays back: it says nothing."""


def as_json(properties: Mapping[str, object], *, etag: str | None) -> dict[str, object]:
    """A meeting for programs: its properties as UCWA names them, its ETag, times in ISO 8601."""
    found = {
        name: plain_json(value) for name, value in properties.items() if not _RANDOM.fullmatch(name)
    }
    return {**found, "etag": etag}


def meeting_json(meeting: "Meeting") -> dict[str, object]:
    return as_json(meeting.properties, etag=meeting.etag)


def plain_json(value: object) -> object:
    """A property's value for programs."""
    if isinstance(value, datetime):
        return times.iso(value)
    if schedule := fields.schedule({members.SCHEDULE: value}):
        return {name: plain_json(one) for name, one in schedule.served().items()}
    if isinstance(value, list | tuple):
        return [plain_json(one) for one in value]
    return value


def write_json(content: object) -> None:
    """Write one JSON text to standard output."""
    typer.echo(json.dumps(content, indent=2, ensure_ascii=_only_ascii(), default=str))


def write_line(content: object) -> None:
    """Write one JSON text on one line, at once."""
    typer.echo(json.dumps(content, ensure_ascii=_only_ascii(), default=str))


def _only_ascii() -> bool:
    """Return whether standard output can't write all characters."""
    return (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"


def show(meeting: "Meeting") -> None:
    """Print all that a person wants to know of a meeting."""
    from rich.table import Table
    from rich.text import Text

    console = screen.console()
    if console.width < screen.NARROW:
        for label, value in _rows(meeting):
            console.print(Text.assemble((f"{label}: ", "bold"), value), overflow="fold")
    else:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for label, value in _rows(meeting):
            table.add_row(label, Text(value))
        tables.print_table(console, table)
    if meeting.description:
        console.print()
        console.print(Text(fields.plain(meeting.description)))


def _rows(meeting: "Meeting") -> Iterator[tuple[str, str]]:
    properties = meeting.properties
    yield "id", meeting.id
    for field in members.MEMBERS:
        if field.kind is Kind.TEXT or field.name not in properties:
            continue
        if field.kind is Kind.PEOPLE:
            yield field.label, _addresses(fields.people_of(properties, field.name))
        elif field.kind is Kind.SCHEDULE:
            if meeting.schedule:
                yield field.label, period.with_weekday(meeting.schedule)
        elif isinstance(value := properties[field.name], datetime):
            yield field.label, times.with_weekday(value) + _past(value)
        else:
            yield field.label, fields.shown(value)
    whose = f"{meeting.organizer_name} " if meeting.organizer_name else ""
    yield "organizer", fields.plain(f"{whose}{meeting.organizer}")
    if meeting.is_shared:
        yield "your role", fields.plain(str(meeting.role).lower())
    if meeting.conference_id:
        yield "conference id", fields.plain(meeting.conference_id)
    yield "join", fields.plain(meeting.join_url)
    yield "version", fields.plain(meeting.etag or "-")


def _addresses(uris: Sequence[str]) -> str:
    return "\n".join(fields.plain(one) for one in uris) or "-"


def _past(moment: datetime) -> str:
    return " (past)" if moment < times.now() else ""


def show_list(meetings: Iterable["Meeting"], drafted: Collection[str] = ()) -> None:
    """Print a line for each meeting. `drafted` are the ids of those of which there is a draft."""
    shown = list(meetings)
    is_any_shared = any(one.is_shared for one in shown)
    rows = []
    for one in shown:
        mark = " (draft)" if one.id in drafted else ""
        whose = (_whose(one),) if is_any_shared else ()
        cells = (one.id, f"{title(one)}{mark}", _when(one), *whose, _few(one.attendees))
        rows.append((cells, "dim" if is_over(one) else ""))
    whose = ("whose",) if is_any_shared else ()
    tables.show(
        ("id", "subject", "time", *whose, "attendees"), rows, wrapping=("subject", "attendees")
    )


def _whose(meeting: "Meeting") -> str:
    """Return whose meeting it is, and that one may not change it."""
    if not meeting.is_shared:
        return "you"
    name = fields.plain(organizer(meeting))
    return name if meeting.may_change else f"{name} (read only)"


def is_over(meeting: "Meeting") -> bool:
    """Return whether a meeting has ended: at its end, or when it has expired without one."""
    end = meeting.ends or meeting.expires
    return end is not None and end < times.now()


def _when(meeting: "Meeting") -> str:
    """From when to when a meeting is, as far as anything says so."""
    if meeting.schedule:
        return period.shown(meeting.schedule)
    return f"until {times.shown(meeting.expires)}" if meeting.expires else "-"


def tell_drafts(drafted: Collection[str], meetings: Iterable["Meeting"]) -> None:
    """Tell of drafts whose meetings are not in a list, since they were cancelled or never made."""
    gone = sorted(set(drafted) - {one.id for one in meetings})
    if gone:
        screen.say(
            f"There are drafts of meetings that are not in the list: {', '.join(gone)}. Use "
            "openucwa meeting drafts to list them."
        )


def _few(uris: Sequence[str]) -> str:
    """The first of several people, and how many more there are."""
    more = len(uris) - _FEW
    names = people.names(uris[:_FEW]) if uris else "-"
    return fields.plain(f"{names} and {more} more" if more > 0 else names)


def organizer(meeting: "Meeting") -> str:
    """Return the name of whose meeting it is."""
    return meeting.organizer_name or people.name(meeting.organizer)


def title(meeting: "Meeting") -> str:
    """Return the name of a meeting in a sentence."""
    return fields.plain(meeting.subject) or ("(standing meeting)" if meeting.is_standing else "-")


def listed(labels: Sequence[str]) -> str:
    """Return labels as a sentence lists them."""
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def kept(names: Sequence[str], other: Author) -> str:
    """The sentence for what others changed and what was kept."""
    labels = [fields.label(one) for one in names]
    change = "change" if len(labels) == 1 else "changes"
    rest = f"{other.where}{other.whom}{other.aside}"
    return f"Also kept {other.whose} {change} to {listed(labels)}{rest}."


def show_changes(before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """Print what differs: a line for each property."""
    from openucwa.wire import merge

    for name in fields.in_order(merge.differing(before, after)):
        screen.say(f"  {fields.label(name)}: {difference(name, before.get(name), after.get(name))}")


def show_wanted(properties: Mapping[str, object]) -> None:
    """Print a line for each property that is wanted."""
    for name in fields.in_order(properties):
        screen.say(f"  {fields.label(name)}: {fields.shown(properties[name])}")
    expires = properties.get("expirationTime")
    if isinstance(expires, datetime) and expires < times.now():
        screen.warn("The expiry is in the past.")


def difference(name: str, before: object, after: object) -> str:
    """Return the change of a value: on one line, except for long texts."""
    field = members.BY_NAME.get(name)
    if field is not None and field.kind is Kind.PEOPLE:
        old = {people.key(one): one for one in fields.people_of({name: before}, name)}
        new = {people.key(one): one for one in fields.people_of({name: after}, name)}
        added = [f"+{people.name(one)}" for key, one in new.items() if key not in old]
        removed = [f"-{people.name(one)}" for key, one in old.items() if key not in new]
        return fields.plain(" ".join(added + removed))
    if field is not None and field.kind is Kind.TEXT:
        return differences.of_texts(*(str(one or "") for one in (before, after)))
    return f"{fields.shown(before)} → {fields.shown(after)}"


def warn_if_past(meeting: "Meeting", changed: Sequence[str]) -> None:
    """Warn of an expiry that has just been set to a time that is over."""
    if "expirationTime" in changed and meeting.expires and meeting.expires < times.now():
        screen.warn(
            f"The meeting expired at {times.shown(meeting.expires)}, which is in the past, and "
            "the server may remove it. Use --expires to set another time."
        )
