"""communication: the dashboard of conversations. Its links come with what they lead to.

Source: communication_ref.md.
"""

from openucwa.resources.dashboard import dashboard
from openucwa.resources.resource import Audience

communication = dashboard(
    "communication",
    "applications/{application_id}/communication",
    audience=Audience.EVERYBODY,
)
