"""Arguments and options that several commands for people have."""

from enum import StrEnum
from typing import Annotated

import typer

from openucwa.cli.person import account, fields, session


class OnConflict(StrEnum):
    """What becomes of changes that clash with somebody else's."""

    MERGE = "merge"
    FAIL = "fail"
    MINE = "mine"
    THEIRS = "theirs"


def _ids(incomplete: str) -> list[str]:
    """The meetings that were seen lately, for the Tab key."""
    try:
        current = account.current()
        found = sorted({*session.shelf(current).ids(), *session.drafts(current).ids()})
    except Exception:  # nothing is worth an error here
        return []
    return [one for one in found if one.startswith(incomplete.upper())]


Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The id of the meeting, as meeting list shows it.", autocompletion=_ids
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
Clashing = Annotated[
    OnConflict,
    typer.Option(
        "--on-conflict",
        help="How to resolve conflicts with other people's changes: merge asks about each "
        "conflict, fail refuses any concurrent change.",
    ),
]
IfMatch = Annotated[
    str | None,
    typer.Option(
        "--if-match",
        metavar="TAG",
        help="The version to start from.  [default: the one you saw last; in a "
        "script, the current one]",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and stop.")]

Subject = Annotated[str | None, typer.Option(metavar="TEXT", help="The subject.")]
Description = Annotated[
    str | None, typer.Option(metavar="TEXT", help="The description; - reads standard input.")
]
Expires = Annotated[
    str | None,
    typer.Option(metavar="TIME", help='The end: "tomorrow 15:00", "in 2 hours".'),
]
People = Annotated[list[str] | None, typer.Option(metavar="ADDRESS")]


def _choices(name: str) -> typer.models.OptionInfo:
    """The option for a property that has one of several values."""
    choices = fields.BY_NAME[name].choices
    option: typer.models.OptionInfo = typer.Option(
        metavar="VALUE",
        help=f"One of {', '.join(choices)}.",
        autocompletion=lambda incomplete: [one for one in choices if one.startswith(incomplete)],
    )
    return option


AccessLevel = Annotated[str | None, _choices("accessLevel")]
PhoneUserAdmission = Annotated[str | None, _choices("phoneUserAdmission")]
LobbyBypass = Annotated[str | None, _choices("lobbyBypassForPhoneUsers")]
LeaderAssignment = Annotated[str | None, _choices("automaticLeaderAssignment")]
Announcements = Annotated[str | None, _choices("entryExitAnnouncement")]
