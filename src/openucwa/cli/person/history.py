"""openucwa meeting history: who changed a meeting, when, and what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import streams, tables
from openucwa.cli.person import fields, options, screen, session, showing, times
from openucwa.cli.person.author import Author, Authors
from openucwa.cli.person.session import Session

if TYPE_CHECKING:
    from openucwa.client import Version

_COMPARED = 20
"""Versions whose differences are shown by default: each is fetched whole, with all its people."""


@dataclass(frozen=True)
class Entry:
    """A version, and the properties of the meeting before and after; None where not known."""

    version: "Version"
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None

    @property
    def names(self) -> list[str]:
        """The names of the changed properties, as people see them."""
        return fields.in_order(self.version.changed)

    def as_json(self) -> dict[str, object]:
        """Return the members that --json writes."""
        one = self.version
        changes = None
        if self.before is not None and self.after is not None:
            changes = [
                {
                    "name": name,
                    "before": showing.plain_json(self.before.get(name)),
                    "after": showing.plain_json(self.after.get(name)),
                }
                for name in one.changed
            ]
        return {
            "version": one.etag,
            "by": one.by or None,
            "byName": one.by_name or None,
            "with": one.application or None,
            "onBehalfOf": one.on_behalf_of or None,
            "at": times.iso(one.at) if one.at else None,
            "changed": list(one.changed),
            "changes": changes,
        }


def command(
    id: options.Id,
    limit: Annotated[
        int,
        typer.Option(
            "--limit",
            "-n",
            min=0,
            metavar="NUMBER",
            help="The number of versions whose differences are shown.",
        ),
    ] = _COMPARED,
    as_json: options.AsJson = False,
) -> None:
    """List the changes of a meeting: who, when and what; the newest version first.

    Older versions than --limit are listed with the names of what has changed.
    """
    at_terminal = streams.output_is_terminal()
    with session.connected() as connected:
        meeting = session.find(connected, id)
        with screen.waiting("Fetching the history"):
            versions = connected.client.meetings.history(meeting)
            authors = Authors(connected, versions)
            entries = _compared(connected, versions, limit if as_json or at_terminal else 0)
    if as_json:
        showing.write_json([one.as_json() for one in entries])
        return
    for one in entries:
        if at_terminal:
            _show(one, authors.of(one.version))
        else:
            changed = ",".join(map(fields.label, one.names))
            version = one.version
            tables.write_line((version.etag, times.cell(version.at), version.by, changed))


def _compared(connected: Session, versions: "Sequence[Version]", most: int) -> list[Entry]:
    """Return all versions, the newest `most` of them with the properties before and after."""
    from openucwa.client import ClientError, Version

    with connected.client.batch() as batch:
        parts = [batch.get(one.resource.href) for one in versions[: most + 1 if most else 0]]
    found: list[Mapping[str, object] | None] = []
    for part in parts:
        try:
            found.append(Version(part.result()).details or None)
        except ClientError:  # it is no longer kept, or not shown
            found.append(None)
    found += [None] * (len(versions) + 1 - len(found))
    return [
        Entry(one, before, after)
        for one, before, after in zip(versions, found[1:], found, strict=False)
    ]


def _show(entry: Entry, other: Author) -> None:
    one = entry.version
    who = f"{other.name}{other.whom}{other.device}" if other.is_known else "-"
    screen.say(f"{one.etag}  {times.cell(one.at)}  {who}")
    if entry.before is not None and entry.after is not None:
        for name in entry.names:
            changed = showing.difference(name, entry.before.get(name), entry.after.get(name))
            screen.say(f"  {fields.label(name)}: {changed}")
    elif entry.names:
        screen.say(f"  changed: {', '.join(map(fields.label, entry.names))}")
