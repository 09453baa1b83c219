"""The start of a change: the meeting as it is, and the draft of it that the person goes on with."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from openucwa.cli.asking import ask
from openucwa.cli.failure import Failure, NotThere
from openucwa.cli.person import fields, offer, people, scheduling, screen, versions
from openucwa.cli.person import session as sessions
from openucwa.cli.person.draft import NEW, LocalDraft
from openucwa.cli.person.saving import How
from openucwa.cli.person.session import Session

if TYPE_CHECKING:
    from openucwa.client import Meeting


@dataclass(frozen=True)
class Start:
    """The meeting as it is, and the draft that the person goes on with, if need be as it is."""

    current: "Meeting"
    kept: LocalDraft | None = None
    as_it_is: bool = False


def begin(session: Session, id: str, how: How, *, edits: bool = False) -> Start:
    """Find the meeting, and offer what was not saved of it. Raises Failure."""
    try:
        current = sessions.find_to_change(session, id)
    except NotThere as missing:
        kept = offer.latest(session, id)
        if kept is None or kept.id == NEW:
            raise
        raise _orphan(session, kept, how, missing) from None
    kept = offer.latest(session, current.id)
    if kept is None:
        return Start(current)
    if not how.asks:
        screen.warn(
            f"There is an unsaved draft of {current.id} ({offer.when(kept)}). It is "
            "kept: use openucwa meeting edit at a terminal to continue it."
        )
        return Start(current)
    screen.say(f"You have an unsaved draft of this meeting ({offer.when(kept)}):")
    offer.show(kept)
    answer = ask("", _answers(kept, edits=edits), otherwise="quit")
    if answer == "quit" or not session.drafts.take(kept):
        raise Failure("Nothing is saved. The draft is kept.", decided=True)
    if answer == "discard it":
        session.drafts.delete(kept)
        return Start(current)
    return Start(current, kept, answer == "save it as it is")


_DISCARD = {"discard it": "delete the draft, and start from the current meeting"}
_QUIT = {"quit": "do nothing; the draft is kept"}
_UPDATING = {"use it": "save the draft, with the options that you give now", **_DISCARD, **_QUIT}
_EDITING = {
    "use it": "open the draft in your editor",
    "save it as it is": "save the draft without opening your editor",
    **_DISCARD,
    **_QUIT,
}
_CORRECTING = "correct the text in your editor, and save it with the options that you give now"
_ORPHAN = {
    "schedule it again": "schedule a new meeting from the draft; it has a new id and a new link",
    "discard it": "delete the draft",
    **_QUIT,
}


def _answers(kept: LocalDraft, *, edits: bool) -> dict[str, str]:
    """Return what can be done with a draft. A text with an error has to be corrected first."""
    answers = dict(_EDITING if edits else _UPDATING)
    if offer.legible(kept)[1] is not None:
        answers.pop("save it as it is", None)
        if not edits:
            answers["use it"] = _CORRECTING
    return answers


def _orphan(session: Session, kept: LocalDraft, how: How, missing: NotThere) -> Exception:
    """Return the failure for a draft whose meeting is gone; it may be scheduled anew before."""
    base = versions.read(kept.base)
    if base.is_shared:
        organizer = people.name(base.organizer)
        return NotThere(
            f"{kept.id} ({fields.plain(base.subject)}) is no longer shared with you, or was "
            f"cancelled. Your draft of it is kept: ask {organizer} to share it with you again, or "
            f"use openucwa meeting discard {kept.id} to discard it."
        )
    if not how.asks:
        return NotThere(
            f"{missing} A draft of it is kept: use meeting edit {kept.id} to continue it."
        )
    screen.say(f"{kept.id} ({fields.plain(base.subject)}) is gone. You have a draft of it:")
    offer.show(kept)
    answer = ask("", _ORPHAN, otherwise="quit")
    if answer == "quit" or not session.drafts.take(kept):
        return NotThere("Nothing is scheduled. The draft is kept.", decided=True)
    if answer == "schedule it again":
        wanted = offer.corrected(kept)
        meeting = scheduling.send(session, {**base.properties, **wanted}, kept)
        screen.say(f"Scheduled {meeting.id}.")
        screen.whole(f"Join: {fields.plain(meeting.join_url)}")
    else:
        session.drafts.delete(kept)
    session.shelf.forget(kept.id)
    return typer.Exit()
