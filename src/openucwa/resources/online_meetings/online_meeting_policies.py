"""onlineMeetingPolicies: what policy allows in the user's meetings.

Source: onlineMeetingPolicies_ref.md.
"""

import msgspec

from openucwa.resources.dashboard import dashboard
from openucwa.resources.viewer import Me
from openucwa.wire.enums import GenericPolicy


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    entry_exit_announcement: GenericPolicy
    external_user_meeting_recording: GenericPolicy
    meeting_recording: GenericPolicy
    meeting_size: int
    phone_user_admission: GenericPolicy
    voip_audio: GenericPolicy


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
