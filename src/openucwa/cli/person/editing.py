"""Changing a meeting: by options, or as text in the person's editor.

The version that a change is made from is the one that the person has seen last, as far as that is
known; so what somebody else has changed since is noticed, and not overwritten unseen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openucwa.cli.failure import Clash, Failure, NotThere, WrongInput
from openucwa.cli.person import (
    editor,
    fields,
    form,
    offer,
    others,
    saving,
    scheduling,
    screen,
    showing,
    standard_input,
    times,
    versions,
)
from openucwa.cli.person import session as sessions
from openucwa.cli.person.conflict import Other
from openucwa.cli.person.draft import MAIN, NEW
from openucwa.cli.person.draft import Draft as Kept
from openucwa.cli.person.others import Change
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
    session: Session,
    id: str,
    make: Make,
    how: How,
    *,
    if_match: str | None,
    lists: Sequence[str],
    types: bool = False,
) -> None:
    """Change what `make` says. `lists` names the lists of people that it adds to or removes from.

    With `types`, the description is read from standard input. Raises Failure.
    """
    start = _start(session, id, how)
    current, kept = start.current, start.kept
    base = _base(session, current, how, if_match)
    wanted: dict[str, object] = {}
    if kept is not None:
        base, wanted = versions.of_draft(kept, current), offer.corrected(kept)
    shown = base.properties
    base = versions.with_lists(base, current, lists)
    wanted |= make(versions.as_wanted(base, wanted))
    if types and standard_input.is_typed():
        kept = kept or session.drafts.begin(base.id, base.to_json(), wanted)
        kept.keep(wanted, base=base.to_json())
        wanted["description"] = standard_input.description(kept)
    elif types:
        wanted["description"] = standard_input.description(None)
    _save(session, current, base, wanted, how, kept, shown=shown)


def _save(
    session: Session,
    current: "Meeting",
    base: "Meeting",
    wanted: Mapping[str, object],
    how: How,
    kept: Kept | None,
    *,
    shown: Mapping[str, object] | None = None,
) -> None:
    """Save what is wanted, or show what that would do, and tell what came of it.

    `shown` is what the person has seen, if that is not the base.
    """
    if not merging.differing(base.properties, {**base.properties, **wanted}):
        if kept is not None:
            session.drafts.delete(kept)  # the server has all of it
        _nothing(session, base, current, how)
    elif how.dry_run:
        _preview(session, base, wanted, how, kept)
    else:
        if kept is None and how.asks:
            kept = session.drafts.begin(base.id, base.to_json(), wanted)
        try:
            saved = saving.save(session, base, wanted, how, kept=kept)
        except WrongInput as wrong:
            raise offer.again(kept, wrong) from None
        _tell(session, base.properties if shown is None else shown, base, wanted, saved, how)


def _preview(
    session: Session, base: "Meeting", wanted: Mapping[str, object], how: How, kept: Kept | None
) -> None:
    """Show what saving would do, and that the draft stays. Raises Clash where it would ask."""
    try:
        saving.preview(session, base, wanted, how)
    except Clash as clash:
        raise offer.again(kept, clash) from None
    if kept is not None and kept.says_something and not how.as_json:
        screen.say(str(offer.again(kept, Failure("Nothing is saved."))))


def _base(session: Session, current: "Meeting", how: How, if_match: str | None) -> "Meeting":
    """The version that a change is made from: that of a tag, or what a person has seen last."""
    if if_match is not None:
        return versions.of_tag(session, current, if_match)
    return versions.seen(session, current) if how.asks else current


def edit(session: Session, id: str, how: How, *, if_match: str | None) -> None:
    """Let the person edit the meeting as text until it is saved or left. Raises Failure."""
    start = _start(session, id, how, edits=True)
    current, kept = start.current, start.kept
    if kept is None and not how.asks and offer.latest(session, current.id) is not None:
        raise WrongInput(
            f"There is a draft of {current.id} that was not saved. Edit it at a terminal, which "
            f"offers it, or drop it: openucwa meeting discard {current.id} --yes"
        )
    base = current if if_match is None else versions.of_tag(session, current, if_match)
    if kept is None:
        kept = session.drafts.begin(base.id, base.to_json(), {})
    elif start.as_it_is:
        _save(session, current, versions.of_draft(kept, current), offer.corrected(kept), how, kept)
        return
    elif MAIN in kept.pages():
        base = versions.of_draft(kept, current)
    else:
        earlier = versions.of_draft(kept, current)
        base, wanted = versions.rebased(earlier, offer.corrected(kept), current)
        kept.keep(wanted, base=base.to_json())
    _Editing(session, current, base, kept, how).run()


class _Editing:
    """A draft in the person's editor, again and again until it is saved or left."""

    def __init__(
        self, session: Session, current: "Meeting", base: "Meeting", kept: Kept, how: How
    ) -> None:
        self._session = session
        self._current = current
        self._base = base
        self._kept = kept
        self._how = how
        self._eligible = _eligible(session)
        self._is_new = not kept.says_something

    def run(self) -> None:
        """Open the editor until the draft is saved or left. Raises Failure."""
        text = self._kept.pages().get(MAIN)
        if text is None:
            text = self._written(_notes(self._how))
            self._kept.offer(text)
        while True:
            edited = self._in_editor()
            if edited is None or form.is_empty(edited):
                self._leave(text)
                return
            plain = form.without_problems(edited)
            try:
                self._save(plain)
                return
            except WrongInput as wrong:
                failure = wrong
            if isinstance(failure, form.Unreadable):
                again = form.with_problems(plain, failure.problems)
            else:
                again = form.with_problems(self._after_refusal(plain), [(0, str(failure))])
            self._kept.rewrite(again)
            if again == text or not self._how.asks:
                raise offer.again(self._kept, failure, offer.WRITTEN)
            text = again

    def _in_editor(self) -> str | None:
        try:
            return editor.edit(self._kept.page())
        except Failure as failure:
            raise offer.again(self._kept, failure, offer.WRITTEN) from None

    def _leave(self, text: str) -> None:
        """Change nothing: she has left without saving, or deleted everything."""
        if not self._kept.says_something and self._is_new:
            _nothing(self._session, self._current, self._current, self._how)
            return
        if MAIN not in self._kept.pages():
            self._kept.rewrite(text)
        raise Failure(
            "Nothing is saved. The draft stays: openucwa meeting edit "
            f"{self._base.id} offers it again, openucwa meeting discard {self._base.id} drops it."
        )

    def _save(self, text: str) -> None:
        """Save what a text says. Raises Failure: Unreadable, or WrongInput if it is refused."""
        session, base, how, kept = self._session, self._base, self._how, self._kept
        wanted = form.read(
            text, base.properties, domain=session.account.domain, eligible=self._eligible
        )
        if not wanted:
            session.drafts.delete(kept)  # the server has all that it says
            _nothing(session, self._current, self._current, how)
        elif how.dry_run:
            if self._is_new and not how.asks:
                session.drafts.delete(kept)  # a program can write it again
            _preview(session, base, wanted, how, kept)
        else:
            saved = saving.save(session, base, wanted, how, kept=kept)
            _tell(session, base.properties, base, wanted, saved, how)

    def _after_refusal(self, text: str) -> str:
        """The text for another try: with what others have changed, where nothing clashes."""
        current = self._session.client.meetings.get(self._base.id)
        if current.etag == self._base.etag:
            return text
        newer, merged = versions.rebased(self._base, self._kept.mine, current)
        if newer is self._base:
            return text
        self._base = newer
        self._kept.keep(merged, base=newer.to_json())
        notes = "The meeting has been changed meanwhile. That is in here, and what you wrote, too."
        return self._written([notes])

    def _written(self, notes: Sequence[str]) -> str:
        """What the draft wants, as text for the editor."""
        return form.write(
            {**self._base.properties, **self._kept.mine},
            title=f"{self._base.id}, organized by {self._base.organizer}",
            notes=notes,
            eligible=self._eligible,
        )


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
    _save(session, current, current, version.restored(current).changes(), how, None)


@dataclass(frozen=True)
class _Start:
    """The meeting as it is, and the draft that the person goes on with, if need be as it is."""

    current: "Meeting"
    kept: Kept | None = None
    as_it_is: bool = False


def _start(session: Session, id: str, how: How, *, edits: bool = False) -> _Start:
    """Find the meeting, and offer what was not saved of it. Raises Left, Failure."""
    try:
        current = sessions.find(session, id)
    except NotThere as missing:
        kept = offer.latest(session, id)
        if kept is None or kept.id == NEW:
            raise
        raise _orphan(session, kept, how, missing) from None
    kept = offer.latest(session, current.id)
    if kept is None:
        return _Start(current)
    if not how.asks:
        screen.warn(
            f"A draft of {current.id} was not saved ({offer.when(kept)}). It stays; "
            "openucwa meeting edit at a terminal offers it."
        )
        return _Start(current)
    screen.say(f"You have a draft of this meeting that was not saved ({offer.when(kept)}):")
    offer.show(kept)
    answers = ("use", "save", "discard", "quit") if edits else ("use", "discard", "quit")
    asked = "[u]se it [s]ave it as it is [d]iscard it [q]uit" if edits else _ASKED
    answer = screen.ask(asked, answers, otherwise="quit")
    if answer == "quit" or not session.drafts.take(kept):
        raise Failure("Nothing is saved. The draft stays.")
    if answer == "discard":
        session.drafts.delete(kept)
        return _Start(current)
    return _Start(current, kept, answer == "save")


_ASKED = "[u]se it [d]iscard it [q]uit"


def _orphan(session: Session, kept: Kept, how: How, missing: NotThere) -> Exception:
    """What to raise for a draft whose meeting is gone; it may be scheduled anew before that."""
    base = versions.read(kept.base)
    if not how.asks:
        return NotThere(f"{missing} A draft of it is kept, which meeting edit {kept.id} offers.")
    screen.say(f"{kept.id} ({fields.plain(base.subject)}) is gone. You have a draft of it:")
    offer.show(kept)
    answer = screen.ask(
        "[s]chedule it anew [d]iscard it [q]uit", ("schedule", "discard", "quit"), otherwise="quit"
    )
    if answer == "quit" or not session.drafts.take(kept):
        return NotThere("Nothing is scheduled. The draft stays.")
    if answer == "schedule":
        wanted = offer.corrected(kept)
        meeting = scheduling.send(session, {**base.properties, **wanted}, kept)
        screen.say(f"Scheduled {meeting.id}.")
        screen.say(f"Join: {fields.plain(meeting.join_url)}")
    else:
        session.drafts.delete(kept)
    session.shelf.forget(kept.id)
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
    session.saw(current)
    if how.as_json:
        showing.write_json(_result(current, (), ()))
        return
    screen.say("Nothing to change.")
    if merging.differing(base.properties, current.properties):
        screen.say("Somebody else has changed the meeting since you saw it last:")
        showing.show_changes(base.properties, current.properties)


def _tell(
    session: Session,
    shown: Mapping[str, object],
    base: "Meeting",
    wanted: Mapping[str, object],
    saved: Saved,
    how: How,
) -> None:
    """Tell that it is saved, and what of others was kept since the version that was shown."""
    names = merging.differing(base.properties, {**base.properties, **wanted})
    mine = others.as_if_made_from(shown, base.properties, wanted)
    unseen = set(merging.differing(shown, base.properties)) & wanted.keys()
    kept = others.kept(session, mine, saved.meeting, {*saved.kept, *unseen}, saved.other)
    if how.as_json:
        showing.write_json(_result(saved.meeting, names, kept))
        return
    text = "Updated."
    if kept:
        text += f" {showing.kept([one.name for one in kept], _last(kept))}"
    screen.say(text)
    others.tell(saved.meeting, kept)
    showing.warn_if_past(saved.meeting, names)


def _last(kept: Sequence[Change]) -> Other:
    """Who has made the last of these changes."""
    return max((one.other for one in kept), key=lambda one: one.at.timestamp() if one.at else 0.0)


def _result(
    meeting: "Meeting", changed: Sequence[str], kept: Sequence[Change]
) -> dict[str, object]:
    other = _last(kept) if kept else Other()
    return {
        "meeting": showing.meeting_json(meeting),
        "changed": list(changed),
        "kept": [one.name for one in kept],
        "keptChanges": [one.as_json() for one in kept],
        "changedBy": other.by,
        "changedAt": times.iso(other.at) if other.at else None,
    }
