"""The table of messages."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.messages import (
    FLOOD,
    MOST_OF_ALL,
    MOST_OF_ONE,
    MOST_RECENT,
    REACHED_WITHIN,
    RECENT,
    Content,
    Heard,
    Message,
    Speaker,
)
from openucwa.store.table import Rows, Table
from openucwa.store.tables.channels import HEARD_OF
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import MessageFormat
from openucwa.wire.errors import TooManyRequests

_NAMES = (
    *("conversation_id", "number", "address", "user_id", "application_id", "sent_at"),
    *("operation_id", "plain", "html", "failed"),
)
_COLUMNS = ", ".join(f"m.{name}" for name in _NAMES)
_HEARD = (
    f"SELECT {_COLUMNS}, v.formats, c.online_meeting_id IS NOT NULL, p.name FROM messages m"
    " JOIN views v ON v.conversation_id = m.conversation_id"
    " JOIN conversations c ON c.conversation_id = m.conversation_id"
    " LEFT JOIN participants p ON p.conversation_id = m.conversation_id AND p.address = m.address"
    " WHERE m.conversation_id = :conversation_id AND m.number = :number"
    " AND v.user_id = :user_id AND v.application_id = :application_id"
    " AND m.number >= v.heard_from AND (v.heard_to IS NULL OR m.number <= v.heard_to)"
)
_UNREACHED = (
    "SELECT p.address FROM participants p WHERE p.conversation_id = :conversation_id"
    " AND p.in_messaging = 1 AND p.address <> :address AND NOT EXISTS ("
    "SELECT 1 FROM views v JOIN channels h ON h.user_id = v.user_id"
    " AND h.application_id = v.application_id WHERE v.conversation_id = p.conversation_id"
    " AND v.user_id = p.user_id AND v.messaging = 'Connected'"
    f" AND {HEARD_OF}) ORDER BY p.address"
)
_KEPT = timedelta(days=1)
_SWEPT_AT_ONCE = 500

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, ...]).decode


class Messages(Table):
    """Whoever adds one has the turn of the conversation, so that all hear them in one order."""

    rows = (Rows(name="messages", owner="user_id"),)

    def heard(
        self, conversation_id: str, number: int, application: Application, address: str
    ) -> Heard | None:
        """Return a message that an application may see: one that reached it, or that it sent.

        It is one statement, since a message to many is looked up for each of them.
        """
        row = self._connection.execute(
            _HEARD,
            {
                "conversation_id": conversation_id,
                "number": number,
                "user_id": application.user_id,
                "application_id": application.id,
            },
        ).fetchone()
        if row is None:
            return None
        formats, is_meeting, name = row[len(_NAMES) :]
        message = _message(*row[: len(_NAMES)])
        if address in message.failed:
            return None
        return Heard(
            message=message,
            user_id=application.user_id,
            application_id=application.id,
            formats=tuple(map(MessageFormat, formats.split(","))) if formats else (),
            sender=Speaker(
                conversation_id=conversation_id,
                address=message.address,
                title=(name or "") if is_meeting else "",
            ),
            failed=self._failed(message, is_meeting),
        )

    def _failed(self, message: Message, is_meeting: bool) -> tuple[Speaker, ...]:
        """Return those whom a message did not reach."""
        if not message.failed:
            return ()
        rows = self._connection.execute(
            "SELECT address, name FROM participants WHERE conversation_id = :conversation_id"
            " ORDER BY address",
            {"conversation_id": message.conversation_id},
        ).fetchall()
        return tuple(
            Speaker(
                conversation_id=message.conversation_id,
                address=address,
                title=name if is_meeting else "",
            )
            for address, name in rows
            if address in message.failed
        )

    def last(self, conversation_id: str) -> int:
        """Return the number of the last message that was sent, or one less than the first."""
        (last,) = self._connection.execute(
            "SELECT last_message FROM conversations WHERE conversation_id = :conversation_id",
            {"conversation_id": conversation_id},
        ).fetchone()
        return int(last)

    def first_recent(self, conversation_id: str) -> int:
        """Return the number of the first of the messages that are told to who comes late.

        None of those is among them that two sent before they were a meeting.
        """
        numbers = self._connection.execute(
            "SELECT number FROM messages WHERE conversation_id = :conversation_id"
            " AND sent_at > :since AND number >= (SELECT first_message FROM conversations"
            " WHERE conversation_id = :conversation_id) ORDER BY number DESC LIMIT :most",
            {
                "conversation_id": conversation_id,
                "since": milliseconds(self._now - RECENT),
                "most": MOST_RECENT,
            },
        ).fetchall()
        return int(numbers[-1][0]) if numbers else self.last(conversation_id) + 1

    def check_flood(self, conversation_id: str, address: str) -> None:
        """Raise TooManyRequests where somebody, or everybody together, sends too much."""
        all_of_them, own = self._connection.execute(
            "SELECT count(*), coalesce(sum(CASE WHEN address = :address THEN 1 ELSE 0 END), 0)"
            " FROM messages WHERE conversation_id = :conversation_id AND sent_at > :since",
            {
                "conversation_id": conversation_id,
                "address": address,
                "since": milliseconds(self._now - FLOOD),
            },
        ).fetchone()
        if own >= MOST_OF_ONE or all_of_them >= MOST_OF_ALL:
            whose = "You have" if own >= MOST_OF_ONE else "The participants have"
            raise TooManyRequests(
                f"{whose} sent too many messages to this conversation in "
                f"{FLOOD.total_seconds():.0f} seconds. Wait a moment.",
                headers={"Retry-After": "2"},
            )

    def unreached(self, conversation_id: str, address: str) -> tuple[str, ...]:
        """Return those who take messages, but whose clients have not asked for events for long."""
        rows = self._connection.execute(
            _UNREACHED,
            {
                "conversation_id": conversation_id,
                "address": address,
                "before": milliseconds(self._now - REACHED_WITHIN),
            },
        ).fetchall()
        return tuple(row[0] for row in rows)

    def add(
        self,
        conversation_id: str,
        *,
        address: str,
        user_id: int,
        application_id: int,
        content: Content,
        operation_id: str = "",
        failed: tuple[str, ...] = (),
    ) -> Message:
        """Keep a message, which is the next one of its conversation."""
        (number,) = self._connection.execute(
            "UPDATE conversations SET last_message = last_message + 1"
            " WHERE conversation_id = :conversation_id RETURNING last_message",
            {"conversation_id": conversation_id},
        ).fetchone()
        message = Message(
            conversation_id=conversation_id,
            number=number,
            address=address,
            user_id=user_id,
            application_id=application_id,
            sent_at=self._now,
            content=content,
            operation_id=operation_id,
            failed=failed,
        )
        self._connection.execute(
            f"INSERT INTO messages ({', '.join(_NAMES)})"
            f" VALUES ({', '.join(f':{name}' for name in _NAMES)})",
            {
                "conversation_id": conversation_id,
                "number": number,
                "address": address,
                "user_id": user_id,
                "application_id": application_id,
                "sent_at": milliseconds(self._now),
                "operation_id": operation_id,
                "plain": content.plain,
                "html": content.html,
                "failed": _encode(failed).decode(),
            },
        )
        return message

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"messages_removed": self.sweep(self._now - _KEPT)}

    def sweep(self, sent_before: datetime) -> int:
        """Forget messages that were sent before then, some at a time. Returns how many."""
        rows = self._connection.execute(
            "SELECT conversation_id, number FROM messages WHERE sent_at < :before LIMIT :most",
            {"before": milliseconds(sent_before), "most": _SWEPT_AT_ONCE},
        ).fetchall()
        for conversation_id, number in rows:
            self._connection.execute(
                "DELETE FROM messages WHERE conversation_id = :id AND number = :number",
                {"id": conversation_id, "number": number},
            )
        return len(rows)


def _message(
    conversation_id: str,
    number: int,
    address: str,
    user_id: int,
    application_id: int,
    sent_at: int,
    operation_id: str,
    plain: str,
    html: str | None,
    failed: str,
) -> Message:
    return Message(
        conversation_id=conversation_id,
        number=number,
        address=address,
        user_id=user_id,
        application_id=application_id,
        sent_at=from_milliseconds(sent_at),
        content=Content(plain=plain, html=html),
        operation_id=operation_id,
        failed=_decode(failed),
    )
