"""The table of what users tell others of themselves."""

import msgspec

from openucwa.domain.facts import of_application
from openucwa.domain.presence import Presence
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.store.tables.applications import Applications
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import PreferredAvailability

_NOTHING = Presence()


class Presences(Table):
    rows = (Rows(name="presences", owner="user_id"),)

    def get(self, user_id: int) -> Presence:
        """The presence of a user: nothing, until she has told something."""
        row = self._connection.execute(
            "SELECT availability, chosen_at, note, location FROM presences"
            " WHERE user_id = :user_id",
            {"user_id": user_id},
        ).fetchone()
        return _presence(*row) if row else _NOTHING

    def choose(self, user_id: int, availability: PreferredAvailability | None) -> None:
        """Choose an availability; None lets it be worked out."""
        wanted = msgspec.structs.replace(
            self._before(user_id),
            chosen=availability,
            chosen_at=self._now if availability else None,
        )
        self._set(user_id, wanted, "presence")

    def write_note(self, user_id: int, text: str) -> None:
        """Write the personal note; an empty one takes it away."""
        self._set(user_id, msgspec.structs.replace(self._before(user_id), note=text), "note")

    def move(self, user_id: int, location: str) -> None:
        """Tell where the user is; an empty text takes that away."""
        wanted = msgspec.structs.replace(self._before(user_id), location=location)
        self._set(user_id, wanted, "location")

    def _before(self, user_id: int) -> Presence:
        self._connection.alone(turn_of_user(user_id))  # another application may tell something else
        return self.get(user_id)

    def _set(self, user_id: int, wanted: Presence, kind: str) -> None:
        """Keep what a user tells, and tell those of her applications where she is available."""
        self._connection.execute(
            "INSERT INTO presences (user_id, availability, chosen_at, note, location)"
            " VALUES (:user_id, :availability, :chosen_at, :note, :location)"
            " ON CONFLICT (user_id) DO UPDATE SET availability = excluded.availability,"
            " chosen_at = excluded.chosen_at, note = excluded.note, location = excluded.location",
            {
                "user_id": user_id,
                "availability": wanted.chosen.value if wanted.chosen else None,
                "chosen_at": None if wanted.chosen_at is None else milliseconds(wanted.chosen_at),
                "note": wanted.note,
                "location": wanted.location,
            },
        )
        for application in self._tx.of(Applications).available(user_id):
            self._tx.facts.append(of_application(application.id), EventType.UPDATED, kind)


def _presence(
    availability: str | None, chosen_at: int | None, note: str, location: str
) -> Presence:
    return Presence(
        chosen=PreferredAvailability(availability) if availability else None,
        chosen_at=None if chosen_at is None else from_milliseconds(chosen_at),
        note=note,
        location=location,
    )
