"""Meetings as those find them with whom they are shared: by a share of one, or as a delegate."""

from typing import Any

import msgspec

from openucwa.domain.meetings import Entry, Meeting
from openucwa.domain.people import User
from openucwa.store.table import Table
from openucwa.store.tables import users
from openucwa.store.tables.meetings import COLUMNS, CURRENT, ENTRY, SIZE, entry_of, meeting_of
from openucwa.store.tables.users import user_of
from openucwa.wire.enums import MeetingRole

_OWNER = ", ".join(f"o.{name}" for name in users.COLUMNS.split(", "))
_WIDTH = len(users.COLUMNS.split(", "))
_GRANT = "g.role, d.delegate_id IS NOT NULL"
_ORGANIZED = f"{CURRENT} JOIN users o ON o.id = m.organizer_id"
_GRANTED = (
    " LEFT JOIN shares g ON g.organizer_id = m.organizer_id"
    " AND g.online_meeting_id = m.online_meeting_id AND g.user_id = :user_id"
    " LEFT JOIN delegates d ON d.organizer_id = m.organizer_id AND d.delegate_id = :user_id"
)
# By the grants, which are few, and not by all meetings.
_KEYS = (
    "(SELECT organizer_id, online_meeting_id FROM shares WHERE user_id = :user_id"
    " UNION SELECT b.organizer_id, b.online_meeting_id FROM delegates a"
    " JOIN meetings b ON b.organizer_id = a.organizer_id WHERE a.delegate_id = :user_id) k"
)
_OF_KEYS = "m.organizer_id = k.organizer_id AND m.online_meeting_id = k.online_meeting_id"
_LIMITED = " AND ({size} < :size OR ({size} = :size AND ({place}) <= (:organizer_id, :id)))".format(
    size=SIZE, place="m.organizer_id, m.online_meeting_id"
)


class Shared(msgspec.Struct, kw_only=True):
    """A meeting of somebody else with its organizer, and the grants that a user has.

    `role` is that of her share, None without one.
    """

    meeting: Meeting
    owner: User
    role: MeetingRole | None
    is_delegate: bool


class SharedEntry(msgspec.Struct, kw_only=True):
    """The same without what the meeting says, and with the bytes of it and its extensions."""

    meeting: Entry
    owner: User
    role: MeetingRole | None
    is_delegate: bool
    size: int


class SharedMeetings(Table):
    def get(self, user_id: int, organizer: str, online_meeting_id: str) -> Shared | None:
        """The meeting of an organizer (a join name), if it is shared with a user."""
        row = self._connection.execute(
            f"SELECT {_GRANT}, {_OWNER}, {COLUMNS} FROM {_ORGANIZED}{_GRANTED}"
            " WHERE o.join_name = :organizer AND m.online_meeting_id = :online_meeting_id"
            " AND (g.role IS NOT NULL OR d.delegate_id IS NOT NULL)",
            {
                "user_id": user_id,
                "organizer": organizer,
                "online_meeting_id": online_meeting_id,
            },
        ).fetchone()
        return _shared(*row) if row else None

    def of(self, user_id: int, *, up_to: tuple[int, int, str] | None = None) -> list[Shared]:
        """Return the meetings that are shared with a user, by organizer and id.

        `up_to` leaves out those that are larger than a size in bytes, with their extensions, and
        of those that have that very size, the ones after an organizer and id.
        """
        size, organizer_id, id = up_to or (None, None, None)
        rows = self._connection.execute(
            f"SELECT {_GRANT}, {_OWNER}, {COLUMNS} FROM {_KEYS}, {_ORGANIZED}{_GRANTED}"
            f" WHERE {_OF_KEYS}{_LIMITED if up_to else ''}"
            " ORDER BY m.organizer_id, m.online_meeting_id",
            {"user_id": user_id, "size": size, "organizer_id": organizer_id, "id": id},
        ).fetchall()
        return [_shared(*row) for row in rows]

    def sizes(self, user_id: int) -> list[SharedEntry]:
        """Return the meetings that are shared with a user, with their sizes."""
        rows = self._connection.execute(
            f"SELECT {_GRANT}, {_OWNER}, {ENTRY}, {SIZE} FROM {_KEYS}, {_ORGANIZED}{_GRANTED}"
            f" WHERE {_OF_KEYS} ORDER BY m.organizer_id, m.online_meeting_id",
            {"user_id": user_id},
        ).fetchall()
        return [_entry(*row) for row in rows]


def _shared(role: str | None, is_delegate: int, *row: Any) -> Shared:
    user, meeting = row[:_WIDTH], row[_WIDTH:]
    return Shared(
        meeting=meeting_of(*meeting),
        owner=user_of(*user),
        role=None if role is None else MeetingRole(role),
        is_delegate=bool(is_delegate),
    )


def _entry(role: str | None, is_delegate: int, *row: Any) -> SharedEntry:
    user, (*meeting, size) = row[:_WIDTH], row[_WIDTH:]
    return SharedEntry(
        meeting=entry_of(*meeting),
        owner=user_of(*user),
        role=None if role is None else MeetingRole(role),
        is_delegate=bool(is_delegate),
        size=int(size),
    )
