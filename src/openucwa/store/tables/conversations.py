"""The table of conversations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from openucwa.domain.conversations import KEPT, Conversation
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import Priority, of_attendees, of_conversation
from openucwa.domain.meetings import Details
from openucwa.store.connection import Turn
from openucwa.store.table import Rows, Table
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import AudienceMessaging, Importance, OnlineMeetingRel

_NAMES = (
    *("conversation_id", "organizer_id", "online_meeting_id", "subject", "importance"),
    *("thread_id", "created_at", "ended_at", "audience_messaging"),
)
COLUMNS = ", ".join(f"c.{name}" for name in _NAMES) + ", c.details IS NOT NULL"
"""SQL for what `conversation_of` takes."""
WIDTH = len(_NAMES) + 1
_SELECT = f"SELECT {COLUMNS} FROM conversations c"
_SCHEDULED = (
    "SELECT v.details, m.conference_id, m.rel FROM meetings m JOIN meeting_versions v"
    " ON v.organizer_id = m.organizer_id AND v.online_meeting_id = m.online_meeting_id"
    " AND v.ordinal = m.ordinal"
    " WHERE m.organizer_id = :organizer_id AND m.online_meeting_id = :online_meeting_id"
)
_SWEPT_AT_ONCE = 200
_PARTS = ("participants", "views", "invitations", "messages", "typists", "conversations")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Details).decode


class LiveMeeting(msgspec.Struct, kw_only=True, frozen=True):
    """The settings of a meeting that runs, and the number for callers."""

    details: Details
    conference_id: str
    rel: OnlineMeetingRel


class Conversations(Table):
    rows = (Rows(name="conversations", owner="organizer_id"),)

    def turn_of(self, organizer_id: int, online_meeting_id: str) -> None:
        """Let nobody else join or leave a meeting, or change it, meanwhile."""
        self._connection.alone(_turn_of_meeting(organizer_id, online_meeting_id))

    def turn(self, *conversations: Conversation) -> None:
        """Let nobody else come or go meanwhile."""
        self._connection.alone(*{_turn_of(one) for one in conversations})

    def get(self, conversation_id: str) -> Conversation | None:
        """Return a conversation, which may have ended."""
        row = self._connection.execute(
            f"{_SELECT} WHERE c.conversation_id = :id", {"id": conversation_id}
        ).fetchone()
        return conversation_of(*row) if row else None

    def running(self, organizer_id: int, online_meeting_id: str) -> Conversation | None:
        """Return the conversation of a meeting while it runs."""
        row = self._connection.execute(
            f"{_SELECT} WHERE c.organizer_id = :organizer_id"
            " AND c.online_meeting_id = :online_meeting_id AND c.ended_at IS NULL",
            {"organizer_id": organizer_id, "online_meeting_id": online_meeting_id},
        ).fetchone()
        return conversation_of(*row) if row else None

    def of_organizer(self, organizer_id: int) -> list[Conversation]:
        """Return the meetings of an organizer that run."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE c.organizer_id = :organizer_id AND c.ended_at IS NULL",
            {"organizer_id": organizer_id},
        ).fetchall()
        return [conversation_of(*row) for row in rows]

    def add(
        self,
        conversation: Conversation,
        *,
        details: Details | None = None,
        conference_id: str | None = None,
    ) -> None:
        """Start a conversation, with the settings of a meeting that nobody has scheduled."""
        self._connection.execute(
            "INSERT INTO conversations (conversation_id, organizer_id, online_meeting_id, subject,"
            " importance, thread_id, created_at, audience_messaging, details, conference_id)"
            " VALUES (:conversation_id, :organizer_id, :online_meeting_id, :subject, :importance,"
            " :thread_id, :created_at, :audience_messaging, :details, :conference_id)",
            {
                **_row(conversation),
                "details": details and _encode(details).decode(),
                "conference_id": conference_id,
            },
        )

    def escalate(self, conversation: Conversation, *, details: Details, conference_id: str) -> None:
        """Let a talk of two be a meeting that nobody has scheduled.

        What the two have said is not for those who come.
        """
        self._connection.execute(
            "UPDATE conversations SET organizer_id = :organizer_id,"
            " online_meeting_id = :online_meeting_id, details = :details,"
            " conference_id = :conference_id, first_message = last_message + 1"
            " WHERE conversation_id = :conversation_id",
            {
                **_row(conversation),
                "details": _encode(details).decode(),
                "conference_id": conference_id,
            },
        )

    def meeting(self, conversation: Conversation) -> LiveMeeting | None:
        """Return the settings of its meeting as they are now; None of a talk of two.

        None, too, of a meeting that was cancelled this very moment.
        """
        if conversation.organizer_id is None or conversation.online_meeting_id is None:
            return None
        if conversation.is_ad_hoc:
            details, conference_id = self._connection.execute(
                "SELECT details, conference_id FROM conversations WHERE conversation_id = :id",
                {"id": conversation.conversation_id},
            ).fetchone()
            return LiveMeeting(
                details=_decode(details),
                conference_id=conference_id,
                rel=OnlineMeetingRel.MY_ONLINE_MEETINGS,
            )
        row = self._connection.execute(
            _SCHEDULED,
            {
                "organizer_id": conversation.organizer_id,
                "online_meeting_id": conversation.online_meeting_id,
            },
        ).fetchone()
        if row is None:
            return None
        text, conference_id, rel = row
        return LiveMeeting(
            details=_decode(text), conference_id=conference_id, rel=OnlineMeetingRel(rel)
        )

    def change(self, conversation: Conversation) -> None:
        """Keep its subject, and whether attendees may send messages; and tell all inside."""
        self._connection.execute(
            "UPDATE conversations SET subject = :subject,"
            " audience_messaging = :audience_messaging WHERE conversation_id = :conversation_id",
            _row(conversation),
        )
        self.tell_updated(conversation)

    def tell_updated(self, conversation: Conversation, priority: Priority | None = None) -> None:
        """Tell all inside that it has changed for everybody."""
        self._tx.facts.append(
            of_conversation(conversation.conversation_id),
            EventType.UPDATED,
            "conversation",
            priority=priority,
            conversation_id=conversation.conversation_id,
        )

    def tell_attendees(self, conversation: Conversation, kind: str) -> None:
        """Tell those who do not lead that something is shown to them otherwise."""
        self._tx.facts.append(
            of_attendees(conversation.conversation_id),
            EventType.UPDATED,
            kind,
            conversation_id=conversation.conversation_id,
        )

    def end(self, conversation: Conversation) -> None:
        """Let a conversation be over. Nobody is in it any more."""
        self._connection.execute(
            "UPDATE conversations SET ended_at = :now WHERE conversation_id = :id"
            " AND ended_at IS NULL",
            {"id": conversation.conversation_id, "now": milliseconds(self._now)},
        )

    def disown(self, organizer_id: int) -> None:
        """Let meetings that are over be nobody's. Others are still told that they have ended."""
        self._connection.execute(
            "UPDATE conversations SET organizer_id = NULL WHERE organizer_id = :id"
            " AND ended_at IS NOT NULL",
            {"id": organizer_id},
        )

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"conversations_removed": self.sweep(self._now - 2 * KEPT)}

    def sweep(self, ended_before: datetime) -> int:
        """Forget conversations that ended before then, with the people in them, some at a time."""
        rows = self._connection.execute(
            "SELECT conversation_id FROM conversations WHERE ended_at < :before LIMIT :most",
            {"before": milliseconds(ended_before), "most": _SWEPT_AT_ONCE},
        ).fetchall()
        for (id,) in rows:
            for table in _PARTS:
                self._connection.execute(
                    f"DELETE FROM {table} WHERE conversation_id = :id", {"id": id}
                )
        return len(rows)


def _turn_of_meeting(organizer_id: int, online_meeting_id: str) -> Turn:
    return Turn("meeting", f"{organizer_id}/{online_meeting_id}")


def _turn_of(one: Conversation) -> Turn:
    if one.organizer_id is not None and one.online_meeting_id is not None:
        return _turn_of_meeting(one.organizer_id, one.online_meeting_id)
    return Turn("conversation", one.conversation_id)


def _row(conversation: Conversation) -> dict[str, object]:
    return {
        "conversation_id": conversation.conversation_id,
        "organizer_id": conversation.organizer_id,
        "online_meeting_id": conversation.online_meeting_id,
        "subject": conversation.subject,
        "importance": conversation.importance.value,
        "thread_id": conversation.thread_id,
        "created_at": milliseconds(conversation.created_at),
        "audience_messaging": conversation.audience_messaging.value,
    }


def conversation_of(*row: Any) -> Conversation:
    """The conversation of a row."""
    id, organizer_id, meeting, subject, importance, thread, created, ended, audience, ad_hoc = row
    return Conversation(
        conversation_id=id,
        organizer_id=organizer_id,
        online_meeting_id=meeting,
        subject=subject,
        importance=Importance(importance),
        thread_id=thread,
        created_at=from_milliseconds(created),
        ended_at=None if ended is None else from_milliseconds(ended),
        audience_messaging=AudienceMessaging(audience),
        is_ad_hoc=bool(ad_hoc),
    )
