"""The table of delegates: who acts for whom."""

from openucwa.domain.facts import of_meetings, of_user
from openucwa.domain.groups import GroupId, membership_id
from openucwa.domain.people import User, address_of
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.users import COLUMNS, user_of
from openucwa.wire.channel import EventType
from openucwa.wire.errors import AlreadyExists, LimitExceeded

MOST = 25
"""Delegates of a person, and people for whom one acts."""

_PAIR = "organizer_id = :organizer_id AND delegate_id = :delegate_id"
# Whoever is changing one of the meetings on the strength of what is taken away starts anew.
_REVOKE = "UPDATE meetings SET grants = grants + 1 WHERE organizer_id = :organizer_id"


class Delegates(Table):
    rows = (Rows(name="delegates", owner="organizer_id", within={"users": ("delegate_id",)}),)

    def of(self, organizer_id: int) -> list[User]:
        """Return the people who act for a user, in the order of their addresses."""
        return self._users("delegate_id", "organizer_id", organizer_id)

    def organizers(self, delegate_id: int) -> list[User]:
        """Return the people for whom a user acts, in the order of their addresses."""
        return self._users("organizer_id", "delegate_id", delegate_id)

    def is_delegate(self, delegate_id: int, *, organizer_id: int) -> bool:
        """Return True if one user acts for another."""
        row = self._connection.execute(
            f"SELECT 1 FROM delegates WHERE {_PAIR}",
            {"organizer_id": organizer_id, "delegate_id": delegate_id},
        ).fetchone()
        return row is not None

    def add(self, organizer: User, delegate: User) -> None:
        """Let one user act for another. Raises AlreadyExists, and LimitExceeded beyond MOST."""
        self._connection.alone(turn_of_user(organizer.id), turn_of_user(delegate.id))
        if self.is_delegate(delegate.id, organizer_id=organizer.id):
            raise AlreadyExists(f"{delegate.name} is your delegate already.")
        if self._count("organizer_id", organizer.id) >= MOST:
            raise LimitExceeded(
                f"You have {MOST} delegates, which is the limit. Remove one of them first."
            )
        if self._count("delegate_id", delegate.id) >= MOST:
            raise LimitExceeded(
                f"{delegate.name} acts for {MOST} people, which is the limit. Choose somebody else."
            )
        self._connection.execute(
            "INSERT INTO delegates (organizer_id, delegate_id)"
            " VALUES (:organizer_id, :delegate_id)",
            {"organizer_id": organizer.id, "delegate_id": delegate.id},
        )
        self._granted(organizer, delegate)

    def remove(self, organizer: User, delegate: User) -> bool:
        """Let a user act for another no more. Returns False if she did not."""
        self._connection.alone(turn_of_user(organizer.id), turn_of_user(delegate.id))
        removed = self._connection.execute(
            f"DELETE FROM delegates WHERE {_PAIR}",
            {"organizer_id": organizer.id, "delegate_id": delegate.id},
        )
        if removed.rowcount != 1:
            return False
        self._connection.execute(_REVOKE, {"organizer_id": organizer.id})
        self._revoked(organizer, delegate)
        return True

    def remove_all(self, user: User) -> None:
        """Remove a user's delegates, and the user from those of others."""
        delegates, organizers = self.of(user.id), self.organizers(user.id)
        # All at once, or PostgreSQL starts the transaction anew for each.
        ids = {one.id for one in (user, *delegates, *organizers)}
        self._connection.alone(*map(turn_of_user, ids))
        for delegate in delegates:
            self.remove(user, delegate)
        for organizer in organizers:
            self.remove(organizer, user)

    def _granted(self, organizer: User, delegate: User) -> None:
        """Tell both sides that one acts for the other from now on."""
        self._tell(EventType.ADDED, organizer, delegate, first_or_last=1)
        self._tx.of(Channels).follow_everywhere(delegate.id, of_meetings(organizer.id))
        self._tell_delegate(delegate)

    def _revoked(self, organizer: User, delegate: User) -> None:
        """Tell both sides that one acts for the other no more."""
        self._tell(EventType.DELETED, organizer, delegate, first_or_last=0)
        self._tx.of(Channels).leave_everywhere(delegate.id, of_meetings(organizer.id))
        self._tell_delegate(delegate)

    def _tell_delegate(self, delegate: User) -> None:
        """Tell a delegate that the meetings have come or gone that are shared with her."""
        self._tx.facts.append(of_user(delegate.id), EventType.UPDATED, "shared meetings")

    def _tell(
        self, type: EventType, organizer: User, delegate: User, *, first_or_last: int
    ) -> None:
        """Tell of the groups: that of delegates is always there, the other while it has members."""
        facts = self._tx.facts
        topic, group_id = of_user(organizer.id), GroupId.DELEGATES.value
        membership = membership_id(group_id, address_of(delegate))
        facts.append(topic, type, "group membership", membership_id=membership)
        facts.append(topic, EventType.UPDATED, "delegates", group_id=group_id)
        facts.append(topic, EventType.UPDATED, "group contacts", group_id=group_id)
        topic, group_id = of_user(delegate.id), GroupId.DELEGATORS.value
        if self._count("delegate_id", delegate.id) != first_or_last:
            type = EventType.UPDATED
        facts.append(topic, type, "delegators", group_id=group_id)
        if type is not EventType.DELETED:
            facts.append(topic, EventType.UPDATED, "group contacts", group_id=group_id)

    def _users(self, wanted: str, known: str, id: int) -> list[User]:
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM delegates JOIN users ON id = {wanted}"
            f" WHERE {known} = :id ORDER BY sip_key",
            {"id": id},
        ).fetchall()
        return [user_of(*row) for row in rows]

    def _count(self, column: str, id: int) -> int:
        (count,) = self._connection.execute(
            f"SELECT count(*) FROM delegates WHERE {column} = :id", {"id": id}
        ).fetchone()
        return int(count)
