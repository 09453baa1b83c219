"""The table of those who type."""

from datetime import datetime

from openucwa.domain.admission import Participant
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import of_messages
from openucwa.domain.messages import TYPING, TYPING_AGAIN
from openucwa.store.table import Rows, Table
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds

_AT_ONCE = 100
_ONE = "conversation_id = :conversation_id AND address = :address"


class Typists(Table):
    """A row stays when others have been told that somebody does not type any more.

    It tells when they may be told the next time, so that a key that is pressed often costs little.
    """

    rows = (Rows(name="typists", owner="user_id"),)

    def of(self, conversation_id: str) -> list[str]:
        """Return the addresses of those who type, in the order in which they began."""
        rows = self._connection.execute(
            "SELECT address FROM typists WHERE conversation_id = :conversation_id"
            " AND due_at IS NOT NULL ORDER BY told_at, address",
            {"conversation_id": conversation_id},
        ).fetchall()
        return [row[0] for row in rows]

    def start(self, participant: Participant) -> None:
        """Let somebody be shown to type for a while from now on."""
        keys = _keys(participant)
        now, due_at = milliseconds(self._now), milliseconds(self._now + TYPING)
        found = self._connection.execute(
            f"SELECT told_at, due_at FROM typists WHERE {_ONE}", keys
        ).fetchone()
        if found and found[1] is not None:
            if due_at - found[1] >= 1000:  # or each key that she presses would be written
                self._connection.execute(
                    f"UPDATE typists SET due_at = :due_at WHERE {_ONE} AND due_at IS NOT NULL",
                    {**keys, "due_at": due_at},
                )
            return
        if found and found[0] > milliseconds(self._now - TYPING_AGAIN):
            return
        self._connection.execute(
            "INSERT INTO typists (conversation_id, address, user_id, told_at, due_at)"
            " VALUES (:conversation_id, :address, :user_id, :now, :due_at)"
            " ON CONFLICT (conversation_id, address) DO UPDATE SET told_at = excluded.told_at,"
            " due_at = excluded.due_at",
            {**keys, "user_id": participant.user_id, "now": now, "due_at": due_at},
        )
        self._tell(EventType.ADDED, participant.conversation_id, participant.address)

    def stop(self, conversation_id: str, address: str) -> bool:
        """Let somebody type no more. False if nobody is shown that she does."""
        keys = {"conversation_id": conversation_id, "address": address}
        stopped = self._connection.execute(
            f"UPDATE typists SET due_at = NULL WHERE {_ONE} AND due_at IS NOT NULL", keys
        )
        if stopped.rowcount != 1:
            return False
        self._tell(EventType.DELETED, conversation_id, address)
        return True

    def next_due(self) -> datetime | None:
        (at,) = self._connection.execute(
            "SELECT min(due_at) FROM typists WHERE due_at IS NOT NULL", {}
        ).fetchone()
        return None if at is None else from_milliseconds(at)

    def settle_due(self, lifetimes: Lifetimes) -> int:
        rows = self._connection.execute(
            "SELECT conversation_id, address FROM typists WHERE due_at <= :now"
            " ORDER BY due_at LIMIT :most",
            {"now": milliseconds(self._now), "most": _AT_ONCE},
        ).fetchall()
        return sum(self.stop(conversation_id, address) for conversation_id, address in rows)

    def _tell(self, type: EventType, conversation_id: str, address: str) -> None:
        self._tx.facts.append(
            of_messages(conversation_id),
            type,
            "typist",
            conversation_id=conversation_id,
            address=address,
        )


def _keys(participant: Participant) -> dict[str, object]:
    return {
        "conversation_id": participant.conversation_id,
        "address": participant.address,
    }
