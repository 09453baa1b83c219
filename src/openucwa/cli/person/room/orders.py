"""The orders of a person in a room: messages, and commands that start with a slash."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from openucwa.cli.failure import Failure, WrongInput
from openucwa.cli.person.room import telling

if TYPE_CHECKING:
    from openucwa.client import Person, Room

HELP = (
    "/who shows who is there. /admit, /reject, /eject, /promote and /demote take the beginning of "
    "a name; /admit alone lets in who has waited longest. /quit leaves. //text says /text."
)
_ACTIONS = ("admit", "reject", "eject", "promote", "demote")


class Quit(Exception):
    """The person wants to leave."""


def obey(room: "Room", typed: str) -> str:
    """Do what was typed; returns what to show of it. Raises Quit, Failure, and ClientError."""
    text = typed.rstrip("\r\n")
    if not text.strip():
        return ""
    if not text.startswith("/") or text.startswith("//"):
        room.say(text[1:] if text.startswith("//") else text)
        return ""
    command, _, rest = text[1:].partition(" ")
    if command in ("quit", "leave", "exit"):
        raise Quit
    if command == "who":
        return who(room)
    if command in ("help", "?"):
        return HELP
    if command in _ACTIONS:
        act(room, command, rest.strip())
        return ""
    raise WrongInput(f"There is no command /{command}. {HELP}")


def who(room: "Room") -> str:
    """Return who is in a room, and who waits."""
    inside = ", ".join(map(_described, room.roster))
    waiting = ", ".join(map(telling.name, room.lobby))
    return f"Here: {inside}." + (f" Waiting: {waiting}." if waiting else "")


def act(room: "Room", action: str, named: str) -> None:
    """Admit, reject, eject, promote or demote somebody, by the beginning of a name."""
    do(room, action, _meant(room, action, named))


def do(room: "Room", action: str, person: "Person") -> None:
    """Admit, reject, eject, promote or demote a person."""
    methods: Mapping[str, Callable[[Person], None]] = {
        "admit": room.admit,
        "reject": room.reject,
        "eject": room.eject,
        "promote": room.promote,
        "demote": room.demote,
    }
    methods[action](person)


def _meant(room: "Room", action: str, named: str) -> "Person":
    of_lobby = action in ("admit", "reject")
    people: Sequence[Person] = (
        room.lobby if of_lobby else [one for one in room.roster if not one.is_local]
    )
    if of_lobby and not named and people:
        return people[0]
    found = [
        one
        for one in people
        if named and (one.label.lower().startswith(named.lower()) or one.uri == f"sip:{named}")
    ]
    if len(found) == 1:
        return found[0]
    if of_lobby and not people:
        raise Failure("Nobody is waiting in the lobby.")
    names = ", ".join(telling.name(one) for one in found or people) or "nobody"
    if found:
        raise Failure(f"Several people are called {named}: {names}. Type more of the name.")
    where = "in the lobby" if of_lobby else "here"
    raise Failure(f"Nobody {where} is called {named or 'that'}. There are: {names}.")


def _described(person: "Person") -> str:
    marks = ["you"] if person.is_local else []
    marks += ["organizer"] if person.is_organizer else ["leader"] if person.is_leader else []
    return telling.name(person) + (f" ({', '.join(marks)})" if marks else "")
