"""onlineMeetings: the dashboard for scheduling meetings.

Source: onlineMeetings_ref.md, OnlineMeetingsDashboard.md.
"""

from openucwa.domain.meetings import Meeting
from openucwa.resources.dashboard import dashboard
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction

online_meetings = dashboard("onlineMeetings", "applications/{application_id}/onlineMeetings")


def assigned(tx: Transaction, me: Me, _: Me) -> Meeting | None:
    """The user's standing meeting, where policy gives her one."""
    return tx.meetings.assigned(me.user.id) if me.policy.assigned_meeting else None


def reachable_by_phone(tx: Transaction, me: Me, _: Me) -> Me | None:
    """The way to the dial-in numbers, where there are any."""
    return me if me.policy.dial_in.regions else None


online_meetings.link("myOnlineMeetings")
online_meetings.link("onlineMeetingDefaultValues")
online_meetings.link("onlineMeetingEligibleValues")
online_meetings.link("onlineMeetingInvitationCustomization")
online_meetings.link("onlineMeetingPolicies")
online_meetings.link("phoneDialInInformation", reachable_by_phone)
online_meetings.link("myAssignedOnlineMeeting", assigned)
