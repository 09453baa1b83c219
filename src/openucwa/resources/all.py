"""The registry of every resource below `applications`."""

from openucwa.resources.application.anon_applications import anon_applications
from openucwa.resources.application.application import application
from openucwa.resources.application.applications import applications
from openucwa.resources.application.batch import batch
from openucwa.resources.application.events import events
from openucwa.resources.communication.communication import communication
from openucwa.resources.me.me import me
from openucwa.resources.me.photo import photo
from openucwa.resources.online_meetings.my_online_meeting import my_online_meeting
from openucwa.resources.online_meetings.my_online_meetings import my_online_meetings
from openucwa.resources.online_meetings.online_meeting_default_values import (
    online_meeting_default_values,
)
from openucwa.resources.online_meetings.online_meeting_eligible_values import (
    online_meeting_eligible_values,
)
from openucwa.resources.online_meetings.online_meeting_extension import online_meeting_extension
from openucwa.resources.online_meetings.online_meeting_extensions import online_meeting_extensions
from openucwa.resources.online_meetings.online_meeting_invitation_customization import (
    online_meeting_invitation_customization,
)
from openucwa.resources.online_meetings.online_meeting_merge import online_meeting_merge
from openucwa.resources.online_meetings.online_meeting_policies import online_meeting_policies
from openucwa.resources.online_meetings.online_meeting_version import online_meeting_version
from openucwa.resources.online_meetings.online_meeting_versions import online_meeting_versions
from openucwa.resources.online_meetings.online_meetings import online_meetings
from openucwa.resources.online_meetings.phone_dial_in_information import (
    dial_in_region,
    phone_dial_in_information,
)
from openucwa.resources.people.people import people
from openucwa.resources.registry import Registry
from openucwa.resources.sessions.session import session
from openucwa.resources.sessions.sessions import sessions

REGISTRY = Registry(
    (
        applications,
        anon_applications,
        sessions,
        session,
        application,
        events,
        batch,
        me,
        photo,
        people,
        communication,
        online_meetings,
        my_online_meetings,
        my_online_meeting,
        online_meeting_extensions,
        online_meeting_extension,
        online_meeting_merge,
        online_meeting_versions,
        online_meeting_version,
        online_meeting_default_values,
        online_meeting_eligible_values,
        online_meeting_policies,
        online_meeting_invitation_customization,
        phone_dial_in_information,
        dial_in_region,
    )
)
