"""The table of views: conversations as the applications of those who take part see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from openucwa.domain.admission import Participant
from openucwa.domain.applications import Application
from openucwa.domain.conversations import KEPT, Conversation, View
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import of_application
from openucwa.store.table import Rows, Table
from openucwa.store.tables import conversations, participants
from openucwa.store.tables.channels import HEARD_OF
from openucwa.store.tables.conversations import conversation_of
from openucwa.store.tables.participants import participant_of
from openucwa.wire.channel import EventType, Reason
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import CallState, ConversationState, MessageFormat

_SELECT = (
    f"SELECT {conversations.COLUMNS}, {participants.COLUMNS}, v.application_id, v.state,"
    " v.ended_at, v.messaging, v.formats, (SELECT count(*) FROM participants i"
    " WHERE i.conversation_id = v.conversation_id AND i.place IN ('attendees', 'leaders'))"
    " FROM views v JOIN conversations c ON c.conversation_id = v.conversation_id"
    " JOIN participants p ON p.conversation_id = v.conversation_id AND p.user_id = v.user_id"
)
OWN = "own"
"""The collection of oneself: the participant as localParticipant."""
_OF_USER = "v.conversation_id = :conversation_id AND v.user_id = :user_id"
_SILENT = (
    "SELECT v.user_id, v.application_id FROM views v WHERE v.ended_at IS NULL AND NOT EXISTS ("
    "SELECT 1 FROM applications a JOIN channels h ON h.user_id = a.user_id"
    " AND h.application_id = a.id WHERE a.user_id = v.user_id AND a.id = v.application_id"
    f" AND a.ended_at IS NULL AND ({HEARD_OF} OR v.since > :before)) LIMIT :most"
)
"""Applications that nobody has heard of for too long, or that have ended."""


class Views(Table):
    rows = (Rows(name="views", owner="user_id"),)

    def get(self, conversation_id: str, application: Application) -> View | None:
        """Return a conversation as an application sees it, or has seen it until lately."""
        return self.at(conversation_id, application.user_id, application.id)

    def at(self, conversation_id: str, user_id: int, application_id: int) -> View | None:
        """The same for an application of that id."""
        row = self._connection.execute(
            f"{_SELECT} WHERE {_OF_USER} AND v.application_id = :application_id",
            {
                "conversation_id": conversation_id,
                "user_id": user_id,
                "application_id": application_id,
            },
        ).fetchone()
        return _view(*row) if row else None

    def of_application(self, user_id: int, application_id: int) -> list[View]:
        """Return the conversations that an application is in, oldest first."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE v.user_id = :user_id AND v.application_id = :application_id"
            " AND v.ended_at IS NULL ORDER BY v.since, v.conversation_id",
            {"user_id": user_id, "application_id": application_id},
        ).fetchall()
        return [_view(*row) for row in rows]

    def of_user(self, user_id: int) -> list[View]:
        """Return the conversations that a user is in, once for each application."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE v.user_id = :user_id AND v.ended_at IS NULL"
            " ORDER BY v.since, v.conversation_id, v.application_id",
            {"user_id": user_id},
        ).fetchall()
        return [_view(*row) for row in rows]

    def live(self, conversation_id: str) -> list[View]:
        """Return the views of all applications that are in a conversation, or are invited."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE v.conversation_id = :conversation_id AND v.ended_at IS NULL"
            " ORDER BY v.since, v.application_id",
            {"conversation_id": conversation_id},
        ).fetchall()
        return [_view(*row) for row in rows]

    def of(self, participant: Participant) -> list[View]:
        """Return the views of somebody's applications that are in a conversation."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE {_OF_USER} AND v.ended_at IS NULL ORDER BY v.application_id",
            {
                "conversation_id": participant.conversation_id,
                "user_id": participant.user_id,
            },
        ).fetchall()
        return [_view(*row) for row in rows]

    def add(
        self,
        conversation: Conversation,
        participant: Participant,
        application_id: int,
        state: ConversationState,
    ) -> View:
        """Let an application be in a conversation, which it may have been in before; and tell it.

        The participant is kept already.
        """
        self._connection.execute(
            "INSERT INTO views (user_id, application_id, conversation_id, state, since)"
            " VALUES (:user_id, :application_id, :conversation_id, :state, :now)"
            " ON CONFLICT (user_id, application_id, conversation_id) DO UPDATE SET"
            " state = excluded.state, since = excluded.since, ended_at = NULL,"
            " messaging = 'Disconnected', formats = '', heard_from = NULL, heard_to = NULL",
            {
                "user_id": participant.user_id,
                "application_id": application_id,
                "conversation_id": conversation.conversation_id,
                "state": state.value,
                "now": milliseconds(self._now),
            },
        )
        view = View(
            conversation=conversation, own=participant, application_id=application_id, state=state
        )
        self.tell(view, EventType.ADDED)
        return view

    def keep(self, view: View, state: ConversationState) -> View:
        """Keep the state of a view. It has ended with DISCONNECTED."""
        ended_at = self._now if state is ConversationState.DISCONNECTED else None
        self._connection.execute(
            "UPDATE views SET state = :state, ended_at = :ended_at WHERE user_id = :user_id"
            " AND application_id = :application_id AND conversation_id = :conversation_id",
            {
                "user_id": view.user_id,
                "application_id": view.application_id,
                "conversation_id": view.conversation_id,
                "state": state.value,
                "ended_at": ended_at and milliseconds(ended_at),
            },
        )
        return msgspec.structs.replace(view, state=state, ended_at=ended_at)

    def tell(self, view: View, type: EventType, reason: Reason | None = None) -> None:
        """Tell the application of the conversation itself."""
        self.tell_of(view, type, "conversation", reason=reason)

    def become(self, view: View, state: ConversationState, reason: Reason | None = None) -> None:
        """Keep the state of a view, and tell the application of it."""
        self.keep(view, state)
        self.tell(view, EventType.UPDATED, reason)

    def tell_own(self, view: View, type: EventType) -> None:
        """Tell the application of its own user, as localParticipant."""
        self.tell_of(view, type, "participant", collection=OWN, about=view.own)

    def tell_of(
        self,
        view: View,
        type: EventType,
        kind: str,
        *,
        collection: str = "",
        reason: Reason | None = None,
        about: Participant | None = None,
    ) -> None:
        """Tell the application of something in the conversation, or of somebody."""
        keys = {"address": about.address, "title": about.name} if about else {}
        self._tx.facts.append(
            of_application(view.application_id),
            type,
            kind,
            collection=collection,
            reason=reason,
            conversation_id=view.conversation_id,
            priority=None,
            status=None,
            **keys,
        )

    def silent(self, before: datetime, most: int) -> list[tuple[int, int]]:
        """Return the users and ids of applications in conversations that were silent since then.

        Those that have ended are among them.
        """
        rows = self._connection.execute(
            _SILENT, {"before": milliseconds(before), "most": most}
        ).fetchall()
        return [(user_id, application_id) for user_id, application_id in rows]

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"views_removed": self.sweep(self._now - KEPT)}

    def sweep(self, ended_before: datetime) -> int:
        """Forget the views that ended before then. Returns how many."""
        return self._connection.execute(
            "DELETE FROM views WHERE ended_at < :before", {"before": milliseconds(ended_before)}
        ).rowcount


def _view(*row: Any) -> View:
    middle = conversations.WIDTH + participants.WIDTH
    application_id, state, ended_at, messaging, formats, count = row[middle:]
    return View(
        conversation=conversation_of(*row[: conversations.WIDTH]),
        own=participant_of(*row[conversations.WIDTH : middle]),
        application_id=application_id,
        state=ConversationState(state),
        messaging=CallState(messaging),
        formats=tuple(map(MessageFormat, formats.split(","))) if formats else (),
        count=count,
        ended_at=None if ended_at is None else from_milliseconds(ended_at),
    )
