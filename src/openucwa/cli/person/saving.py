"""Saving a change: with what others have changed meanwhile, and with nothing lost if it fails.

What is wanted is written down before it is sent, where there is a person or an editor, and removed
when the server has it. So whatever happens in between, a draft is there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from openucwa.cli.failure import Clash, Failure, NotThere, WrongInput
from openucwa.cli.person import conflict as conflicts
from openucwa.cli.person import editor, fields, form, screen, showing, trouble
from openucwa.cli.person.conflict import Other, Undecided
from openucwa.cli.person.session import Session
from openucwa.wire import merge as merging
from openucwa.wire.merge import Conflict

if TYPE_CHECKING:
    from openucwa.client import Meeting, MeetingConflict, MeetingDeleted
    from openucwa.client.conflict import OnConflict


@dataclass(frozen=True)
class How:
    """What the options say about saving."""

    on_conflict: "OnConflict" = "merge"
    dry_run: bool = False
    as_json: bool = False

    @property
    def asks(self) -> bool:
        """Whether there is a person to decide."""
        return screen.is_interactive() and not self.as_json


@dataclass(frozen=True)
class Saved:
    """A meeting as it is now, and the names of what others had changed and what was kept."""

    meeting: "Meeting"
    kept: Sequence[str]
    other: Other


def save(
    session: Session,
    base: "Meeting",
    changes: Mapping[str, object],
    how: How,
    *,
    keeps: bool,
) -> Saved:
    """Save changes (new values, by served name) that were made from a version.

    With `keeps`, a draft stays behind if it fails. Raises Failure.
    """
    from openucwa.client import ClientError, Draft, MeetingConflict, MeetingDeleted

    if keeps:
        session.shelf.keep(base.id, base.to_json(), changes)
    try:
        draft = Draft(base, _wanted(base.properties, changes))
        try:
            with screen.waiting("Saving"):
                meeting = session.client.meetings.save(draft, on_conflict=how.on_conflict)
            outcome = draft.outcome
            assert outcome is not None  # it is there when a draft was saved
            found = Saved(meeting, outcome.kept, Other(outcome.by, outcome.at))
        except MeetingConflict as clash:
            found = _resolved(session, clash, how)
        except MeetingDeleted as gone:
            found = Saved(_anew(session, gone, how), (), Other())
    except ClientError as error:
        raise _with_draft(trouble.failure(error, session.account.address), base, keeps) from None
    except Failure as failure:
        raise _with_draft(failure, base, keeps) from None
    if keeps:
        session.shelf.drop(base.id)
    session.shelf.see(found.meeting.id, found.meeting.to_json())
    return found


def _wanted(properties: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {**properties, **changes}


def _with_draft(failure: Failure, base: "Meeting", keeps: bool) -> Failure:
    """The failure, with where the draft is."""
    if not keeps or isinstance(failure, WrongInput):
        return failure
    return type(failure)(
        f"{failure}\nWhat you wanted is kept: openucwa meeting edit {base.id} offers it again."
    )


def _resolved(session: Session, clash: "MeetingConflict", how: How) -> Saved:
    """Let the person decide what clashes, and save that. Raises Clash."""
    from openucwa.client import Draft, MeetingConflict

    start = clash.base
    decided: set[str] = set()
    while True:
        other = Other(clash.changed_by, clash.changed_at)
        if how.on_conflict == "fail" or not how.asks:
            _tell(clash, how)
            raise Clash(str(clash))
        values = conflicts.decide(
            clash.conflicts, other, partial(_edited, session, start.id, other=other)
        )
        if values is None:
            raise Clash("Nothing is saved.")
        decided |= values.keys()
        draft = Draft(clash.theirs, clash.merged)
        for name, value in values.items():
            draft.take(name, value)
        theirs = clash.theirs
        try:
            with screen.waiting("Saving"):
                meeting = session.client.meetings.save(draft)
        except MeetingConflict as again:
            screen.say(f"{Other(again.changed_by).name} has changed it once more.")
            clash = again
            continue
        outcome = draft.outcome
        assert outcome is not None  # it is there when a draft was saved
        changed = [*merging.differing(start.properties, theirs.properties), *outcome.kept]
        kept = [name for name in dict.fromkeys(changed) if name not in decided]
        return Saved(meeting, kept, Other(outcome.by, outcome.at) if outcome.by else other)


def _tell(clash: "MeetingConflict", how: How) -> None:
    """Show the three versions: as JSON for programs, or what clashes to a person."""
    if how.asks:
        if clash.conflicts:
            conflicts.show(clash.conflicts, Other(clash.changed_by, clash.changed_at))
        return
    showing.write_json(clash_json(clash.base, clash.theirs, clash.mine, list(clash.conflicts)))


def clash_json(
    base: "Meeting", theirs: "Meeting", mine: Mapping[str, object], names: Sequence[str]
) -> dict[str, object]:
    """What a program is told when somebody else was faster."""
    return {
        "base": showing.meeting_json(base),
        "theirs": showing.meeting_json(theirs),
        "mine": showing.as_json(mine, etag=base.etag),
        "conflicting": list(names),
    }


def _anew(session: Session, gone: "MeetingDeleted", how: How) -> "Meeting":
    """Schedule the meeting again if that is wanted. Raises NotThere if not."""
    subject = fields.plain(gone.base.subject)
    if not how.asks:
        raise NotThere(
            f"The meeting {gone.base.id} ({subject}) was cancelled meanwhile. It is not made again."
        )
    screen.say(f"The meeting {gone.base.id} ({subject}) was cancelled meanwhile.")
    question = "Schedule it anew, as you wanted it? [y]es [n]o"
    if screen.ask(question, ("yes", "no"), otherwise="no") == "no":
        raise NotThere("Nothing is saved.")
    with screen.waiting("Scheduling"):
        meeting = gone.schedule_anew()
    session.shelf.forget(gone.base.id)
    screen.say(f"It is now {meeting.id}.")
    return meeting


def _edited(session: Session, id: str, conflict: Conflict, *, other: Other) -> object:
    """Let the person write the value that is to stand. Raises Undecided."""
    name = conflict.name
    field = fields.BY_NAME.get(name)
    if field is None:
        raise Undecided(f"{name} can't be edited here. Choose mine or theirs.")
    start = conflicts.marked(conflict, other) if name == "description" else conflict.mine
    versions = (
        ("before", conflict.base),
        (other.heading, conflict.theirs),
        ("yours", conflict.mine),
    )
    if name == "description":
        notes = [f"Where they differ, yours stands first, then {other.name}'s. Remove the marks."]
    else:
        notes = [f"{heading}: {_addressed(value)}" for heading, value in versions]
    text = form.write(
        {name: start}, title=f"{field.label}: what it is to be", notes=notes, names=(name,)
    )
    return typed(
        session,
        f"{id} {name}",
        text,
        lambda found: _one(form.read(found, {name: start}), name, start),
    )


def _addressed(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "nobody"
    return fields.shown(value)


def _one(found: Mapping[str, object], name: str, start: object) -> object:
    value = found.get(name, start)
    if name == "description" and conflicts.has_marks(str(value)):
        raise form.Unreadable([(0, "The description still has the marks <<<<<<< and >>>>>>>.")])
    return value


def typed(session: Session, page: str, text: str, read: Callable[[str], object]) -> object:
    """What the person writes in the editor, as read. Raises Undecided if that is nothing."""
    path = session.shelf.page(page)
    try:
        while True:
            try:
                edited = editor.edit(path, text)
            except Failure as failure:
                raise Undecided(str(failure)) from None
            if form.is_empty(edited):
                raise Undecided("Nothing was written.")
            try:
                return read(form.without_problems(edited))
            except form.Unreadable as wrong:
                again = form.with_problems(edited, wrong.problems)
                if again == text:
                    raise Undecided(str(wrong)) from None
                text = again
    finally:
        session.shelf.drop(page)


def preview(session: Session, base: "Meeting", changes: Mapping[str, object], how: How) -> None:
    """Show what saving would do, and do nothing. Raises Clash where it would ask."""
    theirs = session.client.meetings.get(base.id)
    merge = merging.merge(base.properties, _wanted(base.properties, changes), theirs.properties)
    merged = dict(merge.merged)
    side: merging.Side = "mine" if how.on_conflict == "mine" else "theirs"
    merged |= {name: one.decided(side) for name, one in merge.conflicts.items()}
    names = merging.differing(theirs.properties, merged)
    is_refused = (how.on_conflict == "merge" and merge.conflicts) or (
        how.on_conflict == "fail" and merging.differing(base.properties, theirs.properties)
    )
    if not how.asks and is_refused:
        mine = _wanted(base.properties, changes)
        showing.write_json(clash_json(base, theirs, mine, list(merge.conflicts)))
    elif how.as_json:
        wanted = showing.as_json({name: merged.get(name) for name in names}, etag=theirs.etag)
        wanted.pop("etag")
        showing.write_json({"changes": wanted, "kept": list(merge.theirs)})
    else:
        screen.say("Would change:" if names else "Would change nothing.")
        showing.show_changes(theirs.properties, merged)
        if merge.theirs and base.etag != theirs.etag:
            labels = ", ".join(map(fields.label, merge.theirs))
            screen.say(f"Others have changed since you saw it, and it would be kept: {labels}.")
        if is_refused and merge.conflicts:
            conflicts.show(merge.conflicts, Other())
    if is_refused:
        raise Clash("Somebody else has changed the meeting: it would not be saved like this.")
