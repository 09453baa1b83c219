"""openucwa session: what you have signed in, on this machine and elsewhere."""

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import tables
from openucwa.cli.failure import NotThere, WrongInput
from openucwa.cli.group import Group
from openucwa.cli.person import fields, screen, session, showing, times

if TYPE_CHECKING:
    from openucwa.client import Client, SignedIn

app = typer.Typer(
    help="List and end your sessions, such as that of a lost phone.",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List your sessions, the newest first."""
    with session.connected() as connected, screen.waiting("Fetching your sessions"):
        found = connected.client.sessions()
    if as_json:
        showing.write_json([_members(one) for one in found])
        return
    columns = ("id", "client", "address", "signed in", "expires", "applications")
    rows = ((_cells(one), "bold" if one.is_current else "") for one in found)
    tables.show(columns, rows, wrapping=("client", "applications"))


@app.command("end")
def end(
    id: Annotated[
        str | None, typer.Argument(metavar="ID", help="The id, as session list shows it.")
    ] = None,
    others: Annotated[
        bool, typer.Option("--others", help="End all sessions except this one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """End a session: revoke its token, and end its applications.

    To end the current session, use openucwa logout.
    """
    if (id is None) is not others:
        raise WrongInput("Give the ID of a session, or --others.")
    with session.connected() as connected, screen.waiting("Ending"):
        ended = _chosen(connected.client.sessions(), id)
        for one in ended:
            _end(connected.client, one)
    if as_json:
        showing.write_json([_members(one) for one in ended])
        return
    if not ended:
        screen.say("You have no other sessions.")
    for one in ended:
        screen.say(f"Ended {one.id}: {fields.plain(one.client)} from {fields.plain(one.address)}.")


def _chosen(found: "list[SignedIn]", id: str | None) -> "list[SignedIn]":
    """Return the session of an id, or all but the current one. Raises NotThere."""
    if id is None:
        return [one for one in found if not one.is_current]
    chosen = [one for one in found if one.id == id.strip().lower()]
    if not chosen:
        raise NotThere(
            f"You have no session {id}. Use openucwa session list to list your sessions."
        )
    return chosen


def _end(client: "Client", one: "SignedIn") -> None:
    from openucwa.client import NotFound

    with suppress(NotFound):  # it has ended meanwhile
        client.end_session(one)


def _cells(one: "SignedIn") -> tuple[str, ...]:
    client = fields.plain(one.client) + (" (this one)" if one.is_current else "")
    applications = ", ".join(map(fields.plain, one.applications))
    moments = (times.cell(one.signed_in_at), times.cell(one.expires_at))
    return (one.id, client, fields.plain(one.address), *moments, applications)


def _members(one: "SignedIn") -> dict[str, object]:
    return {
        "id": one.id,
        "client": one.client,
        "address": one.address,
        "signedInAt": times.iso(one.signed_in_at) if one.signed_in_at else None,
        "expiresAt": times.iso(one.expires_at) if one.expires_at else None,
        "isCurrent": one.is_current,
        "applications": list(one.applications),
    }
