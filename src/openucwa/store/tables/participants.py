"""The table of the people in conversations: one row for each, where she has been, or is."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from openucwa.domain.admission import INSIDE, Participant, Place, Standing
from openucwa.store.table import Rows, Table
from openucwa.wire.dates import from_milliseconds, milliseconds

_NAMES = (
    *("conversation_id", "address", "user_id", "uri", "name", "standing"),
    *("place", "leads", "admitted", "ejected", "in_messaging"),
)
COLUMNS = ", ".join(f"p.{name}" for name in _NAMES)
"""SQL for what `participant_of` takes."""
WIDTH = len(_NAMES)
_SELECT = f"SELECT {COLUMNS} FROM participants p WHERE p.conversation_id = :conversation_id"


class Participants(Table):
    rows = (Rows(name="participants", owner="user_id"),)

    def get(self, conversation_id: str, address: str) -> Participant | None:
        """Return a person who is in a conversation, or has been."""
        row = self._connection.execute(
            f"{_SELECT} AND p.address = :address",
            {"conversation_id": conversation_id, "address": address},
        ).fetchone()
        return participant_of(*row) if row else None

    def of(
        self,
        conversation_id: str,
        places: Collection[Place] = INSIDE,
        *,
        up_to: int | None = None,
    ) -> list[Participant]:
        """Return the people in some places of a conversation, in the order in which they came.

        `up_to` leaves out those who came after a position of the facts.
        """
        named = {f"place{n}": one.value for n, one in enumerate(places)}
        bound = " AND p.since <= :up_to" if up_to is not None else ""
        rows = self._connection.execute(
            f"{_SELECT} AND p.place IN ({', '.join(f':{name}' for name in named)}){bound}"
            " ORDER BY p.since, p.address",
            {"conversation_id": conversation_id, "up_to": up_to, **named},
        ).fetchall()
        return [participant_of(*row) for row in rows]

    def name_of(self, user_id: int) -> str | None:
        """Return the name under which somebody was in a conversation last."""
        row = self._connection.execute(
            "SELECT name FROM participants WHERE user_id = :user_id"
            " ORDER BY moved_at DESC, conversation_id LIMIT 1",
            {"user_id": user_id},
        ).fetchone()
        return str(row[0]) if row else None

    def name_for(self, viewer_id: int, address: str) -> str | None:
        """Return the name of somebody who is, or was, inside a conversation that a user is in."""
        row = self._connection.execute(
            "SELECT p.name FROM views v JOIN participants p"
            " ON p.conversation_id = v.conversation_id WHERE v.user_id = :viewer_id"
            " AND v.ended_at IS NULL AND v.state IN ('Connected', 'Conferenced')"
            " AND p.address = :address"
            " AND (p.admitted = 1 OR p.place IN ('attendees', 'leaders')) LIMIT 1",
            {"viewer_id": viewer_id, "address": address},
        ).fetchone()
        return str(row[0]) if row else None

    def everybody(self, conversation_id: str) -> list[Participant]:
        """Return all who are in a conversation, have been, or are invited."""
        return self.of(conversation_id, [*Place])

    def count(self, conversation_id: str, places: Collection[Place] = INSIDE) -> int:
        """Return how many people are in some places of a conversation."""
        named = {f"place{n}": one.value for n, one in enumerate(places)}
        (count,) = self._connection.execute(
            "SELECT count(*) FROM participants WHERE conversation_id = :conversation_id"
            f" AND place IN ({', '.join(f':{name}' for name in named)})",
            {"conversation_id": conversation_id, **named},
        ).fetchone()
        return int(count)

    def put(self, participant: Participant) -> None:
        """Keep where somebody is from now on."""
        self._connection.execute(
            f"INSERT INTO participants ({', '.join(_NAMES)}, since, moved_at) VALUES"
            f" ({', '.join(f':{name}' for name in _NAMES)}, {self._connection.before}, :now)"
            " ON CONFLICT (conversation_id, address) DO UPDATE SET uri = excluded.uri,"
            " name = excluded.name, standing = excluded.standing, place = excluded.place,"
            " leads = excluded.leads, admitted = excluded.admitted, ejected = excluded.ejected,"
            " in_messaging = excluded.in_messaging,"
            " since = CASE WHEN participants.place IN ('attendees', 'leaders')"
            " AND excluded.place IN ('attendees', 'leaders')"
            " THEN participants.since ELSE excluded.since END, moved_at = excluded.moved_at",
            {
                "conversation_id": participant.conversation_id,
                "address": participant.address,
                "user_id": participant.user_id,
                "uri": participant.uri,
                "name": participant.name,
                "standing": participant.standing.value,
                "place": participant.place.value,
                "leads": int(participant.leads),
                "admitted": int(participant.admitted),
                "ejected": int(participant.ejected),
                "in_messaging": int(participant.in_messaging),
                "ordinal": self._tx.facts.appended,
                "now": milliseconds(self._now),
            },
        )

    def waiting_since(self) -> datetime | None:
        """Return since when somebody has waited in a lobby, of all the one who has longest."""
        (first,) = self._connection.execute(
            "SELECT min(moved_at) FROM participants WHERE place = 'lobby'", {}
        ).fetchone()
        return None if first is None else from_milliseconds(first)

    def waiting_since_before(self, moment: datetime, most: int) -> list[Participant]:
        """Return people who have waited in a lobby since before then."""
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM participants p WHERE p.place = 'lobby'"
            " AND p.moved_at <= :moment ORDER BY p.moved_at LIMIT :most",
            {"moment": milliseconds(moment), "most": most},
        ).fetchall()
        return [participant_of(*row) for row in rows]


def participant_of(*row: Any) -> Participant:
    """The participant of a row."""
    id, address, user_id, uri, name, standing, place, leads, admitted, ejected, messaging = row
    return Participant(
        conversation_id=id,
        address=address,
        user_id=user_id,
        uri=uri,
        name=name,
        standing=Standing(standing),
        place=Place(place),
        leads=bool(leads),
        admitted=bool(admitted),
        ejected=bool(ejected),
        in_messaging=bool(messaging),
    )
