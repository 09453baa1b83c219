"""Saving a change: with what others have changed meanwhile, and with nothing lost if it fails.

Where there is a person or an editor, what is wanted is in a draft before it is sent, and the draft
is deleted when the server has it. So whatever happens in between, a draft is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from openucwa.cli.asking import ask
from openucwa.cli.failure import Clash, Failure, NotThere, Stopped, WrongInput
from openucwa.cli.person import conflict as conflicts
from openucwa.cli.person import (
    editor,
    fields,
    form,
    offer,
    others,
    people,
    screen,
    showing,
    trouble,
)
from openucwa.cli.person.author import Author, author
from openucwa.cli.person.conflict import Undecided
from openucwa.cli.person.draft import LocalDraft
from openucwa.cli.person.session import Session
from openucwa.wire import lines, members
from openucwa.wire import merge as merging
from openucwa.wire.merge import Conflict

if TYPE_CHECKING:
    from openucwa.client import Meeting, MeetingConflict, MeetingDeleted
    from openucwa.client.conflict import OnConflict


@dataclass(frozen=True)
class How:
    """The options for saving."""

    on_conflict: "OnConflict" = "merge"
    dry_run: bool = False
    as_json: bool = False

    @property
    def asks(self) -> bool:
        """True if there is a person to decide."""
        return screen.is_interactive() and not self.as_json


@dataclass(frozen=True)
class Saved:
    """A meeting as it is now, and the names of what others had changed and what was kept."""

    meeting: "Meeting"
    kept: Sequence[str]
    other: Author


def save(
    session: Session,
    base: "Meeting",
    changes: Mapping[str, object],
    how: How,
    *,
    kept: LocalDraft | None,
) -> Saved:
    """Save changes (new values, by served name) that were made from a version.

    The draft has them until they are saved. Raises Failure: WrongInput if the server refuses them.
    """
    from openucwa.client import (
        ClientError,
        Draft,
        MeetingConflict,
        MeetingDeleted,
        MeetingNotMoved,
    )

    if kept is not None:
        kept.keep(changes, base=base.to_json())
    if how.asks:
        _check_marks(base, changes)
    draft = Draft(base, _wanted(base.properties, changes))
    try:
        try:
            with screen.waiting("Saving"):
                meeting = session.client.meetings.save(draft, on_conflict=how.on_conflict)
            outcome = draft.outcome
            assert outcome is not None  # it is there when a draft was saved
            found = Saved(meeting, outcome.kept, author(session, outcome.change))
        except MeetingConflict as clash:
            found = _resolved(session, clash, how, kept)
        except MeetingDeleted as gone:
            found = Saved(_anew(session, gone, how), (), Author())
    except KeyboardInterrupt:
        stopped = Stopped("Interrupted: the change may or may not have been saved.", decided=True)
        raise offer.again(kept, stopped) from None
    except ClientError as error:
        if isinstance(error, MeetingNotMoved) and kept is not None:
            kept.keep(draft.changes(), base=draft.base.to_json())
        told = trouble.failure(error, session.account.address)
        raise (told if isinstance(told, WrongInput) else offer.again(kept, told)) from None
    except WrongInput:
        raise
    except Failure as failure:
        raise offer.again(kept, failure) from None
    if kept is not None:
        session.drafts.delete(kept)
    session.saw(found.meeting)
    return found


def _check_marks(base: "Meeting", changes: Mapping[str, object]) -> None:
    """Raise WrongInput for a description that was merged by hand, and not to its end."""
    text = str(changes.get("description") or "")
    if conflicts.has_marks(text) and not conflicts.has_marks(base.description):
        raise WrongInput(conflicts.MARKED)


def _wanted(properties: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {**properties, **changes}


def _resolved(
    session: Session, clash: "MeetingConflict", how: How, kept_draft: LocalDraft | None
) -> Saved:
    """Let the person decide what clashes, and save that. Raises Clash."""
    from openucwa.client import Draft, MeetingConflict

    start = clash.base
    decided: set[str] = set()
    while True:
        other = author(session, clash.change)
        if how.on_conflict == "fail" or not how.asks or kept_draft is None:
            _tell(clash, other, how)
            raise Clash(conflicts.refused(clash, other))
        if clash.all_but_time_is_saved:
            screen.say("All but the time of the meeting is saved.")
        values = conflicts.decide(clash.conflicts, other, partial(_edited, kept_draft, other=other))
        if values is None:
            raise Clash("Nothing is saved.", decided=True)
        decided |= values.keys()
        draft = Draft(clash.theirs, clash.merged)
        for name, value in values.items():
            draft.take(name, value)
        theirs = clash.theirs
        try:
            with screen.waiting("Saving"):
                meeting = session.client.meetings.save(draft)
        except MeetingConflict as again:
            screen.say(f"{author(session, again.change).did('changed it again')}.")
            clash = again
            continue
        outcome = draft.outcome
        assert outcome is not None  # it is there when a draft was saved
        changed = [*merging.differing(start.properties, theirs.properties), *outcome.kept]
        kept = [name for name in dict.fromkeys(changed) if name not in decided]
        return Saved(meeting, kept, author(session, outcome.change) if outcome.by else other)


def _tell(clash: "MeetingConflict", other: Author, how: How) -> None:
    """Show the three versions: as JSON for programs, or what clashes to a person."""
    if how.asks:
        if clash.conflicts:
            conflicts.show(clash.conflicts, other)
        return
    names = list(clash.conflicts)
    showing.write_json(clash_json(clash.base, clash.theirs, clash.mine, names, other))


def clash_json(
    base: "Meeting",
    theirs: "Meeting",
    mine: Mapping[str, object],
    names: Sequence[str],
    other: Author,
) -> dict[str, object]:
    """Return the conflict as JSON for programs."""
    return {
        "base": showing.meeting_json(base),
        "theirs": showing.meeting_json(theirs),
        "mine": showing.as_json(mine, etag=base.etag),
        "conflicting": list(names),
        **other.as_json(),
    }


_ANEW = {
    "yes": "schedule a new meeting with your changes; it has a new id and a new link",
    "no": "schedule nothing; your changes are kept as a draft",
}


def _anew(session: Session, gone: "MeetingDeleted", how: How) -> "Meeting":
    """Schedule the meeting again if that is wanted. Raises NotThere if not.

    One that was shared is not: it would be another person's then.
    """
    if gone.base.is_shared:
        organizer = people.name(gone.base.organizer)
        raise NotThere(
            f"{gone} Ask {organizer} to share it with you again, and your changes can be saved."
        )
    subject = fields.plain(gone.base.subject)
    if not how.asks:
        raise NotThere(
            f"The meeting {gone.base.id} ({subject}) was cancelled in the meantime. "
            "It was not scheduled again."
        )
    screen.say(f"The meeting {gone.base.id} ({subject}) was cancelled in the meantime.")
    if ask("Schedule it again with your changes?", _ANEW, otherwise="no") == "no":
        raise NotThere("Nothing is saved.", decided=True)
    with screen.waiting("Scheduling"):
        meeting = gone.schedule_anew()
    session.shelf.forget(gone.base.id)
    screen.say(f"It is now {meeting.id}, with a new link.")
    screen.whole(f"Join: {fields.plain(meeting.join_url)}")
    return meeting


def _edited(draft: LocalDraft, conflict: Conflict, *, other: Author) -> object:
    """Let the person write the value that is to stand, and keep it. Raises Undecided."""
    name = conflict.name
    field = members.BY_NAME.get(name)
    if field is None:
        raise Undecided(f"{name} can't be edited here. Choose mine or theirs.")
    start = conflicts.marked(conflict, other) if name == "description" else conflict.mine
    text = draft.pages().get(name)
    if text is None:
        text = form.write(
            {name: start},
            title=f"{field.label}: the new value",
            notes=_notes(conflict, other),
            names=(name,),
        )
        draft.offer(text, name)
    while True:
        edited = _in_editor(draft, name)
        plain = form.without_problems(edited)
        try:
            value = _one(form.read(plain, {name: start}), conflict, start)
        except form.Unreadable as wrong:
            again = form.with_problems(plain, wrong.problems)
            if again == text:
                raise Undecided(f"{wrong}\n{_KEPT}") from None
            text = again
            draft.rewrite(text, name)
        else:
            draft.keep({**draft.mine, name: value}, page=name)
            return value


_KEPT = "Your text is kept: press e to open it again."


def _in_editor(draft: LocalDraft, name: str) -> str:
    """Return the text that the person writes on a page. Raises Undecided if there is none."""
    try:
        edited = editor.edit(draft.page(name))
    except Failure as failure:
        kept = f"\n{_KEPT}" if name in draft.pages() else ""
        raise Undecided(f"{failure}{kept}") from None
    if edited is None:
        raise Undecided(_KEPT if name in draft.pages() else "Nothing was saved in the editor.")
    if form.is_empty(edited):
        raise Undecided("The text is empty.")
    return edited


def _notes(conflict: Conflict, other: Author) -> list[str]:
    if conflict.name == "description":
        theirs = "the one saved in the meantime" if other.is_me else f"{other.name}'s"
        return [f"Where they differ, your text is first, then {theirs}. Remove the marks."]
    versions = (
        ("before", conflict.base),
        (other.heading, conflict.theirs),
        ("yours", conflict.mine),
    )
    return [f"{heading}: {_addressed(value)}" for heading, value in versions]


def _addressed(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "nobody"
    return fields.shown(value)


def _one(found: Mapping[str, object], conflict: Conflict, start: object) -> object:
    value = found.get(conflict.name, start)
    if conflict.name != "description":
        return value
    if conflicts.has_marks(str(value)):
        raise form.Unreadable([(0, conflicts.MARKED)])
    return lines.with_ends_of(str(conflict.theirs or ""), str(value))


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
    changed = merging.differing(base.properties, theirs.properties) if is_refused else []
    other = author(session, others.latest(session, theirs, changed) if changed else None)
    if not how.asks and is_refused:
        mine = _wanted(base.properties, changes)
        showing.write_json(clash_json(base, theirs, mine, list(merge.conflicts), other))
    elif how.as_json:
        wanted = showing.as_json({name: merged.get(name) for name in names}, etag=theirs.etag)
        wanted.pop("etag")
        showing.write_json({"changes": wanted, "kept": list(merge.theirs)})
    else:
        screen.say("Would change:" if names else "There is nothing to change.")
        showing.show_changes(theirs.properties, merged)
        if merge.theirs and base.etag != theirs.etag:
            labels = ", ".join(map(fields.label, merge.theirs))
            screen.say(f"Changes that others have made since you saw it would be kept: {labels}.")
            whole = {**base.properties, **{one: theirs.properties.get(one) for one in merge.theirs}}
            showing.show_changes(base.properties, whole)
        if is_refused and merge.conflicts:
            conflicts.show(merge.conflicts, other)
    if is_refused:
        raise Clash(f"{other.did('changed the meeting')}, so your changes would not be saved.")
