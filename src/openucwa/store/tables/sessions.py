"""Sessions: tokens with the applications that were used with them last."""

from openucwa.domain.sessions import Session, id_of
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Table
from openucwa.store.tables.applications import Applications
from openucwa.wire.dates import from_milliseconds, milliseconds


class Sessions(Table):
    def of(self, user_id: int) -> list[Session]:
        """Return a user's sessions that have not expired, the newest first."""
        rows = self._connection.execute(
            "SELECT hash, client, address, issued_at, expires_at FROM tokens"
            " WHERE user_id = :user_id AND expires_at > :now ORDER BY issued_at DESC, hash",
            {"user_id": user_id, "now": milliseconds(self._now)},
        ).fetchall()
        used: dict[str, list[str]] = {}
        for application in self._tx.of(Applications).of(user_id):
            used.setdefault(application.session, []).append(application.user_agent)
        return [
            Session(
                id=id_of(hash),
                client=client,
                address=address,
                signed_in_at=from_milliseconds(issued_at),
                expires_at=from_milliseconds(expires_at),
                applications=tuple(used.get(id_of(hash), ())),
            )
            for hash, client, address, issued_at, expires_at in rows
        ]

    def end(self, user_id: int, id: str) -> None:
        """End a session: its token, and the applications that were used in it last.

        The end of an application ends the requests that wait for its events, too.
        """
        self._connection.alone(turn_of_user(user_id))
        self._connection.execute(
            "DELETE FROM tokens WHERE user_id = :user_id AND substr(hash, 1, :length) = :id",
            {"user_id": user_id, "id": id, "length": len(id)},
        )
        for application in self._tx.of(Applications).of(user_id):
            if application.session == id:
                self._tx.of(Applications).delete(application)

    def end_of_guests(self, organizer_id: int) -> None:
        """End the sessions of all guests of a user's meetings."""
        self._connection.alone(turn_of_user(organizer_id))
        guests = self._connection.execute(
            "SELECT id FROM users WHERE guest_organizer_id = :id", {"id": organizer_id}
        ).fetchall()
        # All at once, or PostgreSQL starts the transaction anew for each.
        ids = (organizer_id, *(int(guest_id) for (guest_id,) in guests))
        self._connection.alone(*map(turn_of_user, ids))
        for (guest_id,) in guests:
            self._connection.execute("DELETE FROM tokens WHERE user_id = :id", {"id": guest_id})
            for application in self._tx.of(Applications).of(guest_id):
                self._tx.of(Applications).delete(application)
