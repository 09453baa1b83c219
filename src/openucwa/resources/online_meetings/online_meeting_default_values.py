"""onlineMeetingDefaultValues: what a meeting is like for which nothing else was asked.

Source: onlineMeetingDefaultValues_ref.md.
"""

import msgspec

from openucwa.resources.dashboard import dashboard
from openucwa.resources.viewer import Me
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
)


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    access_level: AccessLevel
    automatic_leader_assignment: AutomaticLeaderAssignment
    default_online_meeting_rel: OnlineMeetingRel
    entry_exit_announcement: EntryExitAnnouncement
    lobby_bypass_for_phone_users: LobbyBypassForPhoneUsers
    participants_warning_threshold: int
    """The number of invitations from which a client should ask for confirmation."""


def properties(me: Me, _: Me) -> Properties:
    policy = me.policy
    return Properties(
        access_level=policy.default_access_level,
        automatic_leader_assignment=policy.default_automatic_leader_assignment,
        default_online_meeting_rel=OnlineMeetingRel.MY_ONLINE_MEETINGS,
        entry_exit_announcement=policy.default_entry_exit_announcement,
        lobby_bypass_for_phone_users=policy.default_lobby_bypass_for_phone_users,
        participants_warning_threshold=policy.participants_warning_threshold,
    )


online_meeting_default_values = dashboard(
    "onlineMeetingDefaultValues",
    "applications/{application_id}/onlineMeetings/defaultValues",
    properties,
)
