"""Invitations as they are made: one of who calls or joins, and those that ring at the other end."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.conversations import (
    Conversation,
    Invitation,
    InvitationDetails,
    new_invitation_id,
)
from openucwa.domain.people import User
from openucwa.resources.viewer import Me
from openucwa.wire.enums import Direction


def outgoing(
    me: Me,
    kind: str,
    conversation: Conversation,
    operation_id: str,
    *,
    due_at: datetime | None = None,
    **details: Any,
) -> Invitation:
    """Return an invitation of the viewer's application, with `details` of InvitationDetails."""
    return Invitation(
        invitation_id=new_invitation_id(),
        kind=kind,
        user_id=me.user.id,
        application_id=me.application.id,
        conversation_id=conversation.conversation_id,
        direction=Direction.OUTGOING,
        operation_id=operation_id,
        due_at=due_at,
        details=InvitationDetails(
            subject=conversation.subject,
            importance=conversation.importance,
            thread_id=conversation.thread_id,
            **details,
        ),
    )


def ringing(
    call: Invitation, callee: User, applications: Iterable[Application]
) -> list[Invitation]:
    """Return what rings for an invitation, at each application of whoever is called."""
    return [
        msgspec.structs.replace(
            call,
            invitation_id=new_invitation_id(),
            user_id=callee.id,
            application_id=one.id,
            direction=Direction.INCOMING,
            operation_id="",
        )
        for one in applications
    ]
