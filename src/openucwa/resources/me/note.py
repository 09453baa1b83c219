"""note: a text in which the user tells others something.

Source: note_ref.md.
"""

from typing import Annotated

import msgspec

from openucwa.domain.facts import Priority
from openucwa.domain.presence import Presence
from openucwa.resources.me.presence import COMES, own
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.presences import Presences
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import NoteType
from openucwa.wire.errors import MakeMeAvailableRequired
from openucwa.wire.given import Given


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order in which they are served."""

    message: str
    """The text; empty if there is no note."""
    type: NoteType
    """The kind of the note."""


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    """The input of POST, in its body or in its query."""

    message: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """The text. Without it, the note is taken away."""


def properties(me: Me, found: Presence) -> Properties:
    return Properties(message=found.note, type=NoteType.PERSONAL)


note = Resource[Presence](
    rel="note",
    path="applications/{application_id}/me/note",
    properties=properties,
    kinds={"note": "note"},
    refusals=(MakeMeAvailableRequired,),
)
note.find(own)
note.sends(*COMES, sender="me", priority=Priority.MEDIUM)


@note.post(Input)
def write(tx: Transaction, me: Me, _: Presence, given: Given[Input]) -> None:
    """Write the note, or take it away."""
    tx.of(Presences).write_note(me.user.id, given.complete().message)
