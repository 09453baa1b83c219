"""onlineMeetingPolicies: what policy allows in the user's meetings.

Source: onlineMeetingPolicies_ref.md.
"""

import msgspec

from openucwa.resources.dashboard import dashboard
from openucwa.resources.viewer import Me
from openucwa.wire.enums import GenericPolicy


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    entry_exit_announcement: GenericPolicy
    """Allow announcing callers."""
    external_user_meeting_recording: GenericPolicy
    """Allow recording by people of other organizations."""
    meeting_recording: GenericPolicy
    """Allow recording."""
    meeting_size: int
    """The highest number of participants."""
    phone_user_admission: GenericPolicy
    """Allow admitting callers."""
    voip_audio: GenericPolicy
    """Allow audio over the network."""


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
