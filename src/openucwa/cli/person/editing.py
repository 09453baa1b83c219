"""Changing a meeting: by options, or as text in the person's editor.

The version that a change is made from is the one that the person has seen last, as far as that is
known; so what somebody else has changed since is noticed, and not overwritten unseen.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from openucwa.cli.failure import Failure, NotThere, WrongInput
from openucwa.cli.person import editor, fields, form, saving, screen, showing, times, versions
from openucwa.cli.person import session as sessions
from openucwa.cli.person.conflict import Other
from openucwa.cli.person.kept import Draft as Kept
from openucwa.cli.person.saving import How, Saved
from openucwa.cli.person.session import Session
from openucwa.wire import merge as merging

if TYPE_CHECKING:
    from openucwa.client import Meeting

Make = Callable[["Meeting"], Mapping[str, object]]
"""What the options change in a version: new values by served name. Raises WrongInput."""


class Left(Exception):
    """The person has decided to leave all as it is."""


def update(
    session: Session, id: str, make: Make, how: How, *, if_match: str | None, lists: Sequence[str]
) -> None:
    """Change what `make` says. `lists` names the lists of people that it adds to or removes from.

    Raises Failure.
    """
    current, kept = _start(session, id, how)
    base = (
        versions.seen(session, current)
        if if_match is None
        else versions.of_tag(session, current, if_match)
    )
    wanted: dict[str, object] = {}
    if kept is not None:
        base, wanted = versions.of_draft(kept, current), _wanted(kept, current.id)
    base = versions.with_lists(base, current, lists)
    wanted |= make(versions.as_wanted(base, wanted))
    if not merging.differing(base.properties, {**base.properties, **wanted}):
        _nothing(session, base, current, how)
        return
    if how.dry_run:
        saving.preview(session, base, wanted, how)
        return
    try:
        saved = saving.save(session, base, wanted, how, keeps=how.asks)
    except WrongInput:
        if how.asks and kept is None:
            session.shelf.drop(current.id)
        raise
    _tell(base, wanted, saved, how)


def edit(session: Session, id: str, how: How, *, if_match: str | None) -> None:
    """Let the person edit the meeting as text until it is saved or left. Raises Failure."""
    current, kept = _start(session, id, how)
    if kept is None and _draft(session, current.id) is not None:
        raise WrongInput(
            f"There is a draft of {current.id} that was not saved. Edit it at a terminal; it "
            "offers the draft."
        )
    base = current if if_match is None else versions.of_tag(session, current, if_match)
    wanted: Mapping[str, object] = {}
    text = None
    if kept is not None:
        base, wanted, text = versions.of_draft(kept, current), kept.mine, kept.text
        if text is None:
            base, wanted = versions.rebased(base, wanted, current)
    eligible = _eligible(session)
    title = f"{base.id}, organized by {base.organizer}"
    text = text or form.write(
        {**base.properties, **wanted}, title=title, notes=_notes(how), eligible=eligible
    )
    while True:
        session.shelf.keep(base.id, base.to_json(), wanted, text=text)
        edited = _in_editor(session, base.id, text)
        if form.is_empty(edited):
            session.shelf.drop(base.id)
            _nothing(session, current, current, how)
            return
        plain = form.without_problems(edited)
        domain = session.account.domain
        try:
            wanted = form.read(plain, base.properties, domain=domain, eligible=eligible)
            if not wanted:
                session.shelf.drop(base.id)
                _nothing(session, current, current, how)
                return
            if how.dry_run:
                saving.preview(session, base, wanted, how)
                if kept is None:
                    session.shelf.drop(base.id)
                return
            saved = saving.save(session, base, wanted, how, keeps=True)
        except WrongInput as wrong:
            problems = wrong.problems if isinstance(wrong, form.Unreadable) else [(0, str(wrong))]
            if not isinstance(wrong, form.Unreadable):
                base, wanted, plain = _after_refusal(session, base, wanted, plain, title, eligible)
            again = form.with_problems(plain, problems)
            if again == text or not how.asks:
                raise _kept(wrong, base.id) from None
            text = again
        else:
            _tell(base, wanted, saved, how)
            return


def restore(session: Session, id: str, tag: str, how: How) -> None:
    """Make a meeting what it was in a version. Raises Failure."""
    from openucwa.client import MeetingNotFound

    current = sessions.find(session, id)
    try:
        with screen.waiting("Fetching the version"):
            version = session.client.meetings.version(current, tag.strip().strip('"'))
    except MeetingNotFound:
        raise NotThere(
            f"{current.id} has no version {tag}, or not any more. openucwa meeting history "
            f"{current.id} lists those that are kept."
        ) from None
    wanted = version.restored(current).changes()
    if not wanted:
        _nothing(session, current, current, how)
    elif how.dry_run:
        saving.preview(session, current, wanted, how)
    else:
        _tell(current, wanted, saving.save(session, current, wanted, how, keeps=how.asks), how)


def _in_editor(session: Session, id: str, text: str) -> str:
    try:
        return editor.edit(session.shelf.page(id), text)
    except Failure as failure:
        if session.shelf.draft(id) is None:
            session.shelf.drop(id)
            raise
        raise _kept(failure, id) from None


def _kept(failure: Failure, id: str) -> Failure:
    """The failure, with where the draft is."""
    kind = WrongInput if isinstance(failure, form.Unreadable) else type(failure)
    return kind(f"{failure}\nWhat you wrote is kept: openucwa meeting edit {id} offers it again.")


def _after_refusal(
    session: Session,
    base: "Meeting",
    wanted: Mapping[str, object],
    text: str,
    title: str,
    eligible: Mapping[str, Sequence[str]],
) -> "tuple[Meeting, Mapping[str, object], str]":
    """For another try: with what others have changed meanwhile, where nothing clashes."""
    current = session.client.meetings.get(base.id)
    if current.etag == base.etag:
        return base, wanted, text
    newer, merged = versions.rebased(base, wanted, current)
    if newer is base:
        return base, wanted, text
    notes = ["The meeting has been changed meanwhile. That is in here, and so is what you wrote."]
    return (
        newer,
        merged,
        form.write({**newer.properties, **merged}, title=title, notes=notes, eligible=eligible),
    )


def _start(session: Session, id: str, how: How) -> "tuple[Meeting, Kept | None]":
    """The meeting as it is, and the draft that the person goes on with. Raises Left, Failure."""
    try:
        current = sessions.find(session, id)
    except NotThere as missing:
        kept = _draft(session, id)
        if kept is None:
            raise
        raise _orphan(session, id, kept, how, missing) from None
    kept = _draft(session, current.id)
    if kept is None:
        return current, None
    if not how.asks:
        screen.warn(
            f"A draft of {current.id} was not saved ({times.short(kept.kept_at)}). It stays; "
            "openucwa meeting edit at a terminal offers it."
        )
        return current, None
    screen.say(
        f"You have a draft of this meeting that was not saved ({times.short(kept.kept_at)}):"
    )
    _show_draft(kept, current.id)
    answer = screen.ask(
        "[u]se it [d]iscard it [q]uit", ("use", "discard", "quit"), otherwise="quit"
    )
    if answer == "quit":
        raise Failure("Nothing is saved. The draft stays.")
    if answer == "use":
        session.shelf.take(current.id, kept)
        return current, kept
    session.shelf.discard(kept)
    return current, None


def _draft(session: Session, id: str) -> Kept | None:
    """The draft that is kept of a meeting; one of a version that nobody can read is none."""
    kept = session.shelf.draft(id)
    if kept is not None:
        try:
            versions.read(kept.base)
        except ValueError:
            return None
    return kept


def _wanted(kept: Kept, id: str) -> dict[str, object]:
    """What a draft changes, the text from the editor included. Raises WrongInput."""
    if not kept.text:
        return dict(kept.mine)
    try:
        return form.read(form.without_problems(kept.text), versions.read(kept.base).properties)
    except form.Unreadable as wrong:
        raise WrongInput(
            f"The text of the draft can't be read. openucwa meeting edit {id} opens it.\n{wrong}"
        ) from None


def _show_draft(kept: Kept, id: str) -> None:
    base = versions.read(kept.base).properties
    try:
        showing.show_changes(base, {**base, **_wanted(kept, id)})
    except WrongInput:
        screen.say("  a text from the editor in which something is wrong")


def _orphan(session: Session, id: str, kept: Kept, how: How, missing: NotThere) -> Exception:
    """What to raise for a draft whose meeting is gone; it may be scheduled anew before that."""
    base = versions.read(kept.base)
    if not how.asks:
        return NotThere(f"{missing} A draft of it is kept, which meeting edit {id} offers.")
    screen.say(f"{id} ({fields.plain(base.subject)}) is gone. You have a draft of it:")
    _show_draft(kept, id)
    answer = screen.ask(
        "[s]chedule it anew [d]iscard it [q]uit", ("schedule", "discard", "quit"), otherwise="quit"
    )
    if answer == "schedule":
        wanted = {**base.properties, **_wanted(kept, id)}
        with screen.waiting("Scheduling"):
            meeting = session.client.meetings.schedule_like(wanted)
        screen.say(f"Scheduled {meeting.id}.")
    if answer == "quit":
        return NotThere("Nothing is scheduled. The draft stays.")
    session.shelf.discard(kept)
    session.shelf.forget(id)
    return Left()


def _eligible(session: Session) -> dict[str, Sequence[str]]:
    """The values that policy allows, by name; empty where the server does not tell."""
    from openucwa.client import ClientError

    try:
        with screen.waiting("Fetching what can be chosen"):
            found = session.client.meetings.eligible()
    except ClientError:
        return {}
    return {
        "accessLevel": found.access_levels,
        "automaticLeaderAssignment": found.automatic_leader_assignments,
        "entryExitAnnouncement": found.entry_exit_announcements,
        "lobbyBypassForPhoneUsers": found.lobby_bypass_for_phone_users,
    }


def _notes(how: How) -> list[str]:
    return ["Nothing will be saved: this is a dry run."] if how.dry_run else []


def _nothing(session: Session, base: "Meeting", current: "Meeting", how: How) -> None:
    """Tell that there is nothing to save, and what has changed since the person saw it."""
    session.shelf.see(current.id, current.to_json())
    if how.as_json:
        showing.write_json(_result(current, (), (), Other()))
        return
    screen.say("Nothing to change.")
    if merging.differing(base.properties, current.properties):
        screen.say("Somebody else has changed the meeting since you saw it last:")
        showing.show_changes(base.properties, current.properties)


def _tell(base: "Meeting", wanted: Mapping[str, object], saved: Saved, how: How) -> None:
    """Tell that it is saved, and what of others was kept."""
    names = merging.differing(base.properties, {**base.properties, **wanted})
    if how.as_json:
        showing.write_json(_result(saved.meeting, names, saved.kept, saved.other))
        return
    text = "Updated."
    if saved.kept:
        text += f" {showing.kept(fields.in_order(saved.kept), saved.other)}"
    screen.say(text)
    showing.warn_if_past(saved.meeting, names)


def _result(
    meeting: "Meeting", changed: Sequence[str], kept: Sequence[str], other: Other
) -> dict[str, object]:
    return {
        "meeting": showing.meeting_json(meeting),
        "changed": list(changed),
        "kept": list(kept),
        "changedBy": other.by,
        "changedAt": times.iso(other.at) if other.at else None,
    }
