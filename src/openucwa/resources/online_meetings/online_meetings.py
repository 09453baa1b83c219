"""onlineMeetings: the dashboard for scheduling meetings.

Source: onlineMeetings_ref.md, OnlineMeetingsDashboard.md.
"""

import msgspec

from openucwa.resources.dashboard import dashboard
from openucwa.resources.online_meetings.standing import standing_meeting
from openucwa.resources.viewer import Me
from openucwa.wire.channel import EventType


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    accepts_idempotency_key: bool = True
    """True if scheduling can be repeated with an `Idempotency-Key` (an extension)."""


def properties(me: Me, _: Me) -> Properties:
    return Properties()


online_meetings = dashboard(
    "onlineMeetings", "applications/{application_id}/onlineMeetings", properties
)
online_meetings.sends(EventType.UPDATED, sender="onlineMeetings", embedded=True, extension=True)
online_meetings.link("myOnlineMeetings")
online_meetings.link("sharedOnlineMeetings")
online_meetings.link("onlineMeetingDefaultValues")
online_meetings.link("onlineMeetingEligibleValues")
online_meetings.link("onlineMeetingInvitationCustomization")
online_meetings.link("onlineMeetingPolicies")
online_meetings.link("phoneDialInInformation")
online_meetings.link("myAssignedOnlineMeeting", standing_meeting)
