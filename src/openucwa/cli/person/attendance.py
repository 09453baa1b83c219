"""openucwa meeting attendance: who was in a meeting, from when to when."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import streams, tables
from openucwa.cli.failure import Failure, WrongInput
from openucwa.cli.person import fields, options, people, screen, session, showing, times

if TYPE_CHECKING:
    from openucwa.client import Attendance


def command(
    id: options.Id,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Write a table for spreadsheets, in UTF-8.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """List who was in a meeting, from when to when. Who came back is listed again."""
    if as_csv and as_json:
        raise WrongInput("--csv and --json can't be given together.")
    with session.connected() as connected:
        meeting = session.find(connected, id)
        if not meeting.may_change:
            whose = fields.plain(showing.organizer(meeting))
            raise Failure(
                f"Only {whose}, the delegates of {whose} and those who may change {meeting.id} "
                f"({showing.title(meeting)}) see who was in it."
            )
        with screen.waiting("Fetching who was there"):
            found = connected.client.meetings.attendance(meeting)
    if as_csv:
        _write_csv(found)
    elif as_json:
        showing.write_json([_members(one) for one in found])
    elif found or not streams.output_is_terminal():
        rows = ((_cells(one), "") for one in found)
        tables.show(("name", "address", "role", "joined", "left"), rows, wrapping=("name",))
    else:
        screen.say(f"Nobody has been in {meeting.id} ({showing.title(meeting)}) yet.")


def _write_csv(found: "Sequence[Attendance]") -> None:
    from openucwa.client.attendance import as_csv

    sys.stdout.flush()
    sys.stdout.buffer.write(as_csv(found))
    sys.stdout.buffer.flush()


def _cells(one: "Attendance") -> tuple[str, ...]:
    return (
        fields.plain(one.name),
        fields.plain(people.plain(one.uri)),
        str(one.role).lower(),
        times.cell(one.joined),
        times.cell(one.left) if one.left else "",
    )


def _members(one: "Attendance") -> dict[str, object]:
    return {
        "name": one.name,
        "uri": one.uri,
        "role": str(one.role),
        "anonymous": one.anonymous,
        "joinTime": times.iso(one.joined) if one.joined else None,
        "leaveTime": times.iso(one.left) if one.left else None,
    }
