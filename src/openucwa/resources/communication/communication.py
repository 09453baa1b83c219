"""communication: the dashboard of conversations. Its links come with what they lead to.

Source: communication_ref.md.
"""

from openucwa.resources.dashboard import dashboard

communication = dashboard("communication", "applications/{application_id}/communication")
