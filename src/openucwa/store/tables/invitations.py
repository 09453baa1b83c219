"""The table of invitations."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.conversations import KEPT, Invitation, InvitationDetails, View
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import of_application
from openucwa.store.table import Rows, Table
from openucwa.wire.channel import EventType, Reason, Status
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import Direction, InvitationState

_SELECT = (
    "SELECT invitation_id, kind, user_id, application_id, conversation_id, direction, state,"
    " operation_id, details, due_at, completed_at FROM invitations"
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(InvitationDetails).decode


class Invitations(Table):
    rows = (Rows(name="invitations", owner="user_id"),)

    def get(self, invitation_id: str, application: Application) -> Invitation | None:
        """Return an invitation of an application, for as long as it is kept."""
        row = self._connection.execute(
            f"{_SELECT} WHERE invitation_id = :invitation_id AND user_id = :user_id"
            " AND application_id = :application_id",
            {
                "invitation_id": invitation_id,
                "user_id": application.user_id,
                "application_id": application.id,
            },
        ).fetchone()
        return _invitation(*row) if row else None

    def pending(self, conversation_id: str, user_id: int | None = None) -> list[Invitation]:
        """Return the invitations, of a user, to a conversation that are not answered yet."""
        of_user = "" if user_id is None else " AND user_id = :user_id"
        rows = self._connection.execute(
            f"{_SELECT} WHERE conversation_id = :conversation_id{of_user}"
            " AND completed_at IS NULL ORDER BY invitation_id",
            {"conversation_id": conversation_id, "user_id": user_id},
        ).fetchall()
        return [_invitation(*row) for row in rows]

    def senders(self, view: View) -> set[str | None]:
        """Return the addresses of those who have invited an application to a conversation."""
        rows = self._connection.execute(
            "SELECT details FROM invitations WHERE conversation_id = :conversation_id"
            " AND user_id = :user_id AND application_id = :application_id",
            {
                "conversation_id": view.conversation_id,
                "user_id": view.user_id,
                "application_id": view.application_id,
            },
        ).fetchall()
        return {_decode(details).sender for (details,) in rows}

    def due(self, most: int) -> list[Invitation]:
        """Return invitations that nobody has answered in time."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE completed_at IS NULL AND due_at <= :now ORDER BY due_at LIMIT :most",
            {"now": milliseconds(self._now), "most": most},
        ).fetchall()
        return [_invitation(*row) for row in rows]

    def is_pending(self, found: Invitation) -> bool:
        """Return True if an invitation has not been answered yet."""
        row = self._connection.execute(
            "SELECT 1 FROM invitations WHERE invitation_id = :id AND completed_at IS NULL",
            {"id": found.invitation_id},
        ).fetchone()
        return row is not None

    def add(self, invitation: Invitation) -> None:
        """Start an invitation, and tell its application."""
        self._connection.execute(
            "INSERT INTO invitations (invitation_id, kind, user_id, application_id,"
            " conversation_id, direction, state, operation_id, details, due_at)"
            " VALUES (:invitation_id, :kind, :user_id, :application_id, :conversation_id,"
            " :direction, :state, :operation_id, :details, :due_at)",
            {
                "invitation_id": invitation.invitation_id,
                "kind": invitation.kind,
                "user_id": invitation.user_id,
                "application_id": invitation.application_id,
                "conversation_id": invitation.conversation_id,
                "direction": invitation.direction.value,
                "state": invitation.state.value,
                "operation_id": invitation.operation_id,
                "details": _encode(invitation.details).decode(),
                "due_at": invitation.due_at and milliseconds(invitation.due_at),
            },
        )
        self._tell(EventType.STARTED, invitation)

    def complete(
        self, found: Invitation, state: InvitationState, reason: Reason | None = None
    ) -> bool:
        """Let an invitation end in a state, and tell its application.

        False if it has ended already, in whatever state: the first answer counts.
        """
        ended = self._connection.execute(
            "UPDATE invitations SET state = :state, completed_at = :now"
            " WHERE invitation_id = :invitation_id AND completed_at IS NULL",
            {
                "invitation_id": found.invitation_id,
                "state": state.value,
                "now": milliseconds(self._now),
            },
        )
        if ended.rowcount != 1:
            return False
        is_success = state is InvitationState.CONNECTED
        self._tell(
            EventType.COMPLETED,
            found,
            Status.SUCCESS if is_success else Status.FAILURE,
            reason,
        )
        return True

    def tell_updated(self, invitation: Invitation) -> None:
        """Tell its application that an invitation is shown otherwise."""
        self._tell(EventType.UPDATED, invitation)

    def _tell(
        self,
        type: EventType,
        invitation: Invitation,
        status: Status | None = None,
        reason: Reason | None = None,
    ) -> None:
        self._tx.facts.append(
            of_application(invitation.application_id),
            type,
            invitation.kind,
            status=status,
            reason=reason,
            invitation_id=invitation.invitation_id,
        )

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"invitations_removed": self.sweep(self._now - KEPT)}

    def sweep(self, completed_before: datetime) -> int:
        """Forget the invitations that were completed before then. Returns how many."""
        return self._connection.execute(
            "DELETE FROM invitations WHERE completed_at < :before",
            {"before": milliseconds(completed_before)},
        ).rowcount


def _invitation(
    invitation_id: str,
    kind: str,
    user_id: int,
    application_id: int,
    conversation_id: str,
    direction: str,
    state: str,
    operation_id: str,
    details: str,
    due_at: int | None,
    completed_at: int | None,
) -> Invitation:
    return Invitation(
        invitation_id=invitation_id,
        kind=kind,
        user_id=user_id,
        application_id=application_id,
        conversation_id=conversation_id,
        direction=Direction(direction),
        state=InvitationState(state),
        operation_id=operation_id,
        details=_decode(details),
        due_at=None if due_at is None else from_milliseconds(due_at),
        completed_at=None if completed_at is None else from_milliseconds(completed_at),
    )
