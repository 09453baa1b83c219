"""The table of conversation logs, and that of the messages in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from openucwa.domain.communication import Preferences
from openucwa.domain.conversation_logs import (
    LONGEST_PREVIEW,
    MOST_LOGS,
    MOST_RECIPIENTS,
    ConversationLog,
    Counts,
    Recipient,
    Transcript,
)
from openucwa.domain.conversations import CANCELLED_BY_OTHER, MISSED, View
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import Priority, of_user
from openucwa.store.table import Rows, Table
from openucwa.store.tables.invitations import Invitations
from openucwa.wire.channel import EventType, Reason
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import (
    ConversationLogStatus,
    ConversationState,
    Direction,
    GenericPolicy,
    Importance,
)

_NAMES = (
    *("user_id", "conversation_id", "ended_at", "status", "direction", "importance", "subject"),
    *("thread_id", "recipients", "recipients_count", "organizer_id"),
    *("online_meeting_id", "heard_from", "heard_to", "is_unread"),
)
_COLUMNS = ", ".join(_NAMES)
_SELECT = f"SELECT {_COLUMNS} FROM conversation_logs WHERE user_id = :user_id"
_ONE = "user_id = :user_id AND ended_at = :ended_at AND conversation_id = :conversation_id"
_MESSAGE = "conversation_id, number, address, user_id, sent_at, plain, html, failed"
_ARCHIVE = (
    f"INSERT INTO transcripts ({_MESSAGE}) SELECT {_MESSAGE} FROM messages"
    " WHERE conversation_id = :conversation_id AND number > (SELECT coalesce(max(number), 0)"
    " FROM transcripts WHERE conversation_id = :conversation_id)"
)
_OF_USER = "v.user_id = :user_id AND v.conversation_id = :conversation_id"
_SWEPT_AT_ONCE = 200

_encode = msgspec.json.Encoder().encode
_preferences = msgspec.json.Decoder(Preferences).decode
_recipients = msgspec.json.Decoder(tuple[Recipient, ...]).decode
_addresses = msgspec.json.Decoder(tuple[str, ...]).decode


class ConversationLogs(Table):
    rows = (
        Rows(name="conversation_logs", owner="user_id"),
        Rows(name="transcripts", owner="user_id"),
    )

    def ended(self, view: View, reason: Reason | None) -> None:
        """Note that a conversation has ended for an application, if it was the user's last in it.

        What was said is kept if one of her applications there wants it. That somebody called is
        kept anyway. `view` is as it was before. Guests have no logs.
        """
        if view.own.is_guest or self._is_elsewhere(view):
            return
        if view.state is ConversationState.INCOMING:
            if reason in (MISSED, CANCELLED_BY_OTHER):
                self._add(view, ConversationLogStatus.MISSED)
        elif view.is_inside and self._is_wanted(view):
            self._connection.execute(_ARCHIVE, {"conversation_id": view.conversation_id})
            self._add(view, ConversationLogStatus.ARCHIVED)

    def get(self, user_id: int, ended_at: datetime, conversation_id: str) -> ConversationLog | None:
        """Return a user's log."""
        row = self._connection.execute(
            f"{_SELECT} AND ended_at = :ended_at AND conversation_id = :conversation_id",
            {
                "user_id": user_id,
                "ended_at": milliseconds(ended_at),
                "conversation_id": conversation_id,
            },
        ).fetchone()
        return _log(*row) if row else None

    def of(self, user_id: int, most: int) -> list[ConversationLog]:
        """Return a user's logs, the newest first."""
        rows = self._connection.execute(
            f"{_SELECT} ORDER BY ended_at DESC, conversation_id LIMIT :most",
            {"user_id": user_id, "most": most},
        ).fetchall()
        return [_log(*row) for row in rows]

    def counts(self, user_id: int) -> Counts:
        """Return how many logs a user has."""
        logs, missed, unread = self._connection.execute(
            "SELECT count(*), coalesce(sum(CASE WHEN status = :missed THEN 1 ELSE 0 END), 0),"
            " coalesce(sum(is_unread), 0) FROM conversation_logs WHERE user_id = :user_id",
            {"user_id": user_id, "missed": ConversationLogStatus.MISSED.value},
        ).fetchone()
        return Counts(logs=int(logs), missed=int(missed), unread=int(unread))

    def read(self, log: ConversationLog) -> None:
        """Mark a log as read."""
        self._connection.execute(
            f"UPDATE conversation_logs SET is_unread = 0 WHERE {_ONE}", _key(log)
        )
        self._tell(log.user_id)

    def remove(self, log: ConversationLog) -> None:
        """Remove a log, and the messages if nobody else has one."""
        self._connection.execute(f"DELETE FROM conversation_logs WHERE {_ONE}", _key(log))
        self._forget_unlogged(log.conversation_id)
        self._tell(log.user_id)

    def transcripts(
        self, log: ConversationLog, own: str, after: int, most: int
    ) -> list[Transcript]:
        """Return the messages in a log after a number, which have reached the address `own`."""
        if log.heard_from is None or log.heard_to is None:
            return []
        found: list[Transcript] = []
        while len(found) < most:
            rows = self._connection.execute(
                "SELECT number, address, user_id, sent_at, plain, html, failed FROM transcripts"
                " WHERE conversation_id = :conversation_id AND number > :after"
                " AND number BETWEEN :first AND :last ORDER BY number LIMIT :most",
                {
                    "conversation_id": log.conversation_id,
                    "after": after,
                    "first": log.heard_from,
                    "last": log.heard_to,
                    "most": most,
                },
            ).fetchall()
            found += (
                Transcript(
                    log=log,
                    number=number,
                    address=address,
                    user_id=user_id,
                    sent_at=from_milliseconds(sent_at),
                    plain=plain,
                    html=html,
                )
                for number, address, user_id, sent_at, plain, html, failed in rows
                if own not in _addresses(failed)
            )
            if len(rows) < most:
                break
            after = rows[-1][0]
        return found[:most]

    def preview(self, log: ConversationLog, own: str) -> str:
        """Return the beginning of the first message in a log that has reached the address `own`."""
        found = self.transcripts(log, own, 0, 1)
        return found[0].plain[:LONGEST_PREVIEW] if found else ""

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        before = self._now - lifetimes.conversation_log
        self._connection.execute(
            "DELETE FROM transcripts WHERE sent_at < :before AND NOT EXISTS (SELECT 1"
            " FROM conversation_logs l WHERE l.conversation_id = transcripts.conversation_id)",
            {"before": milliseconds(before)},
        )
        return {"conversation_logs_removed": self.sweep(before)}

    def sweep(self, ended_before: datetime) -> int:
        """Forget the logs of conversations that ended before then, some at a time."""
        rows = self._connection.execute(
            "SELECT user_id, ended_at, conversation_id FROM conversation_logs"
            " WHERE ended_at < :before LIMIT :most",
            {"before": milliseconds(ended_before), "most": _SWEPT_AT_ONCE},
        ).fetchall()
        for user_id, ended_at, conversation_id in rows:
            self._connection.execute(
                f"DELETE FROM conversation_logs WHERE {_ONE}",
                {"user_id": user_id, "ended_at": ended_at, "conversation_id": conversation_id},
            )
            self._forget_unlogged(conversation_id)
        return len(rows)

    def _is_elsewhere(self, view: View) -> bool:
        """Return True if another application of the user is still in the conversation."""
        row = self._connection.execute(
            f"SELECT 1 FROM views v WHERE {_OF_USER} AND v.ended_at IS NULL"
            " AND v.application_id <> :application_id",
            {**_of(view), "application_id": view.application_id},
        ).fetchone()
        return row is not None

    def _is_wanted(self, view: View) -> bool:
        """Return True if an application of the user that was in it keeps what was said."""
        rows = self._connection.execute(
            "SELECT c.preferences FROM views v JOIN communications c ON c.user_id = v.user_id"
            f" AND c.application_id = v.application_id WHERE {_OF_USER}",
            _of(view),
        ).fetchall()
        return any(
            _preferences(text).conversation_history is GenericPolicy.ENABLED for (text,) in rows
        )

    def _add(self, view: View, status: ConversationLogStatus) -> None:
        others, count = self._others(view)
        heard_from, heard_to = self._heard(view)
        is_missed = status is ConversationLogStatus.MISSED
        conversation = view.conversation
        added = self._connection.execute(
            f"INSERT INTO conversation_logs ({_COLUMNS})"
            f" VALUES ({', '.join(f':{name}' for name in _NAMES)})"
            # Several applications have missed it together.
            " ON CONFLICT (user_id, ended_at, conversation_id) DO NOTHING",
            {
                **_of(view),
                "ended_at": milliseconds(self._now),
                "status": status.value,
                "direction": self._direction(view).value,
                "importance": conversation.importance.value,
                "subject": conversation.subject,
                "thread_id": conversation.thread_id,
                "recipients": _encode(others).decode(),
                "recipients_count": count,
                "organizer_id": conversation.organizer_id,
                "online_meeting_id": conversation.online_meeting_id,
                "heard_from": None if is_missed else heard_from,
                "heard_to": None if is_missed else heard_to,
                "is_unread": int(is_missed),
            },
        )
        if added.rowcount == 1:
            self._remove_oldest(view.user_id)
            self._tell(view.user_id, None if is_missed else Priority.LOW)

    def _others(self, view: View) -> tuple[tuple[Recipient, ...], int]:
        """Return some of the others who took part, and how many there were.

        Who has not been in a meeting is told only who has invited her.
        """
        is_call = view.state is ConversationState.INCOMING and view.conversation.is_meeting
        senders = self._tx.of(Invitations).senders(view) if is_call else None
        rows = self._connection.execute(
            "SELECT address, uri, name FROM participants WHERE conversation_id = :conversation_id"
            " AND user_id <> :user_id AND (admitted = 1 OR :is_meeting = 0)"
            " ORDER BY since, address",
            {**_of(view), "is_meeting": int(view.conversation.is_meeting)},
        ).fetchall()
        if senders is not None:
            rows = [row for row in rows if row[0] in senders]
        some = rows[:MOST_RECIPIENTS]
        return tuple(Recipient(address=a, uri=u, name=n) for a, u, n in some), len(rows)

    def _heard(self, view: View) -> tuple[int | None, int | None]:
        """Return the messages that the applications of the user have heard this time.

        Those that had left before this one came heard others, and not what was said in between.
        """
        first, last = self._connection.execute(
            f"SELECT min(v.heard_from), max(v.heard_to) FROM views v WHERE {_OF_USER}"
            " AND (v.ended_at IS NULL OR v.ended_at >= (SELECT o.since FROM views o"
            " WHERE o.conversation_id = v.conversation_id AND o.user_id = v.user_id"
            " AND o.application_id = :application_id))",
            {**_of(view), "application_id": view.application_id},
        ).fetchone()
        return first, last

    def _direction(self, view: View) -> Direction:
        """Return whether the user has started it: who calls is there first."""
        conversation = view.conversation
        if conversation.is_meeting:
            is_own = conversation.organizer_id == view.user_id
            return Direction.OUTGOING if is_own else Direction.INCOMING
        if view.state is ConversationState.INCOMING:
            return Direction.INCOMING
        (first,) = self._connection.execute(
            "SELECT user_id FROM participants WHERE conversation_id = :conversation_id"
            " ORDER BY since, address LIMIT 1",
            {"conversation_id": view.conversation_id},
        ).fetchone()
        return Direction.OUTGOING if first == view.user_id else Direction.INCOMING

    def _remove_oldest(self, user_id: int) -> None:
        rows = self._connection.execute(
            "SELECT ended_at, conversation_id FROM conversation_logs WHERE user_id = :user_id"
            " ORDER BY ended_at DESC, conversation_id LIMIT :most OFFSET :kept",
            {"user_id": user_id, "most": _SWEPT_AT_ONCE, "kept": MOST_LOGS},
        ).fetchall()
        for ended_at, conversation_id in rows:
            self._connection.execute(
                f"DELETE FROM conversation_logs WHERE {_ONE}",
                {"user_id": user_id, "ended_at": ended_at, "conversation_id": conversation_id},
            )
            self._forget_unlogged(conversation_id)

    def _forget_unlogged(self, conversation_id: str) -> None:
        """Forget the messages of a conversation of which nobody has a log any more."""
        self._connection.execute(
            "DELETE FROM transcripts WHERE conversation_id = :id AND NOT EXISTS"
            " (SELECT 1 FROM conversation_logs WHERE conversation_id = :id)",
            {"id": conversation_id},
        )

    def _tell(self, user_id: int, priority: Priority | None = None) -> None:
        topic = of_user(user_id)
        self._tx.facts.append(topic, EventType.UPDATED, "missed items", priority=priority)


def _of(view: View) -> dict[str, object]:
    return {"user_id": view.user_id, "conversation_id": view.conversation_id}


def _key(log: ConversationLog) -> dict[str, object]:
    return {
        "user_id": log.user_id,
        "ended_at": milliseconds(log.ended_at),
        "conversation_id": log.conversation_id,
    }


def _log(*row: Any) -> ConversationLog:
    values = dict(zip(_NAMES, row, strict=True))
    return ConversationLog(
        **{
            **values,
            "ended_at": from_milliseconds(values["ended_at"]),
            "status": ConversationLogStatus(values["status"]),
            "direction": Direction(values["direction"]),
            "importance": Importance(values["importance"]),
            "recipients": _recipients(values["recipients"]),
            "is_unread": bool(values["is_unread"]),
        }
    )
