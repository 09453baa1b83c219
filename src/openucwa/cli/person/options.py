"""Arguments and options that several commands for people have."""

import functools
import inspect
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from openucwa.cli.person import account, session
from openucwa.wire.members import MEMBERS, Kind, Member


class OnConflict(StrEnum):
    """The way to resolve changes that clash with somebody else's."""

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

Typed = Mapping[str, str | None]
"""The text of each option for a settable member, by the member's name."""

_METAVARS = {Kind.LINE: "TEXT", Kind.TEXT: "TEXT", Kind.TIME: "TIME", Kind.CHOICE: "VALUE"}
_HELP = {
    "description": "The description; - reads standard input.",
    "expirationTime": 'The end: "tomorrow 15:00", "in 2 hours".',
}
_GROUPS = {"texts": (Kind.LINE, Kind.TEXT, Kind.TIME), "choices": (Kind.CHOICE,)}
"""The parameters of a command in whose place it has options for members of these kinds."""


def for_members(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each settable member that is not a list of people.

    The options stand in the place of its parameters `texts` and `choices`, which are given what was
    typed, by the member's name.
    """
    signature = inspect.signature(command)
    groups = {
        group: [one for kind in kinds for one in MEMBERS if one.kind is kind]
        for group, kinds in _GROUPS.items()
    }
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        found = groups.get(parameter.name)
        parameters += [parameter] if found is None else map(_parameter, found)

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        typed = {
            group: {one.name: given.pop(_keyword(one)) for one in members}
            for group, members in groups.items()
        }
        command(**given, **typed)

    with_options.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return with_options


def _keyword(member: Member) -> str:
    return member.option.replace("-", "_")


def _parameter(member: Member) -> inspect.Parameter:
    option = typer.Option(
        metavar=_METAVARS[member.kind],
        help=_HELP.get(member.name)
        or (f"One of {', '.join(member.choices)}." if member.choices else f"The {member.label}."),
        autocompletion=lambda incomplete: [
            one for one in member.choices if one.startswith(incomplete)
        ],
    )
    return inspect.Parameter(
        _keyword(member),
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=None,
        annotation=Annotated[str | None, option],
    )
