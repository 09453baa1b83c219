"""conversations: the conversations that the application is in.

Source: conversations_ref.md.
"""

from openucwa.domain.conversations import View
from openucwa.resources.dashboard import dashboard
from openucwa.resources.resource import Audience
from openucwa.resources.viewer import Me
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction

conversations = dashboard(
    "conversations",
    "applications/{application_id}/communication/conversations",
    audience=Audience.EVERYBODY,
)


def active(tx: Transaction, me: Me, _: Me) -> list[View]:
    """Those that have not ended."""
    return tx.of(Views).of_application(me.user.id, me.application.id)


conversations.link("conversation", active)
