"""Access: a meeting as a viewer reaches it, her own or one that is shared with her."""

import msgspec

from openucwa.domain.meetings import Meeting
from openucwa.domain.people import User
from openucwa.domain.policies import Policy
from openucwa.resources.role import role_of
from openucwa.resources.viewer import Me
from openucwa.store.connection import turn_of_user
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.shared_meetings import Shared, SharedMeetings
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import MeetingRole
from openucwa.wire.errors import Forbidden

BELOW = "applications/{application_id}/onlineMeetings/myOnlineMeetings/{online_meeting_id}"
"""The path of a meeting, for the organizer."""
SHARED = (
    "applications/{application_id}/onlineMeetings/sharedOnlineMeetings/{organizer}"
    "/{online_meeting_id}"
)
"""The path of a meeting, for those with whom it is shared."""
EDITORS = (MeetingRole.ORGANIZER, MeetingRole.DELEGATE, MeetingRole.EDITOR)
"""The roles of those who may change a meeting."""
MANAGERS = (MeetingRole.ORGANIZER, MeetingRole.DELEGATE)
"""The roles of those who may cancel and share a meeting."""


class Access(msgspec.Struct, kw_only=True, frozen=True):
    """A meeting with its organizer, whose policy and limits decide, and the viewer's role in it."""

    meeting: Meeting
    owner: User
    policy: Policy
    role: MeetingRole

    @property
    def organizer_id(self) -> int:
        return self.meeting.organizer_id

    @property
    def organizer(self) -> str:
        """The organizer's join name, for paths."""
        return self.meeting.organizer

    @property
    def online_meeting_id(self) -> str:
        return self.meeting.online_meeting_id

    @property
    def version(self) -> int:
        return self.meeting.version

    @property
    def is_shared(self) -> bool:
        """True if somebody else organizes it."""
        return self.role is not MeetingRole.ORGANIZER

    @property
    def is_told_by_version(self) -> bool:
        """True if the ETag stands for all that is served: neither a role, nor what is embedded."""
        meeting = self.meeting
        return not (self.is_shared or meeting.has_extensions or meeting.schedule)

    def now(self, meeting: Meeting) -> "Access":
        """The same access to another version of the meeting."""
        return msgspec.structs.replace(self, meeting=meeting)


def own(me: Me, meeting: Meeting) -> Access:
    """Return the organizer's access to a meeting."""
    return Access(meeting=meeting, owner=me.user, policy=me.policy, role=MeetingRole.ORGANIZER)


def others(me: Me, shared: Shared) -> Access | None:
    """Return the access to a meeting of somebody else, None where policy takes it away."""
    role = role_of(me, shared)
    if role is None:
        return None
    policy = me.deployment.policy(shared.owner.policy)
    return Access(meeting=shared.meeting, owner=shared.owner, policy=policy, role=role)


def reach(tx: Transaction, me: Me, online_meeting_id: str, organizer: str = "") -> Access | None:
    """Find a meeting of the viewer, or that of an organizer (a join name) who shares it with her.

    This is the one check of who reaches a meeting: None for what is not there and for what is not
    shared alike.
    """
    id = online_meeting_id.upper()
    if not organizer:
        meeting = tx.of(Meetings).get(me.user.id, id)
        return None if meeting is None else own(me, meeting)
    shared = tx.of(SharedMeetings).get(me.user.id, organizer.lower(), id)
    return None if shared is None else others(me, shared)


def keep_grants(tx: Transaction, organizer_id: int, role: MeetingRole) -> None:
    """Let nobody lose a role in an organizer's meetings while who has it writes.

    What is written to the meeting itself needs no turn: its statement tests the grant.
    """
    if role is not MeetingRole.ORGANIZER:
        tx.connection.alone(turn_of_user(organizer_id))


def may_change(me: Me, found: Access) -> bool:
    """There for the organizer, delegates and editors."""
    return found.role in EDITORS


def check_manages(found: Access) -> None:
    """Raise Forbidden for who may not see with whom a meeting is shared."""
    if found.role not in MANAGERS:
        raise Forbidden(
            "Only the organizer of the meeting and the organizer's delegates see and change with "
            "whom it is shared."
        )


def may_manage(me: Me, found: Access) -> bool:
    """There for the organizer and delegates."""
    return found.role in MANAGERS
