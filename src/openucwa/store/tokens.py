"""The table of access tokens. A token itself is never stored, only its hash."""

from datetime import datetime

from openucwa.domain.people import User
from openucwa.store.connection import Connection
from openucwa.store.users import user_of
from openucwa.wire.dates import from_milliseconds, milliseconds


class Tokens:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, hash: str, user: User, expires_at: datetime) -> None:
        # All of hers may be revoked meanwhile, or the meeting deleted that she is a guest of.
        self._connection.alone(user.guest_of.organizer_id if user.guest_of else user.id)
        self._connection.execute(
            "INSERT INTO tokens (hash, user_id, expires_at) VALUES (:hash, :user_id, :expires_at)",
            {"hash": hash, "user_id": user.id, "expires_at": milliseconds(expires_at)},
        )

    def get(self, hash: str) -> tuple[User, datetime] | None:
        """Whose token it is, and when it expires."""
        row = self._connection.execute(
            "SELECT t.expires_at, u.id, u.join_name, u.password_hash, u.disabled, u.profile,"
            " u.guest_organizer_id, u.guest_meeting_id"
            " FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.hash = :hash",
            {"hash": hash},
        ).fetchone()
        return (user_of(*row[1:]), from_milliseconds(row[0])) if row else None

    def revoke(self, user_id: int) -> None:
        """Take away all tokens of a user of the organization."""
        self._connection.alone(user_id)  # she may be given another one meanwhile
        self._connection.execute(
            "DELETE FROM tokens WHERE user_id = :user_id", {"user_id": user_id}
        )

    def expire(self, user_id: int, at: datetime) -> int:
        """Let a user's tokens expire at a moment, unless they do earlier. Returns how many.

        Unlike one that is revoked, the token that has expired tells its holder to sign in again.
        """
        self._connection.alone(user_id)  # she may be given another one meanwhile
        return self._connection.execute(
            "UPDATE tokens SET expires_at = :at WHERE user_id = :user_id AND expires_at > :at",
            {"user_id": user_id, "at": milliseconds(at)},
        ).rowcount

    def sweep(self, expired_before: datetime) -> int:
        """Remove the tokens that expired before then. Returns how many."""
        return self._connection.execute(
            "DELETE FROM tokens WHERE expires_at < :before",
            {"before": milliseconds(expired_before)},
        ).rowcount
