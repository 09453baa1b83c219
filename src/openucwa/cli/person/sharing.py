"""openucwa meeting share, unshare and shares: the others who may see a meeting, or change it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import tables
from openucwa.cli.failure import NotThere, WrongInput
from openucwa.cli.person import fields, options, people, screen, session, showing

if TYPE_CHECKING:
    from openucwa.client import Meeting, Share

Addresses = Annotated[
    list[str], typer.Argument(metavar="ADDRESS...", help="Colleagues, by their addresses.")
]


def share(
    id: options.Id,
    addresses: Addresses,
    reader: Annotated[
        bool, typer.Option("--reader", help="Let them read the meeting, but not change it.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Let others change a meeting, or only read it with --reader. They can't cancel or share it.

    For somebody with whom it is shared already, this changes the role.
    """
    from openucwa.client import BadInput, ShareRole

    role = ShareRole.READER if reader else ShareRole.EDITOR
    with session.connected() as connected:
        domain = people.domain(f"sip:{connected.account.address}")
        wanted = people.distinct(people.address(one, domain=domain) for one in addresses)
        meeting = session.find(connected, id)
        for uri in wanted:
            try:
                with screen.waiting("Sharing"):
                    shared = connected.client.meetings.share(meeting, uri, role)
            except BadInput as error:
                reason = error.parameters.get("uri")
                raise WrongInput(
                    f"{people.plain(uri)} {reason}." if reason else str(error)
                ) from None
            if as_json:
                showing.write_line(_members(shared))
            else:
                may = "may read" if reader else "may change"
                screen.say(f"{_named(shared)} {may} {meeting.id} ({showing.title(meeting)}).")


def unshare(id: options.Id, addresses: Addresses, as_json: options.AsJson = False) -> None:
    """Take a meeting away from others. What they have changed stays."""
    with session.connected() as connected:
        meeting = session.find(connected, id)
        found = connected.client.meetings.shares(meeting)
        for one in [_chosen(found, meeting, typed) for typed in addresses]:
            with screen.waiting("Taking it away"):
                connected.client.meetings.unshare(meeting, one.uri)
            if as_json:
                showing.write_line(_members(one))
            else:
                screen.say(
                    f"{meeting.id} ({showing.title(meeting)}) is not shared with {_named(one)} "
                    "any more."
                )


def shares(id: options.Id, as_json: options.AsJson = False) -> None:
    """List the people with whom a meeting is shared."""
    with session.connected() as connected:
        meeting = session.find(connected, id)
        with screen.waiting("Fetching the shares"):
            found = connected.client.meetings.shares(meeting)
    if as_json:
        showing.write_json([_members(one) for one in found])
        return
    if screen.is_interactive() and not found:
        screen.say(
            f"The meeting is shared with nobody. Use openucwa meeting share {meeting.id} ADDRESS "
            "to share it."
        )
        return
    rows = (
        (
            (fields.plain(one.name), fields.plain(people.plain(one.uri)), str(one.role).lower()),
            "",
        )
        for one in found
    )
    tables.show(("name", "address", "role"), rows, wrapping=("name",))


def _chosen(found: "Sequence[Share]", meeting: "Meeting", typed: str) -> "Share":
    """Return the share that was meant. Raises NotThere and WrongInput."""
    if not found:
        raise NotThere(f"{meeting.id} ({showing.title(meeting)}) is shared with nobody.")
    uri = people.member(typed, [one.uri for one in found], role="person")
    return next(one for one in found if one.uri == uri)


def _named(one: "Share") -> str:
    address = fields.plain(people.plain(one.uri))
    return f"{fields.plain(one.name)} ({address})" if one.name else address


def _members(one: "Share") -> dict[str, object]:
    return {"uri": one.uri, "name": one.name, "role": str(one.role)}
