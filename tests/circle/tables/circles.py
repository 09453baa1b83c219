"""The table of the members of circles."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.deployment import Lifetimes
from openucwa.store.connection import Turn
from openucwa.store.table import Rows, Table
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.wire.channel import EventType, Reason, Status
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.errors import Conflict

SCHEMA = """
CREATE TABLE IF NOT EXISTS circle_members (
    circle_id  TEXT NOT NULL,
    user_id    BIGINT NOT NULL,
    role       TEXT NOT NULL,
    due_at     BIGINT,
    PRIMARY KEY (circle_id, user_id)
)
"""
INDEX = """
CREATE INDEX IF NOT EXISTS circle_members_due ON circle_members (due_at) WHERE due_at IS NOT NULL
"""
PATIENCE = timedelta(minutes=30)
"""The time for which somebody waits in the lobby."""
AT_ONCE = 3
TOO_LATE = Reason(code="Timeout", message="Nobody has let you in. Try again later.")


class Role(StrEnum):
    """The role of a member, which is the collection that she is in, too."""

    WAITING = "lobby"
    ATTENDEE = "attendees"
    LEADER = "leaders"


class Member(msgspec.Struct):
    """A member of a circle, with the role of whoever looks at her."""

    circle_id: str
    member_id: str
    role: Role
    viewer_role: Role | None


class Circle(msgspec.Struct):
    """A circle as a viewer sees it: its members and her own role are found in one query."""

    circle_id: str
    viewer_role: Role | None
    members: list[Member]

    def within(self, role: Role) -> list[Member]:
        """The members who have a role."""
        return [one for one in self.members if one.role is role]


def topic_of(circle_id: str) -> str:
    """The topic of what all members of a circle hear of."""
    return f"circle/{circle_id}"


class Circles(Table):
    rows = (Rows(name="circle_members", owner="user_id"),)

    def get(self, circle_id: str, viewer_id: int) -> Circle:
        """Return a circle as a user sees it. There is each that somebody names."""
        rows = self._connection.execute(
            "SELECT user_id, role FROM circle_members WHERE circle_id = :circle_id"
            " ORDER BY user_id",
            {"circle_id": circle_id},
        ).fetchall()
        own = next((Role(role) for user_id, role in rows if user_id == viewer_id), None)
        members = [Member(circle_id, str(user_id), Role(role), own) for user_id, role in rows]
        return Circle(circle_id, own, members)

    def join(self, circle: Circle, application: Application, role: Role) -> None:
        """Add the application's user, whose channel follows the circle from now on."""
        self._connection.alone(Turn("circle", circle.circle_id))
        added = self._connection.execute(
            "INSERT INTO circle_members (circle_id, user_id, role, due_at)"
            " VALUES (:circle_id, :user_id, :role, :due_at) ON CONFLICT DO NOTHING",
            {
                "circle_id": circle.circle_id,
                "user_id": application.user_id,
                "role": role.value,
                "due_at": milliseconds(self._now + PATIENCE) if role is Role.WAITING else None,
            },
        )
        if added.rowcount != 1:
            raise Conflict("You have joined already.")
        channel = self._tx.of(Channels).get(application)
        assert channel is not None
        self._tx.of(Channels).follow(channel, topic_of(circle.circle_id))
        member = str(application.user_id)
        self._tell(EventType.ADDED, circle.circle_id, member)
        self._tell(EventType.ADDED, circle.circle_id, member, role)
        self._tell_all(circle.circle_id)

    def change(self, member: Member, role: Role) -> None:
        """Give a member another role, which changes what she can do with everybody."""
        self._connection.change_one(
            "UPDATE circle_members SET role = :role, due_at = NULL WHERE circle_id = :circle_id"
            " AND user_id = :user_id AND role = :seen",
            {
                "circle_id": member.circle_id,
                "user_id": int(member.member_id),
                "role": role.value,
                "seen": member.role.value,
            },
            Conflict("The member has another role in the meantime. Fetch her again."),
        )
        self._tell(EventType.DELETED, member.circle_id, member.member_id, member.role)
        self._tell(EventType.ADDED, member.circle_id, member.member_id, role)
        self._tell_all(member.circle_id)

    def remove(self, member: Member) -> None:
        """Remove a member, whose channels follow the circle no more."""
        self._connection.execute(
            "DELETE FROM circle_members WHERE circle_id = :circle_id AND user_id = :user_id",
            {"circle_id": member.circle_id, "user_id": int(member.member_id)},
        )
        self._tell(EventType.DELETED, member.circle_id, member.member_id, member.role)
        self._tell(EventType.DELETED, member.circle_id, member.member_id)
        self._tell_all(member.circle_id)
        for application in self._tx.of(Applications).of(int(member.member_id)):
            for channel in self._tx.of(Channels).of(application):
                self._tx.of(Channels).leave(channel, topic_of(member.circle_id))

    def next_due(self) -> datetime | None:
        (at,) = self._connection.execute(
            "SELECT min(due_at) FROM circle_members WHERE due_at IS NOT NULL", {}
        ).fetchone()
        return None if at is None else from_milliseconds(at)

    def settle_due(self, lifetimes: Lifetimes) -> int:
        """Remove those who have waited too long."""
        found = self._due()
        self._connection.alone(*(Turn("circle", circle_id) for circle_id, _ in found))
        for circle_id, user_id in found:
            member = str(user_id)
            self.complete(circle_id, member, Status.FAILURE, TOO_LATE)
            self.remove(Member(circle_id, member, Role.WAITING, None))
        return len(found)

    def _due(self) -> Sequence[tuple[str, int]]:
        return self._connection.execute(
            "SELECT circle_id, user_id FROM circle_members WHERE due_at <= :now"
            " ORDER BY due_at, user_id LIMIT :most",
            {"now": milliseconds(self._now), "most": AT_ONCE},
        ).fetchall()

    def start(self, circle_id: str, member_id: str) -> None:
        """Tell that a member waits."""
        self._tx.facts.append(
            topic_of(circle_id),
            EventType.STARTED,
            "circle wait",
            circle_id=circle_id,
            member_id=member_id,
        )

    def complete(
        self, circle_id: str, member_id: str, status: Status, reason: Reason | None = None
    ) -> None:
        """Tell how the wait of a member has ended."""
        self._tx.facts.append(
            topic_of(circle_id),
            EventType.COMPLETED,
            "circle wait",
            status=status,
            reason=reason,
            circle_id=circle_id,
            member_id=member_id,
        )

    def _tell(self, type: EventType, circle_id: str, member_id: str, place: str = "") -> None:
        self._tx.facts.append(
            topic_of(circle_id),
            type,
            "circle member",
            collection=place,
            circle_id=circle_id,
            member_id=member_id,
        )

    def _tell_all(self, circle_id: str) -> None:
        """Tell that the links of the circle and of its members may have changed."""
        for member in self.get(circle_id, 0).members:
            self._tell(EventType.UPDATED, circle_id, member.member_id)
        self._tx.facts.append(topic_of(circle_id), EventType.UPDATED, "circle", circle_id=circle_id)
