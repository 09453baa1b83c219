"""onlineMeetings: the dashboard for scheduling meetings.

Source: onlineMeetings_ref.md, OnlineMeetingsDashboard.md.
"""

from openucwa.resources.dashboard import dashboard
from openucwa.resources.online_meetings.standing import standing_meeting
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction

online_meetings = dashboard("onlineMeetings", "applications/{application_id}/onlineMeetings")


def reachable_by_phone(tx: Transaction, me: Me, _: Me) -> Me | None:
    """The way to the dial-in numbers, where there are any."""
    return me if me.policy.dial_in.regions else None


online_meetings.link("myOnlineMeetings")
online_meetings.link("onlineMeetingDefaultValues")
online_meetings.link("onlineMeetingEligibleValues")
online_meetings.link("onlineMeetingInvitationCustomization")
online_meetings.link("onlineMeetingPolicies")
online_meetings.link("phoneDialInInformation", reachable_by_phone)
online_meetings.link("myAssignedOnlineMeeting", standing_meeting)
