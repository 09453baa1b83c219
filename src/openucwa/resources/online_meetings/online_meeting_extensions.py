"""onlineMeetingExtensions: what applications keep with a meeting.

Source: onlineMeetingExtensions_ref.md.
"""

from openucwa.domain import extensions
from openucwa.domain.extensions import Attributes, Extension
from openucwa.domain.versions import first_version
from openucwa.resources.online_meetings.access import BELOW, SHARED, Access, may_change, reach
from openucwa.resources.online_meetings.quota import check_extension
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.extensions import Extensions
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import AlreadyExists, EntityTooLarge, ParameterValidationFailure
from openucwa.wire.given import Given


class ExtensionList(list[Extension]):
    """The extensions of one meeting."""

    def __init__(self, access: Access, members: list[Extension]) -> None:
        super().__init__(members)
        self.access = access
        self.organizer_id = access.organizer_id
        self.organizer = access.organizer
        self.online_meeting_id = access.online_meeting_id


online_meeting_extensions = Resource[ExtensionList](
    rel="onlineMeetingExtensions",
    path=f"{BELOW}/extensions",
    shared_path=f"{SHARED}/extensions",
    is_long=True,
)
online_meeting_extensions.embed("onlineMeetingExtension")


@online_meeting_extensions.find
def find(
    tx: Transaction, me: Me, online_meeting_id: str, organizer: str = ""
) -> ExtensionList | None:
    """The extensions of a meeting that the user organizes, or that is shared with her."""
    access = reach(tx, me, online_meeting_id, organizer)
    if access is None:
        return None
    return ExtensionList(
        access, tx.of(Extensions).of(access.organizer_id, access.online_meeting_id)
    )


def may_add(me: Me, found: ExtensionList) -> bool:
    """There for those who may change the meeting."""
    return may_change(me, found.access)


@online_meeting_extensions.post(
    Attributes,
    answers="onlineMeetingExtension",
    errors=(AlreadyExists, EntityTooLarge, ParameterValidationFailure),
    role=may_add,
)
def add(tx: Transaction, me: Me, found: ExtensionList, given: Given[Attributes]) -> Extension:
    """Keep something with the meeting, under the id that is given or a new one.

    Raises ParameterValidationFailure, AlreadyExists for an id that is taken, and EntityTooLarge
    beyond the limit of its meeting or user.
    """
    wanted = given.over(Attributes())
    extension = Extension(
        organizer_id=found.organizer_id,
        organizer=found.organizer,
        online_meeting_id=found.online_meeting_id,
        id=extensions.validated_id(wanted.id),
        type=wanted.type,
        version=first_version(),
        members=extensions.validated(given.others),
    )
    if any(one.id == extension.id for one in found):
        raise AlreadyExists(
            f"The meeting already has an extension {extension.id!r}. Change it with PUT, or use "
            "another id."
        )
    limit = me.deployment.limits.extensions_per_meeting
    if len(found) >= limit:
        raise ParameterValidationFailure(
            {"id": f"exceeds the limit: a meeting has at most {limit} extensions"}
        )
    check_extension(tx, me, extension)
    tx.of(Extensions).add(extension)
    return extension
