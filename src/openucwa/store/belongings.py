"""All that belongs to a user, in whichever table; it is removed together with the user.

A table that has a column for users must be named here; a test fails when one is not.
"""

from dataclasses import dataclass
from datetime import datetime

from openucwa.domain.facts import of_user
from openucwa.domain.people import User
from openucwa.store.applications import Applications
from openucwa.store.connection import Connection
from openucwa.store.facts import Facts
from openucwa.store.meetings import Meetings
from openucwa.wire.channel import EventType
from openucwa.wire.dates import milliseconds

_BY_USER = ("tokens", "networks", "idempotency_keys", "communications", "channels", "applications")
_BY_ORGANIZER = ("extensions", "meeting_versions", "meetings")
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


class Belongings:
    def __init__(
        self,
        connection: Connection,
        now: datetime,
        facts: Facts,
        applications: Applications,
        meetings: Meetings,
    ) -> None:
        self._connection = connection
        self._now = now
        self._facts = facts
        self._applications = applications
        self._meetings = meetings

    def of(self, user: User) -> Owned:
        """Return what a user has, and what is lost when the user is removed."""
        return Owned(
            meetings=[meeting.details.subject for meeting in self._meetings.of(user.id)],
            guests=self._count(f"{_COUNT_TOKENS} IN ({_GUESTS})", user),
            applications=len(self._applications.of(user.id)),
            tokens=self._count(f"{_COUNT_TOKENS} = :id", user),
        )

    def remove(self, user: User) -> None:
        """Remove a user with the meetings, their history and their guests.

        Pending GETs of the user and the guests end at once. The facts that end them are kept for a
        while, as all facts are: they hold keys only, and keep the id from being used again.
        """
        self._connection.alone(user.id)  # a sign-in may be under way, or a new meeting
        guests = self._connection.execute(_GUESTS, {"id": user.id}).fetchall()
        ids = (user.id, *(int(id) for (id,) in guests))
        self._connection.alone(*ids)
        for id in ids:
            for application in self._applications.of(id):
                self._applications.delete(application)
            self._delete(_BY_USER, "user_id", id)
            self._delete(("users",), "id", id)
        self._delete(_BY_ORGANIZER, "organizer_id", user.id)
        self._facts.append(user.id, of_user(user.id), EventType.DELETED, "me")

    def _count(self, sql: str, user: User) -> int:
        (count,) = self._connection.execute(
            sql, {"id": user.id, "now": milliseconds(self._now)}
        ).fetchone()
        return int(count)

    def _delete(self, tables: tuple[str, ...], column: str, id: int) -> None:
        for table in tables:
            self._connection.execute(f"DELETE FROM {table} WHERE {column} = :id", {"id": id})
