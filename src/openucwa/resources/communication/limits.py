"""Limits: how many conversations an application is in, and how often somebody comes into one."""

import math

from openucwa.domain.conversations import ENTRIES, View
from openucwa.resources.viewer import Me
from openucwa.store.tables.throttle import Throttle
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import ConversationState
from openucwa.wire.errors import TooManyConversations, TooManyRequests

MOST_CALLING = 10
"""Calls of one application that nobody has answered yet."""


def check_entries(tx: Transaction, me: Me) -> None:
    """Count that the viewer comes into a conversation, or calls somebody into one.

    Raises TooManyRequests where she does so too often: others are told each time.
    """
    key = f"entries/{me.user.id}"
    if tx.of(Throttle).add(key, ENTRIES):
        return
    wait = max(1, math.ceil(tx.of(Throttle).wait(key, ENTRIES).total_seconds()))
    raise TooManyRequests(
        "You have joined meetings, or called people, too often lately. Wait a moment.",
        headers={"Retry-After": str(wait)},
    )


def check_room(tx: Transaction, me: Me) -> list[View]:
    """Return the conversations of the application. Raises TooManyConversations."""
    views = tx.of(Views).of_application(me.user.id, me.application.id)
    limit = me.deployment.limits.conversations_per_application
    if len(views) >= limit:
        raise TooManyConversations(
            f"This application is in {limit} conversations, which is the limit. Leave one first."
        )
    if sum(one.state is ConversationState.CONNECTING for one in views) >= MOST_CALLING:
        raise TooManyConversations(
            f"This application calls {MOST_CALLING} people, which is the limit. Wait for answers."
        )
    return views
