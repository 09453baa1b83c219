"""Scheduling online meetings."""

from openucwa.resources.online_meetings import (
    my_online_meeting,
    my_online_meetings,
    online_meeting_default_values,
    online_meeting_eligible_values,
    online_meeting_extension,
    online_meeting_extensions,
    online_meeting_invitation_customization,
    online_meeting_merge,
    online_meeting_policies,
    online_meeting_schedule,
    online_meeting_version,
    online_meeting_versions,
    online_meetings,
    phone_dial_in_information,
)

RESOURCES = (
    online_meetings.online_meetings,
    my_online_meetings.my_online_meetings,
    my_online_meeting.my_online_meeting,
    online_meeting_extensions.online_meeting_extensions,
    online_meeting_extension.online_meeting_extension,
    online_meeting_merge.online_meeting_merge,
    online_meeting_schedule.online_meeting_schedule,
    online_meeting_versions.online_meeting_versions,
    online_meeting_version.online_meeting_version,
    online_meeting_default_values.online_meeting_default_values,
    online_meeting_eligible_values.online_meeting_eligible_values,
    online_meeting_policies.online_meeting_policies,
    online_meeting_invitation_customization.online_meeting_invitation_customization,
    phone_dial_in_information.phone_dial_in_information,
    phone_dial_in_information.dial_in_region,
)
