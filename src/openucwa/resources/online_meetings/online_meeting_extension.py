"""onlineMeetingExtension: key-value pairs that an application keeps with a meeting.

Source: onlineMeetingExtension_ref.md.
"""

import msgspec

from openucwa.domain import extensions
from openucwa.domain.extensions import Attributes, Extension
from openucwa.resources.online_meetings import deletions
from openucwa.resources.online_meetings.access import BELOW, EDITORS, SHARED, keep_grants, reach
from openucwa.resources.online_meetings.quota import check_extension
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.extensions import Extensions
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import LIFE
from openucwa.wire.errors import EntityTooLarge, ParameterValidationFailure
from openucwa.wire.given import Given
from openucwa.wire.representation import Value

_PLAY_BACK_NAME = "b7b1bc5f-4c1e-4b8f-9c5a-3f6a1c2d7e90"


def properties(me: Me, found: Extension) -> dict[str, Value]:
    return {"id": found.id, "type": found.type, **found.members}


online_meeting_extension = Resource[Extension](
    rel="onlineMeetingExtension",
    path=f"{BELOW}/extensions/{{id}}",
    shared_path=f"{SHARED}/extensions/{{id}}",
    properties=properties,
    kinds={"onlineMeetingExtension": "extension"},
    play_back=_PLAY_BACK_NAME,
)
online_meeting_extension.sends(
    *LIFE,
    sender="onlineMeetings",
    within="onlineMeetingExtensions",
    embedded=True,
    extension=True,
)
online_meeting_extension.tells_deletion(deletions.of_part)


@online_meeting_extension.find
def find(
    tx: Transaction, me: Me, online_meeting_id: str, id: str, organizer: str = ""
) -> Extension | None:
    """An extension of a meeting that the user organizes, or that is shared with her."""
    access = reach(tx, me, online_meeting_id, organizer)
    if access is None:
        return None
    found = tx.of(Extensions).get(access.organizer_id, access.online_meeting_id, id)
    return found and msgspec.structs.replace(found, role=access.role)


def may_change(me: Me, found: Extension) -> bool:
    """There for those who may change the meeting."""
    return found.role in EDITORS


@online_meeting_extension.put(
    Attributes, errors=(ParameterValidationFailure, EntityTooLarge), role=may_change
)
def update(tx: Transaction, me: Me, found: Extension, given: Given[Attributes]) -> Extension:
    """Replace the members of the extension. Its id stays.

    Raises ParameterValidationFailure, and EntityTooLarge beyond the limit of its meeting or user.
    """
    keep_grants(tx, found.organizer_id, found.role)
    wanted = given.over(Attributes(id=found.id))
    if wanted.id != found.id:
        raise ParameterValidationFailure(
            {"id": f"must stay {found.id!r}: it identifies the extension"}
        )
    members = extensions.validated(
        {name: value for name, value in given.others.items() if name.lower() != _PLAY_BACK_NAME}
    )
    changed = msgspec.structs.replace(found, type=wanted.type, members=members)
    check_extension(tx, me, changed, found)
    return tx.of(Extensions).replace(found, changed)


@online_meeting_extension.delete(role=may_change)
def remove(tx: Transaction, me: Me, found: Extension) -> None:
    """Remove the extension; its meeting stays as it is."""
    keep_grants(tx, found.organizer_id, found.role)
    tx.of(Extensions).delete(found)
