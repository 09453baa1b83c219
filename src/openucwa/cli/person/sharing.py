"""openucwa meeting share, unshare and shares: the others who may see a meeting, or change it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import tables
from openucwa.cli.failure import Failure, NotThere, WrongInput
from openucwa.cli.person import fields, options, people, screen, session, showing
from openucwa.cli.person.session import Session

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
        meeting = _found(connected, id)
        delegates = _delegates(connected, meeting)
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
                if people.key(shared.uri) in delegates:
                    screen.note(
                        f"{fields.plain(shared.name)} acts for you, and may change all of your "
                        "meetings whatever you share."
                    )


def unshare(id: options.Id, addresses: Addresses, as_json: options.AsJson = False) -> None:
    """Take a meeting away from others. What they have changed stays."""
    with session.connected() as connected:
        meeting = _found(connected, id)
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
        meeting = _found(connected, id)
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


def _found(connected: Session, id: str) -> "Meeting":
    """Return the meeting. Raises Failure for who may not decide with whom it is shared."""
    meeting = session.find(connected, id)
    if not meeting.may_cancel:
        whose = fields.plain(showing.organizer(meeting))
        raise Failure(
            f"Only {whose} and the delegates of {whose} see and decide with whom {meeting.id} "
            f"({showing.title(meeting)}) is shared. Ask {whose}."
        )
    return meeting


def _delegates(connected: Session, meeting: "Meeting") -> set[str]:
    """Return the addresses of those who may change the person's own meeting anyway, as keys."""
    from openucwa.client import NotOffered

    if meeting.is_shared:
        return set()
    try:
        return {people.key(one.uri) for one in connected.client.delegates.list()}
    except NotOffered:
        return set()


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
