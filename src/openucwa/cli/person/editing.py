"""Changing a meeting: by options, or as text in the person's editor.

The version that a change is made from is the one that the person has seen last, as far as that is
known; so what somebody else has changed since is noticed, and not overwritten unseen.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from openucwa.cli import streams
from openucwa.cli.failure import Clash, Failure, NotThere, WrongInput
from openucwa.cli.person import (
    editor,
    fields,
    form,
    offer,
    outcome,
    saving,
    screen,
    standard_input,
    start,
    versions,
)
from openucwa.cli.person import session as sessions
from openucwa.cli.person.draft import MAIN, LocalDraft
from openucwa.cli.person.saving import How
from openucwa.cli.person.session import Session
from openucwa.wire import merge as merging

if TYPE_CHECKING:
    from openucwa.client import Meeting

Make = Callable[["Meeting"], Mapping[str, object]]
"""Returns the values that the options change in a version, by served name. Raises WrongInput."""


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
    begun = start.begin(session, id, how)
    current, kept = begun.current, begun.kept
    base = _base(session, current, how, if_match)
    wanted: dict[str, object] = {}
    if kept is not None:
        base, wanted = versions.of_draft(kept, current), offer.corrected(kept)
    shown = base.properties
    base = versions.with_lists(base, current, lists)
    wanted |= make(versions.as_wanted(base, wanted))
    if types and streams.input_is_terminal():
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
    kept: LocalDraft | None,
    *,
    shown: Mapping[str, object] | None = None,
) -> None:
    """Save what is wanted, or show what that would do, and tell what came of it.

    `shown` is what the person has seen, if that is not the base.
    """
    if not merging.differing(base.properties, {**base.properties, **wanted}):
        if kept is not None:
            session.drafts.delete(kept)  # the server has all of it
        outcome.nothing(session, base, current, how)
    elif how.dry_run:
        _preview(session, base, wanted, how, kept)
    else:
        if kept is None and how.asks:
            kept = session.drafts.begin(base.id, base.to_json(), wanted)
        try:
            saved = saving.save(session, base, wanted, how, kept=kept)
        except WrongInput as wrong:
            raise offer.again(kept, wrong) from None
        outcome.tell(session, base.properties if shown is None else shown, base, wanted, saved, how)


def _preview(
    session: Session,
    base: "Meeting",
    wanted: Mapping[str, object],
    how: How,
    kept: LocalDraft | None,
) -> None:
    """Show what saving would do, and that the draft stays. Raises Clash where it would ask."""
    try:
        saving.preview(session, base, wanted, how)
    except Clash as clash:
        raise offer.again(kept, clash) from None
    if kept is not None and kept.says_something and not how.as_json:
        screen.say(f"Nothing is saved.\n{offer.kept(kept)}")


def _base(session: Session, current: "Meeting", how: How, if_match: str | None) -> "Meeting":
    """The version that a change is made from: that of a tag, or what a person has seen last."""
    if if_match is not None:
        return versions.of_tag(session, current, if_match)
    return versions.seen(session, current) if how.asks else current


def edit(session: Session, id: str, how: How, *, if_match: str | None) -> None:
    """Let the person edit the meeting as text until it is saved or left. Raises Failure."""
    begun = start.begin(session, id, how, edits=True)
    current, kept = begun.current, begun.kept
    if kept is None and not how.asks and offer.latest(session, current.id) is not None:
        raise WrongInput(
            f"There is an unsaved draft of {current.id}. Continue it at a terminal with openucwa "
            f"meeting edit, or discard it: openucwa meeting discard {current.id} --yes"
        )
    base = current if if_match is None else versions.of_tag(session, current, if_match)
    if kept is None:
        kept = session.drafts.begin(base.id, base.to_json(), {})
    elif begun.as_it_is:
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
        self, session: Session, current: "Meeting", base: "Meeting", kept: LocalDraft, how: How
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
                raise offer.again(self._kept, failure)
            text = again

    def _in_editor(self) -> str | None:
        try:
            return editor.edit(self._kept.page())
        except Failure as failure:
            raise offer.again(self._kept, failure) from None

    def _leave(self, text: str) -> None:
        """Change nothing: she has left without saving, or deleted everything."""
        if not self._kept.says_something and self._is_new:
            outcome.nothing(self._session, self._current, self._current, self._how)
            return
        if MAIN not in self._kept.pages():
            self._kept.rewrite(text)
        raise Failure(
            "Nothing is saved. The draft is kept: use openucwa meeting "
            f"edit {self._base.id} to continue it, or openucwa meeting discard "
            f"{self._base.id} to discard it.",
            decided=True,
        )

    def _save(self, text: str) -> None:
        """Save what a text says. Raises Failure: Unreadable, or WrongInput if it is refused."""
        session, base, how, kept = self._session, self._base, self._how, self._kept
        wanted = form.read(
            text, base.properties, domain=session.account.domain, eligible=self._eligible
        )
        if not wanted:
            session.drafts.delete(kept)  # the server has all that it says
            outcome.nothing(session, self._current, self._current, how)
        elif how.dry_run:
            if self._is_new and not how.asks:
                session.drafts.delete(kept)  # a program can write it again
            _preview(session, base, wanted, how, kept)
        else:
            saved = saving.save(session, base, wanted, how, kept=kept)
            outcome.tell(session, base.properties, base, wanted, saved, how)

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
        notes = (
            "The meeting has changed in the meantime. "
            "This text contains both those changes and yours."
        )
        return self._written([notes])

    def _written(self, notes: Sequence[str]) -> str:
        """Return the draft as text for the editor."""
        return form.write(
            {**self._base.properties, **self._kept.mine},
            title=f"{self._base.id}, organized by {self._base.organizer}",
            notes=notes,
            eligible=self._eligible,
        )


def restore(session: Session, id: str, tag: str, how: How) -> None:
    """Make a meeting what it was in a version. Raises Failure."""
    from openucwa.client import MeetingNotFound

    current = sessions.find_to_change(session, id)
    try:
        with screen.waiting("Fetching the version"):
            version = session.client.meetings.version(current, tag.strip().strip('"'))
    except MeetingNotFound:
        raise NotThere(
            f"{current.id} has no version {tag}, or no longer. Use openucwa meeting history "
            f"{current.id} to list its versions."
        ) from None
    _save(session, current, current, version.restored(current).changes(), how, None)


def _eligible(session: Session) -> dict[str, Sequence[str]]:
    """The values that policy allows, by name; empty where the server does not tell."""
    from openucwa.client import ClientError

    try:
        with screen.waiting("Fetching the eligible values"):
            found = session.client.meetings.eligible()
    except ClientError:
        return {}
    return fields.eligible(found.properties)


def _notes(how: How) -> list[str]:
    return ["This is a dry run: nothing will be saved."] if how.dry_run else []
