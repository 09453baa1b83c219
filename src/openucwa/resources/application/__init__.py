"""Applications: where a signed-in client starts."""

from openucwa.resources.application import (
    anon_applications,
    application,
    applications,
    batch,
    events,
)

RESOURCES = (
    applications.applications,
    anon_applications.anon_applications,
    application.application,
    events.events,
    batch.batch,
)
