"""The table of networks where accounts have signed in: strangers elsewhere don't slow them down."""

from collections.abc import Mapping
from datetime import timedelta

from openucwa.domain.deployment import Lifetimes
from openucwa.domain.sign_ins import NETWORKS, REMEMBERED
from openucwa.store.table import Rows, Table
from openucwa.wire.dates import milliseconds

_NOTED_EVERY = timedelta(days=1)


class Networks(Table):
    """A `key` stands for an account and a network; neither is stored."""

    rows = (Rows(name="networks", owner="user_id"),)

    def knows(self, key: str) -> bool:
        """Return whether the account has signed in from the network lately."""
        return self._at(key) > milliseconds(self._now - REMEMBERED)

    def note(self, user_id: int, key: str) -> None:
        """Remember that a user has signed in from a network: from the last NETWORKS of them."""
        if self._at(key) > milliseconds(self._now - _NOTED_EVERY):
            return
        self._connection.execute(
            "INSERT INTO networks (key, user_id, at) VALUES (:key, :user_id, :at)"
            " ON CONFLICT (key) DO UPDATE SET at = :at",
            {"key": key, "user_id": user_id, "at": milliseconds(self._now)},
        )
        self._connection.execute(
            "DELETE FROM networks WHERE user_id = :user_id AND key NOT IN (SELECT key FROM networks"
            " WHERE user_id = :user_id ORDER BY at DESC, key LIMIT :most)",
            {"user_id": user_id, "most": NETWORKS},
        )

    def forget(self, user_id: int) -> None:
        """Forget where a user has signed in: it may have been somebody who knew her password."""
        self._connection.execute(
            "DELETE FROM networks WHERE user_id = :user_id", {"user_id": user_id}
        )

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"networks_removed": self.sweep()}

    def sweep(self) -> int:
        """Remove what is not remembered any more. Returns how many."""
        return self._connection.execute(
            "DELETE FROM networks WHERE at <= :before",
            {"before": milliseconds(self._now - REMEMBERED)},
        ).rowcount

    def _at(self, key: str) -> int:
        row = self._connection.execute(
            "SELECT at FROM networks WHERE key = :key", {"key": key}
        ).fetchone()
        return row[0] if row else 0
