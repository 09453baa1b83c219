"""anonApplications: registers the application of a guest of a meeting.

Source: anonApplications_ref.md.
"""

from uuid import uuid4

import msgspec

from openucwa.domain.applications import Application, Registration, Text
from openucwa.resources.application.registering import register, start
from openucwa.resources.dashboard import dashboard
from openucwa.resources.resource import Audience
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import TooManyApplications
from openucwa.wire.given import Given


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    """A guest's client describes itself. It has no endpoint to come back from."""

    user_agent: Text
    culture: Text


anon_applications = dashboard(
    "anonApplications", "anonApplications", audience=Audience.GUESTS, readable=False
)


@anon_applications.post(Input, answers="application", errors=(TooManyApplications,), complete=True)
def create(tx: Transaction, me: Me, _: Me, given: Given[Input]) -> Application:
    """Register an application. Raises TooManyApplications beyond the guest's limit."""
    wanted = given.complete()
    application = register(
        tx,
        me,
        Registration(
            user_agent=wanted.user_agent, culture=wanted.culture, endpoint_id=str(uuid4())
        ),
    )
    start(tx, me, application)
    return application
