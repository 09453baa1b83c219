"""onlineMeetingEligibleValues: the values that policy lets an organizer choose from.

Source: onlineMeetingEligibleValues_ref.md.
"""

import msgspec

from openucwa.resources.dashboard import dashboard
from openucwa.resources.online_meetings.standing import standing_meeting
from openucwa.resources.viewer import Me
from openucwa.wire.channel import EventType
from openucwa.wire.enums import (
    AccessLevel,
    AutomaticLeaderAssignment,
    EntryExitAnnouncement,
    LobbyBypassForPhoneUsers,
    OnlineMeetingRel,
)


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    access_levels: tuple[AccessLevel, ...]
    automatic_leader_assignments: tuple[AutomaticLeaderAssignment, ...]
    eligible_online_meeting_rels: tuple[OnlineMeetingRel, ...]
    entry_exit_announcements: tuple[EntryExitAnnouncement, ...]
    lobby_bypass_for_phone_users_settings: tuple[LobbyBypassForPhoneUsers, ...]


def properties(me: Me, _: Me) -> Properties:
    policy = me.policy
    return Properties(
        access_levels=policy.access_levels,
        automatic_leader_assignments=policy.automatic_leader_assignments,
        eligible_online_meeting_rels=policy.online_meeting_rels,
        entry_exit_announcements=policy.entry_exit_announcements,
        lobby_bypass_for_phone_users_settings=policy.lobby_bypass_for_phone_users,
    )


online_meeting_eligible_values = dashboard(
    "onlineMeetingEligibleValues",
    "applications/{application_id}/onlineMeetings/eligibleValues",
    properties,
)
online_meeting_eligible_values.sends(
    EventType.UPDATED, sender="onlineMeetings", embedded=True, extension=True
)
online_meeting_eligible_values.link("myAssignedOnlineMeeting", standing_meeting)
online_meeting_eligible_values.link("myOnlineMeetings")
