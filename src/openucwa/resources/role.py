"""The role of a viewer in a meeting of somebody else."""

from openucwa.resources.viewer import Me
from openucwa.store.tables.shared_meetings import Shared, SharedEntry
from openucwa.wire.enums import MeetingRole


def role_of(me: Me, shared: Shared | SharedEntry) -> MeetingRole | None:
    """Return the role that a share or a delegation gives; the organizer's policy may forbid one."""
    policy = me.deployment.policy(shared.owner.policy)
    if shared.is_delegate and policy.delegates_change_meetings:
        return MeetingRole.DELEGATE
    return shared.role
