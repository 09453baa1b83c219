"""All that belongs to a user, as the tables declare it; it is removed together with the user."""

from dataclasses import dataclass

from openucwa.domain.facts import of_user
from openucwa.domain.people import User
from openucwa.store.connection import turn_of_user
from openucwa.store.declared import all_rows, remove_within
from openucwa.store.table import Table
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.shares import Shares
from openucwa.store.tables.users import KEEP_IDS
from openucwa.wire.channel import EventType
from openucwa.wire.dates import milliseconds

_GUESTS = "SELECT id FROM users WHERE guest_organizer_id = :id"
_COUNT_TOKENS = "SELECT count(*) FROM tokens WHERE expires_at > :now AND user_id"


@dataclass(frozen=True, kw_only=True)
class Owned:
    """The belongings of a user: the subjects of the meetings, and the number of all others."""

    meetings: list[str]
    guests: int
    """Guests of these meetings who are signed in."""
    applications: int
    tokens: int


class Belongings(Table):
    def of(self, user: User) -> Owned:
        """Return what a user has, and what is lost when the user is removed."""
        return Owned(
            meetings=[meeting.details.subject for meeting in self._tx.of(Meetings).of(user.id)],
            guests=self._count(f"{_COUNT_TOKENS} IN ({_GUESTS})", user),
            applications=len(self._tx.of(Applications).of(user.id)),
            tokens=self._count(f"{_COUNT_TOKENS} = :id", user),
        )

    def bytes_of(self, user_id: int) -> int:
        """Return the bytes that a user stores, of those that count against the quota."""
        sums = " + ".join(
            f"coalesce((SELECT CAST(sum({rows.bytes}) AS BIGINT) FROM {rows.name}"
            f" WHERE {rows.owner} = :id), 0)"
            for rows in all_rows()
            if rows.bytes
        )
        (bytes,) = self._connection.execute(f"SELECT {sums}", {"id": user_id}).fetchone()
        return int(bytes)

    def remove(self, user: User) -> None:
        """Remove a user with the meetings, their history and their guests.

        Pending GETs of the user and the guests end at once. The facts that end them are kept for a
        while, as all facts are: they hold keys only, and keep the id from being used again.
        """
        # A sign-in may be under way, or a new meeting.
        self._connection.alone(turn_of_user(user.id))
        guests = self._connection.execute(_GUESTS, {"id": user.id}).fetchall()
        ids = (user.id, *(int(id) for (id,) in guests))
        self._connection.alone(*map(turn_of_user, ids))
        self._connection.execute(KEEP_IDS, {})
        self._tx.of(Shares).remove_all(user)
        self._tx.of(Delegates).remove_all(user)
        self._tx.of(Rosters).end_all(user.id)
        for id in ids:
            for application in self._tx.of(Applications).of(id):
                self._tx.of(Applications).delete(application)
            for rows in all_rows():
                if rows.owner:
                    self._connection.execute(
                        f"DELETE FROM {rows.name} WHERE {rows.owner} = :id", {"id": id}
                    )
            remove_within(self._connection, "users", id)
        self._tx.facts.append(of_user(user.id), EventType.DELETED, "user")

    def _count(self, sql: str, user: User) -> int:
        (count,) = self._connection.execute(
            sql, {"id": user.id, "now": milliseconds(self._now)}
        ).fetchone()
        return int(count)
