"""onlineMeetingExtensions: what applications keep with a meeting.

Source: onlineMeetingExtensions_ref.md.
"""

from openucwa.domain import extensions
from openucwa.domain.extensions import Attributes, Extension
from openucwa.domain.meetings import Meeting
from openucwa.domain.versions import first_version
from openucwa.resources.online_meetings.quota import check_extension
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.extensions import Extensions
from openucwa.store.tables.meetings import Meetings
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import AlreadyExists, EntityTooLarge, ParameterValidationFailure
from openucwa.wire.given import Given


class ExtensionList(list[Extension]):
    """The extensions of one meeting."""

    def __init__(self, meeting: Meeting, members: list[Extension]) -> None:
        super().__init__(members)
        self.organizer_id = meeting.organizer_id
        self.online_meeting_id = meeting.online_meeting_id


online_meeting_extensions = Resource[ExtensionList](
    rel="onlineMeetingExtensions",
    path="applications/{application_id}/onlineMeetings/myOnlineMeetings/{online_meeting_id}"
    "/extensions",
    is_long=True,
)
online_meeting_extensions.embed("onlineMeetingExtension")


@online_meeting_extensions.find
def find(tx: Transaction, me: Me, online_meeting_id: str) -> ExtensionList | None:
    """The extensions of a meeting that the user organizes."""
    meeting = tx.of(Meetings).get(me.user.id, online_meeting_id.upper())
    if meeting is None:
        return None
    return ExtensionList(
        meeting, tx.of(Extensions).of(meeting.organizer_id, meeting.online_meeting_id)
    )


@online_meeting_extensions.post(
    Attributes,
    answers="onlineMeetingExtension",
    errors=(AlreadyExists, EntityTooLarge, ParameterValidationFailure),
)
def add(tx: Transaction, me: Me, found: ExtensionList, given: Given[Attributes]) -> Extension:
    """Keep something with the meeting, under the id that is given or a new one.

    Raises ParameterValidationFailure, AlreadyExists for an id that is taken, and EntityTooLarge
    beyond the limit of its meeting or user.
    """
    wanted = given.over(Attributes())
    extension = Extension(
        organizer_id=found.organizer_id,
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
