"""Arguments and options that several commands for people have."""

import functools
import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from openucwa.cli.failure import WrongInput
from openucwa.cli.person import account, people, session, spans
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
Start = Annotated[
    str | None,
    typer.Option("--start", metavar="TIME", help='The start of the meeting: "tomorrow 10:00".'),
]
End = Annotated[
    str | None, typer.Option("--end", metavar="TIME", help="Its end: 10:45, or with a day.")
]
For = Annotated[
    list[str] | None,
    typer.Option("--for", metavar="DURATION", help="How long it takes: 45m, 1h30m, or minutes."),
]
ForWhom = Annotated[
    list[str] | None,
    typer.Option(
        "--for",
        metavar="DURATION/ADDRESS",
        help="How long it takes: 45m, 1h30m, or minutes. Or for whom you schedule it, as a "
        "delegate. Can be given for both.",
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


def span(typed: list[str] | None) -> timedelta | None:
    """Return the duration that --for was given. Raises WrongInput."""
    found = spans.told_apart(typed or ())
    if found.address is not None:
        raise WrongInput(f"--for takes a duration, such as 45m, and not {found.address[:80]!r}.")
    return found.span


def span_and_organizer(typed: list[str] | None) -> tuple[timedelta | None, str | None]:
    """Return the duration and the address that --for was given. Raises WrongInput."""
    found = spans.told_apart(typed or ())
    return found.span, found.address and people.address(found.address)


Typed = Mapping[str, str | None]
"""The text of each option for a settable member, by the member's name."""
TypedAddresses = Mapping[str, list[str] | None]
"""The addresses of each option for a list of people, by the member's name."""

_METAVARS = {Kind.LINE: "TEXT", Kind.TEXT: "TEXT", Kind.TIME: "TIME", Kind.CHOICE: "VALUE"}
_HELP = {
    "description": "The description; - reads standard input.",
    "expirationTime": 'The end: "tomorrow 15:00", "in 2 hours".',
}
_GROUPS = {
    "texts": ("", (Kind.LINE, Kind.TEXT, Kind.TIME)),
    "addresses": ("", (Kind.PEOPLE,)),
    "added": ("add_", (Kind.PEOPLE,)),
    "removed": ("remove_", (Kind.PEOPLE,)),
    "choices": ("", (Kind.CHOICE,)),
}
"""By parameter of a command: the prefix of the options in its place, and the kinds of their
members."""
_HELP_OF_ADDRESSES = {
    "": "A person for the {}; may be repeated.",
    "add_": "A person to add to the {}; may be repeated.",
    "remove_": "A person to remove from the {}; may be repeated.",
}


def for_members(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command options for the settable members.

    The options stand in the place of those of its parameters that `_GROUPS` names, which are given
    what was typed, by the member's name.
    """
    signature = inspect.signature(command)
    names: dict[str, dict[str, str]] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.name not in _GROUPS:
            parameters.append(parameter)
            continue
        prefix, kinds = _GROUPS[parameter.name]
        members = [one for kind in kinds for one in MEMBERS if one.kind is kind]
        parameters += (_parameter(one, prefix) for one in members)
        names[parameter.name] = {one.name: _keyword(one, prefix) for one in members}

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        typed = {
            group: {name: given.pop(keyword) for name, keyword in keywords.items()}
            for group, keywords in names.items()
        }
        command(**given, **typed)

    with_options.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return with_options


def _keyword(member: Member, prefix: str) -> str:
    name = member.option.removesuffix("s") if member.kind is Kind.PEOPLE else member.option
    return prefix + name.replace("-", "_")


def _parameter(member: Member, prefix: str) -> inspect.Parameter:
    keyword = _keyword(member, prefix)
    if member.kind is Kind.PEOPLE:
        help = _HELP_OF_ADDRESSES[prefix].format(member.label)
        addresses = typer.Option(metavar="ADDRESS", help=help)
        return _named(keyword, Annotated[list[str] | None, addresses])
    option = typer.Option(
        metavar=_METAVARS[member.kind],
        help=_HELP.get(member.name)
        or (f"One of {', '.join(member.choices)}." if member.choices else f"The {member.label}."),
        autocompletion=lambda incomplete: [
            one for one in member.choices if one.startswith(incomplete)
        ],
    )
    return _named(keyword, Annotated[str | None, option])


def _named(keyword: str, annotation: object) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter(keyword, kind, default=None, annotation=annotation)
