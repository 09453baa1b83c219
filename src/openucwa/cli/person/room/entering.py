"""The ways into a room from the command line: a meeting, a talk, an invitation."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli.failure import Failure, NotThere, SignInNeeded, WrongInput
from openucwa.cli.person import account, fields, options, people, screen, session, trouble
from openucwa.cli.person.room import signals, telling

if TYPE_CHECKING:
    from openucwa.client import Client, Invitation, Meeting, Room

_GOOD = frozenset({"", "Ended", "CallTerminated"})
"""The reasons for an end that is as it should be."""

Name = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="Join as a guest, who is shown under this name."),
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="URL", help="The server, for a guest, if it is not found."),
]


def join(
    id: Annotated[
        str, typer.Argument(metavar="ID|URL", help="The id of the meeting, or its join URL.")
    ],
    name: Name = None,
    at: At = None,
    as_json: options.AsJson = False,
) -> None:
    """Join a meeting in the terminal: see who is there, let people in, and talk.

    Without a terminal, each line of the input is said, and each line of the output is what happens.
    """
    conference = _is_address(id)
    if name is not None or (conference and not _is_signed_in()):
        if not conference:
            raise WrongInput("A guest joins by the join URL of the meeting, not by its id.")
        with _as_guest(id, _name(name), at) as client, _told(client.join) as room:
            _stay(room, as_json=as_json)
        return
    if at is not None:
        raise WrongInput("--at is for guests: give --name, too.")
    with session.connected(apart=True) as connected:
        wanted = id if conference else _found(connected, id)
        with _told(lambda: connected.client.join(wanted)) as room:
            _stay(room, as_json=as_json)


def start(
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="TEXT", help="The subject of the meeting.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Start a meeting at once, in the terminal. It is in no list, and gone when all have left.

    Others join by the link that is shown.
    """
    with (
        session.connected(apart=True) as connected,
        _told(lambda: connected.client.meet(subject or "")) as room,
    ):
        _stay(room, as_json=as_json)


def _found(connected: session.Session, id: str) -> "Meeting":
    try:
        return session.find(connected, id)
    except NotThere as failure:
        raise NotThere(f"{failure} To join one of somebody else, give its join URL.") from None


def chat(
    address: Annotated[
        str | None,
        typer.Argument(metavar="ADDRESS", help="Whom to talk to. Without one, wait to be asked."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Talk to somebody, or wait until somebody wants to talk to you.

    Without a terminal, each line of the input is said, and each line of the output is what happens.
    """
    with session.connected(apart=True) as connected:
        client = connected.client
        if address is None:
            with trouble.told():
                invitation = _next(client, asks=screen.is_interactive() and not as_json)
            with _told(invitation.accept) as room:
                _stay(room, as_json=as_json)
            return
        to = people.address(address, domain=connected.account.domain)
        if screen.is_interactive() and not as_json:
            screen.say(f"Waiting for {people.name(to)} to answer …")
        with _told(lambda: client.chat(to)) as room:
            _stay(room, as_json=as_json)


def _next(client: "Client", *, asks: bool) -> "Invitation":
    """Return the first invitation that the person accepts; the first one if nobody asks her."""
    if asks:
        screen.say("Waiting for somebody to talk to you. Press Ctrl+C to stop.")
    for invitation in client.invitations():
        who = telling.name(invitation.sender) if invitation.sender else "Somebody"
        what = f"invites you to {fields.plain(invitation.subject) or 'a meeting'}"
        asked = f"{who} {what if invitation.is_meeting else 'wants to talk'}"
        if invitation.text:
            asked += f": {' '.join(fields.plain(invitation.text).split())}"
        if not asks or typer.confirm(f"{asked} Accept?", default=True):
            return invitation
        invitation.decline()
    raise Failure("The server tells of no more invitations.")


@contextmanager
def _told(enter: "Callable[[], Room]") -> "Iterator[Room]":
    """Be in a room. What the SDK raises is raised as a Failure."""
    signals.heed()
    with trouble.told():
        try:
            room = enter()
        except ValueError as error:
            raise WrongInput(str(error)) from None
        with room:
            yield room


def _stay(room: "Room", *, as_json: bool) -> None:
    """Show a room until it is over, or the person leaves."""
    if screen.is_interactive() and not as_json:
        from openucwa.cli.person.room.window import Window

        ended = Window(room).run()
        if ended is not None:
            screen.say(telling.why(ended))
    else:
        from openucwa.cli.person.room import lines

        ended = lines.follow(room, as_json=as_json)
    if ended is not None and ended.why is not None and ended.why.subcode not in _GOOD:
        raise Failure(telling.why(ended))


@contextmanager
def _as_guest(url: str, name: str, at: str | None) -> "Iterator[Client]":
    with trouble.told():
        from openucwa.client import Client

        try:
            client = Client.guest(url, name, at=at, user_agent=session.USER_AGENT)
        except ValueError as error:
            raise WrongInput(str(error)) from None
        with client:
            yield client


def _name(name: str | None) -> str:
    if name is None and not screen.is_interactive():
        raise SignInNeeded(
            "Nobody is signed in. Give --name to join as a guest, or use openucwa login ADDRESS."
        )
    return name if name is not None else str(typer.prompt("Your name, as others see it"))


def _is_address(text: str) -> bool:
    """Return whether a text is a join URL or a SIP URI."""
    from openucwa.client.live.conference import Conference

    return Conference.parse(text) is not None


def _is_signed_in() -> bool:
    try:
        account.current()
    except SignInNeeded:
        return False
    return True
