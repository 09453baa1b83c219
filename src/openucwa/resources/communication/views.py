"""Views: conversations as a viewer's application sees them, and rules about them."""

import msgspec

from openucwa.domain.conversations import View
from openucwa.resources.viewer import Me
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import ConversationState

PATH = "applications/{application_id}/communication/conversations/{conversation_id}"


def find_view(tx: Transaction, me: Me, conversation_id: str) -> View | None:
    """Find a conversation that the application is in, or was in until some minutes ago.

    This is the one check of who sees a conversation: None for what is not there and for what the
    application is not in alike.
    """
    return tx.of(Views).get(conversation_id.lower(), me.application)


def find_inside(tx: Transaction, me: Me, conversation_id: str) -> View | None:
    """Find a conversation in which the viewer sees the others: she waits for nobody."""
    view = find_view(tx, me, conversation_id)
    return view if view and view.is_inside else None


def find_meeting(tx: Transaction, me: Me, conversation_id: str) -> View | None:
    """Find a meeting that the viewer is in."""
    view = find_view(tx, me, conversation_id)
    return view if view and view.is_in_meeting else None


def find_led(tx: Transaction, me: Me, conversation_id: str) -> View | None:
    """Find a meeting that the viewer leads."""
    view = find_view(tx, me, conversation_id)
    return view if view and view.leads else None


def current(tx: Transaction, me: Me, view: View) -> View:
    """Return a view as it is now, with nobody changing the conversation meanwhile.

    One that the server has forgotten has ended.
    """
    tx.of(Conversations).turn(view.conversation)
    found = tx.of(Views).get(view.conversation_id, me.application)
    return found or msgspec.structs.replace(
        view, state=ConversationState.DISCONNECTED, ended_at=view.ended_at or tx.now
    )


def is_inside(me: Me, view: View) -> bool:
    """There while the viewer takes part."""
    return view.is_inside


def is_in_meeting(me: Me, view: View) -> bool:
    """There in a meeting, while the viewer takes part."""
    return view.is_in_meeting


def leads(me: Me, view: View) -> bool:
    """There for leaders of a meeting."""
    return view.leads
