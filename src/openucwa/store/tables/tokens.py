"""The table of access tokens. A token itself is never stored, only its hash."""

import re
from collections.abc import Mapping
from datetime import datetime

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.people import User
from openucwa.domain.sessions import LONGEST, MOST, MOST_OF_A_GUEST
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.store.tables.applications import application_of
from openucwa.store.tables.users import user_of
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.text import UNWRITABLE

_UNWRITABLE = re.compile(f"[{UNWRITABLE}]")


_SELECT = (
    "SELECT t.expires_at, u.id, u.join_name, u.password_hash, u.disabled, u.profile,"
    " u.guest_organizer_id, u.guest_meeting_id"
)
_FROM = " FROM tokens t JOIN users u ON u.id = t.user_id"
_HOLDER = (
    f"{_SELECT}, a.id, a.user_id, a.registration, a.version, a.last_seen_at, a.ended_at, a.session,"
    f" a.available_at{_FROM}"
    " LEFT JOIN applications a ON a.user_id = u.id AND a.id = :application_id"
    " WHERE t.hash = :hash"
)


class TokenHolder(msgspec.Struct, frozen=True):
    """The user of a token, when it expires, and the application that was asked for."""

    user: User
    expires_at: datetime
    application: Application | None


class Tokens(Table):
    rows = (Rows(name="tokens", owner="user_id"),)

    def add(
        self, hash: str, user: User, expires_at: datetime, *, client: str = "", address: str = ""
    ) -> None:
        """Add a token, with which a client signs in from an address.

        Of too many, the oldest are removed.
        """
        # All of hers may be revoked meanwhile, or the meeting deleted that she is a guest of.
        self._connection.alone(
            turn_of_user(user.guest_of.organizer_id if user.guest_of else user.id)
        )
        self._connection.execute(
            "INSERT INTO tokens (hash, user_id, expires_at, issued_at, client, address)"
            " VALUES (:hash, :user_id, :expires_at, :issued_at, :client, :address)",
            {
                "hash": hash,
                "user_id": user.id,
                "expires_at": milliseconds(expires_at),
                "issued_at": milliseconds(self._now),
                "client": _UNWRITABLE.sub("", client)[:LONGEST],
                "address": _UNWRITABLE.sub("", address)[:LONGEST],
            },
        )
        self._connection.execute(
            "DELETE FROM tokens WHERE user_id = :user_id AND hash NOT IN (SELECT hash FROM tokens"
            " WHERE user_id = :user_id ORDER BY issued_at DESC, hash = :hash DESC, hash"
            " LIMIT :most)",
            {
                "user_id": user.id,
                "hash": hash,
                "most": MOST_OF_A_GUEST if user.guest_of else MOST,
            },
        )

    def get(self, hash: str) -> tuple[User, datetime] | None:
        """Return the user of a token, and when it expires."""
        row = self._connection.execute(
            f"{_SELECT}{_FROM} WHERE t.hash = :hash", {"hash": hash}
        ).fetchone()
        return (user_of(*row[1:]), from_milliseconds(row[0])) if row else None

    def holder(self, hash: str, application_id: int | None) -> TokenHolder | None:
        """Return who sends a request with a token, from the application of an id.

        It is one statement, since every request begins with it.
        """
        row = self._connection.execute(
            _HOLDER, {"hash": hash, "application_id": application_id}
        ).fetchone()
        if row is None:
            return None
        return TokenHolder(
            user=user_of(*row[1:8]),
            expires_at=from_milliseconds(row[0]),
            application=None if row[8] is None else application_of(*row[8:]),
        )

    def revoke(self, user_id: int) -> None:
        """Take away all tokens of a user of the organization."""
        self._connection.alone(turn_of_user(user_id))  # she may be given another one meanwhile
        self._connection.execute(
            "DELETE FROM tokens WHERE user_id = :user_id", {"user_id": user_id}
        )

    def expire(self, user_id: int, at: datetime) -> int:
        """Let a user's tokens expire at a moment, unless they do earlier. Returns how many.

        Unlike one that is revoked, the token that has expired tells its holder to sign in again.
        """
        self._connection.alone(turn_of_user(user_id))  # she may be given another one meanwhile
        return self._connection.execute(
            "UPDATE tokens SET expires_at = :at WHERE user_id = :user_id AND expires_at > :at",
            {"user_id": user_id, "at": milliseconds(at)},
        ).rowcount

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"tokens_removed": self.sweep(self._now - lifetimes.tombstone)}

    def sweep(self, expired_before: datetime) -> int:
        """Remove the tokens that expired before then. Returns how many."""
        return self._connection.execute(
            "DELETE FROM tokens WHERE expires_at < :before",
            {"before": milliseconds(expired_before)},
        ).rowcount
