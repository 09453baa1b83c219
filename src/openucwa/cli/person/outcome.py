"""The result of a change, for people and for programs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from openucwa.cli.person import others, screen, showing
from openucwa.cli.person.author import Author, author
from openucwa.cli.person.others import KeptChange
from openucwa.cli.person.saving import How, Saved
from openucwa.cli.person.session import Session
from openucwa.wire import merge as merging

if TYPE_CHECKING:
    from openucwa.client import Meeting


def nothing(session: Session, base: "Meeting", current: "Meeting", how: How) -> None:
    """Tell that there is nothing to save, and what has changed since the person saw it."""
    session.saw(current)
    if how.as_json:
        showing.write_json(_result(current, (), ()))
        return
    screen.say("Nothing to change.")
    if changed := merging.differing(base.properties, current.properties):
        other = author(session, others.latest(session, current, changed))
        screen.say(f"{other.did('changed the meeting since you saw it last')}:")
        showing.show_changes(base.properties, current.properties)


def tell(
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


def _last(kept: Sequence[KeptChange]) -> Author:
    """Return the author of the last of these changes."""
    return max((one.other for one in kept), key=lambda one: one.at.timestamp() if one.at else 0.0)


def _result(
    meeting: "Meeting", changed: Sequence[str], kept: Sequence[KeptChange]
) -> dict[str, object]:
    other = _last(kept) if kept else Author()
    return {
        "meeting": showing.meeting_json(meeting),
        "changed": list(changed),
        "kept": [one.name for one in kept],
        "keptChanges": [one.as_json() for one in kept],
        **other.as_json(),
    }
