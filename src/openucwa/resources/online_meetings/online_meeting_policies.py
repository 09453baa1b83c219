"""onlineMeetingPolicies: what policy allows in the user's meetings.

Source: onlineMeetingPolicies_ref.md.
"""

import msgspec

from openucwa.resources.dashboard import dashboard
from openucwa.resources.viewer import Me
from openucwa.wire.enums import GenericPolicy


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    entry_exit_announcement: GenericPolicy
    """Whether callers may be announced."""
    external_user_meeting_recording: GenericPolicy
    """Whether people of elsewhere may record."""
    meeting_recording: GenericPolicy
    """Whether meetings may be recorded."""
    meeting_size: int
    """How many people may take part."""
    phone_user_admission: GenericPolicy
    """Whether meetings may admit callers."""
    voip_audio: GenericPolicy
    """Whether meetings may have audio."""


def properties(me: Me, _: Me) -> Properties:
    policy = me.policy
    return Properties(
        entry_exit_announcement=policy.entry_exit_announcement,
        external_user_meeting_recording=policy.external_user_meeting_recording,
        meeting_recording=policy.meeting_recording,
        meeting_size=policy.meeting_size,
        phone_user_admission=policy.phone_user_admission,
        voip_audio=policy.voip_audio,
    )


online_meeting_policies = dashboard(
    "onlineMeetingPolicies",
    "applications/{application_id}/onlineMeetings/policies",
    properties,
)
