"""openucwa meeting cancel: delete a meeting, for good."""

from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli.asking import ask
from openucwa.cli.failure import Failure, WrongInput
from openucwa.cli.person import (
    fields,
    invite,
    offer,
    options,
    people,
    screen,
    session,
    showing,
    versions,
)
from openucwa.cli.person.account import Account

if TYPE_CHECKING:
    from openucwa.client import Meeting

_STANDING = (
    "This is your standing meeting. The server replaces it by another one with another link: the "
    "link that you have given to people stops working."
)
_CANCEL = {
    "yes": "delete the meeting and its history permanently; its link stops working",
    "no": "keep the meeting",
}


def command(
    id: options.Id,
    if_match: Annotated[
        str | None,
        typer.Option(metavar="TAG", help="Cancel only if the meeting is still in this version."),
    ] = None,
    yes: options.Yes = False,
    ics: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write a calendar file that withdraws the invitation; - prints it.",
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="The start of the meeting, for the file.")
    ] = None,
    for_: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="ADDRESS",
            help="Whose meeting it is: needed with --yes for a meeting of somebody else.",
        ),
    ] = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Delete a meeting and its history. This can't be undone."""
    tag = None if if_match is None else versions.version_tag(if_match)
    begins = invite.when_withdrawn(start, ics)
    with session.connected() as connected:
        meeting = session.find(connected, id)
        name = f"{meeting.id} ({showing.title(meeting).strip('()')})"
        if meeting.is_shared:
            name = f"{name} of {fields.plain(showing.organizer(meeting))}"
            _check_others(meeting, name, for_, yes=yes)
        if dry_run:
            if as_json:
                showing.write_json({"cancelled": None})
            else:
                screen.say(f"Would cancel {name}.")
                if meeting.is_standing:
                    screen.say(_STANDING)
            return
        if not yes and not _agreed(meeting, name, ics, as_json=as_json):
            return
        with (
            invite.withdrawal(connected, meeting, ics, begins) as withdrawn,
            screen.waiting("Cancelling"),
        ):
            connected.client.meetings.cancel(meeting, if_match=tag or meeting.etag)
        connected.shelf.forget(meeting.id)
        kept = offer.latest(connected, meeting.id)
    standing = _standing(connected.account) if meeting.is_standing else None
    if as_json:
        new = {"standing": showing.meeting_json(standing)} if standing else {}
        showing.write_json({"cancelled": meeting.id, **withdrawn, **new})
        return
    if printed := withdrawn.get("ics"):
        invite.print_(str(printed))
        return
    screen.say(f"Cancelled {name}.")
    if file := withdrawn.get("file"):
        screen.say(f"Send {file} to the people whom you have invited.")
    if standing:
        screen.say(f"Your standing meeting is now {standing.id}.")
        screen.whole(f"Join: {fields.plain(standing.join_url)}")
    if kept:
        screen.say(
            f"Your draft of it is kept: use openucwa meeting edit {meeting.id} to schedule it "
            f"again, or openucwa meeting discard {meeting.id} to discard it."
        )


def _check_others(meeting: "Meeting", name: str, organizer: str | None, *, yes: bool) -> None:
    """Raise Failure for a meeting of somebody else that may not be cancelled, or not like this.

    A script that cancels what it lists must not cancel it by mistake.
    """
    if not meeting.may_cancel:
        whose = fields.plain(showing.organizer(meeting))
        raise Failure(
            f"You can't cancel {name}: only {whose} and the delegates of {whose} can. Ask {whose}."
        )
    is_named = organizer is not None and people.key(people.address(organizer)) == people.key(
        meeting.organizer
    )
    if yes and not is_named:
        address = people.plain(meeting.organizer)
        raise WrongInput(f"To cancel {name} without a question, add --for {address}, too.")


def _agreed(meeting: "Meeting", name: str, ics: str | None, *, as_json: bool) -> bool:
    """Return whether the person wants to cancel a meeting. Raises WrongInput without a terminal."""
    if as_json or not screen.is_interactive():
        raise WrongInput(f"Cancelling {name} can't be undone. To confirm, add --yes.")
    invite.tell_of_withdrawal(meeting, ics)
    if meeting.is_standing:
        screen.say(_STANDING)
    count = len(meeting.attendees)
    whom = f" with {count} attendee{'s' if count > 1 else ''}" if count else ""
    if ask(f"Cancel {name}{whom}?", _CANCEL, otherwise="no") == "no":
        screen.say("The meeting is kept.")
        return False
    return True


def _standing(account: Account) -> "Meeting | None":
    """The standing meeting in the place of a cancelled one: made when a client connects next."""
    with session.connected(account) as again, screen.waiting("Fetching your new standing meeting"):
        return next((one for one in again.client.meetings.list() if one.is_standing), None)
