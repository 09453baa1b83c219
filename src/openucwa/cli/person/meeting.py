"""openucwa meeting: the meetings of who is signed in."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import streams
from openucwa.cli.failure import WrongInput
from openucwa.cli.person import (
    account,
    aliases,
    attendance,
    cancelling,
    discarding,
    editing,
    fields,
    history,
    invite,
    listing,
    offer,
    options,
    people,
    period,
    saving,
    scheduling,
    screen,
    session,
    sharing,
    showing,
    standard_input,
    times,
    watching,
)
from openucwa.cli.person.room import entering
from openucwa.wire import members
from openucwa.wire.members import Kind

if TYPE_CHECKING:
    from openucwa.client import Meeting

app = typer.Typer(
    help="Schedule, update and watch your online meetings.",
    cls=aliases.Aliases,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list", short_help="List your meetings, the next to start first.")
def list_(
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="TEXT", help="Only meetings with this text in id, subject or addresses."
        ),
    ] = None,
    upcoming: Annotated[
        bool, typer.Option("--upcoming", help="Only meetings that are not over.")
    ] = False,
    ended: Annotated[bool, typer.Option("--ended", help="Only meetings that are over.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Only your own meetings.")] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-n", min=1, metavar="NUMBER", help="The largest number of meetings to list."
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """List your meetings and those that others share with you, the next to start first.

    Piped output has a line for each, with tabs.
    """
    if upcoming and ended:
        raise WrongInput("--upcoming and --ended can't be given together.")
    with session.connected() as connected, screen.waiting("Fetching your meetings"):
        meetings = session.all_meetings(connected)
    if mine:
        meetings = [one for one in meetings if not one.is_shared]
    found = listing.chosen(meetings, text=text, upcoming=upcoming, ended=ended, limit=limit)
    if as_json:
        showing.write_json([showing.meeting_json(one) for one in found])
        return
    if not streams.output_is_terminal():
        listing.write(found)
        return
    drafted = {one.id for one in connected.drafts.all()}
    if found:
        showing.show_list(found, drafted)
    elif meetings:
        screen.say("None of your meetings matches.")
    else:
        screen.say("You have no meetings. Use openucwa meeting schedule to schedule one.")
    showing.tell_drafts(drafted, meetings)


@app.command("show")
def show(id: options.Id, as_json: options.AsJson = False) -> None:
    """Show a meeting."""
    with session.connected() as connected:
        meeting = session.find(connected, id)
    if as_json:
        showing.write_json(showing.meeting_json(meeting))
        return
    connected.saw(meeting)
    showing.show(meeting)
    if kept := offer.latest(connected, meeting.id):
        screen.say(
            f"\nYou have an unsaved draft of it ({offer.when(kept)}): use openucwa meeting edit "
            f"{meeting.id} to continue it."
        )


@app.command("schedule")
@options.for_members
def schedule(
    texts: options.Typed,
    addresses: options.TypedAddresses,
    choices: options.Typed,
    start: options.Start = None,
    end: options.End = None,
    for_: options.ForWhom = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Schedule a meeting. The server chooses the values that you omit.

    With --for and an address, it is the meeting of somebody for whom you act as a delegate.
    """
    wanted = _scalars({**texts, **choices})
    span, organizer = options.span_and_organizer(for_)
    if start is not None or end is not None or span is not None:
        wanted[members.SCHEDULE] = period.wanted(start, end, span, None)
    domain = account.current().domain
    for name, typed in addresses.items():
        if typed:
            wanted[name] = people.distinct(people.address(one, domain=domain) for one in typed)
    types = texts["description"] == standard_input.DASH
    if dry_run:
        with session.drafts(account.current()) as drafts:
            wanted = scheduling.rehearsed(drafts, wanted, types=types)
        if as_json:
            plain = showing.as_json(wanted, etag=None)
            showing.write_json({name: plain[name] for name in wanted})
        else:
            screen.say("Would schedule:")
            showing.show_wanted(wanted)
        return
    asks = screen.is_interactive() and not as_json
    with session.connected() as connected:
        meeting = scheduling.schedule(
            connected, wanted, asks=asks, types=types, organizer=organizer
        )
    if as_json:
        showing.write_json(showing.meeting_json(meeting))
        return
    when = ""
    if meeting.schedule:
        when = f", {period.with_weekday(meeting.schedule)}"
    elif meeting.expires:
        when = f", until {times.with_weekday(meeting.expires)}"
    whose = f" for {people.name(meeting.organizer)}" if organizer else ""
    screen.say(f"Scheduled {meeting.id}{whose}{when}.")
    screen.whole(f"Join: {fields.plain(meeting.join_url)}")
    showing.warn_if_past(meeting, list(wanted))


@app.command("update", short_help="Change a meeting.")
@options.for_members
def update(
    id: options.Id,
    texts: options.Typed,
    added: options.TypedAddresses,
    removed: options.TypedAddresses,
    choices: options.Typed,
    start: options.Start = None,
    end: options.End = None,
    for_: options.For = None,
    no_time: Annotated[
        bool, typer.Option("--no-time", help="Take the time of the meeting away.")
    ] = False,
    on_conflict: options.Clashing = options.OnConflict.MERGE,
    if_match: options.IfMatch = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Change a meeting, and keep the changes that others have made in the meantime.

    Conflicting values are shown side by side, and you choose. Without a terminal the command writes
    the versions as JSON, and ends with status 4.
    """
    scalars = _scalars({**texts, **choices})
    touched = [name for name in added if added[name] or removed[name]]
    types = texts["description"] == standard_input.DASH
    span = options.span(for_)
    moves = start is not None or end is not None or span is not None
    if moves and no_time:
        raise WrongInput("--no-time can't be given together with a time.")
    if not (scalars or touched or types or moves or no_time):
        raise WrongInput(
            "There is nothing to change. Give at least one option: openucwa meeting update --help "
            f"lists them. Or use openucwa meeting edit {id} to edit the meeting as text."
        )

    def make(base: "Meeting") -> Mapping[str, object]:
        changed: dict[str, object] = {
            name: _changed(base, name, added[name] or (), removed[name] or ()) for name in touched
        }
        if no_time:
            changed[members.SCHEDULE] = None
        elif moves:
            changed[members.SCHEDULE] = period.wanted(start, end, span, base.schedule)
        return {**scalars, **changed}

    how = saving.How(on_conflict.value, dry_run, as_json)
    with session.connected() as connected:
        editing.update(connected, id, make, how, if_match=if_match, lists=touched, types=types)


@app.command("edit", short_help="Edit a meeting as text, in your editor.")
def edit(
    id: options.Id,
    on_conflict: options.Clashing = options.OnConflict.MERGE,
    if_match: options.IfMatch = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Edit a meeting as text, in the editor that VISUAL or EDITOR names."""
    how = saving.How(on_conflict.value, dry_run, as_json)
    with session.connected() as connected:
        editing.edit(connected, id, how, if_match=if_match)


@app.command("drafts", short_help="List your unsaved drafts.")
def drafts(as_json: options.AsJson = False) -> None:
    """List your changes that were not saved, the latest first."""
    with session.drafts(account.current()) as found:
        discarding.show(found, as_json=as_json)


@app.command("discard", short_help="Discard the draft of a meeting.")
def discard(
    id: options.Id,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Discard the unsaved changes of a meeting; "new" is a meeting that was not scheduled."""
    with session.drafts(account.current()) as found:
        discarding.discard(found, id, yes=yes, as_json=as_json)


app.command("history", short_help="List the changes of a meeting: who, when and what.")(
    history.command
)


@app.command("restore")
def restore(
    id: options.Id,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="A version, as meeting history shows it.")
    ],
    on_conflict: options.Clashing = options.OnConflict.MERGE,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> None:
    """Restore a meeting to an earlier version. This is a change like any other."""
    how = saving.How(on_conflict.value, dry_run, as_json)
    with session.connected() as connected:
        editing.restore(connected, id, version, how)


@app.command("watch", short_help="Show each change as it happens.")
def watch(id: options.Id, as_json: options.AsJson = False) -> None:
    """Show each change of a meeting as it happens, until it is cancelled or you press Ctrl+C."""
    with session.connected(apart=True) as connected:
        watching.watch(connected, id, as_json=as_json)


app.command("share", short_help="Let others change a meeting.")(sharing.share)
app.command("unshare", short_help="Take a meeting away from others.")(sharing.unshare)
app.command("shares", short_help="List the people with whom a meeting is shared.")(sharing.shares)
app.command("attendance", short_help="List who was in a meeting, and when.")(attendance.command)
app.command("join", short_help="Join a meeting: see who is there, and talk.")(entering.join)
app.command("start", short_help="Start a meeting at once.")(entering.start)
app.command("cancel")(cancelling.command)
app.command("invite", short_help="Write an invitation.")(invite.command)


def _scalars(typed: options.Typed) -> dict[str, object]:
    """Return the values that the options give, by served name. Raises WrongInput."""
    found: dict[str, object] = {}
    for member in members.MEMBERS:
        text = typed.get(member.name)
        if text is None or (member.kind is Kind.TEXT and text == standard_input.DASH):
            continue
        match member.kind:
            case Kind.TIME:
                found[member.name] = times.read(text)
            case Kind.CHOICE:
                found[member.name] = fields.choice(member, text)
            case _:
                found[member.name] = text
    return found


def _changed(
    base: "Meeting", name: str, added: Sequence[str], removed: Sequence[str]
) -> tuple[str, ...]:
    """A list of people with some more and without others. Raises WrongInput."""
    found = {people.key(one): one for one in fields.people_of(base.properties, name)}
    role = name.removesuffix("s")
    for typed in removed:
        found.pop(people.key(people.member(typed, list(found.values()), role=role)))
    domain = people.domain(base.organizer)
    for typed in added:
        address = people.address(typed, domain=domain)
        found.setdefault(people.key(address), address)
    return tuple(found.values())
