"""The table of who was in which meeting, from when to when."""

from collections.abc import Mapping
from datetime import datetime

from openucwa.domain.admission import Participant, Place
from openucwa.domain.attendance import MOST_OF_A_PERSON, Attendance
from openucwa.domain.conversations import Conversation
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.people import MeetingKey
from openucwa.store.table import Rows, Table
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import Role

_COLUMNS = "address, uri, name, role, anonymous, joined_at, left_at"
_OF_MEETING = "organizer_id = :organizer_id AND online_meeting_id = :online_meeting_id"
_SELECT = f"SELECT {_COLUMNS} FROM attendances WHERE {_OF_MEETING}"
_OF_PERSON = f"{_OF_MEETING} AND address = :address"
_LAST = f"SELECT max(joined_at) FROM attendances WHERE {_OF_PERSON}"
_SWEPT_AT_ONCE = 500


class Attendances(Table):
    rows = (
        Rows(
            name="attendances",
            owner="organizer_id",
            within={
                "meetings": ("organizer_id", "online_meeting_id"),
                "users": ("user_id",),
            },
        ),
    )

    def note(self, conversation: Conversation, participant: Participant) -> None:
        """Note where somebody is from now on, if it is a scheduled meeting."""
        organizer_id, id = conversation.organizer_id, conversation.online_meeting_id
        if organizer_id is None or id is None or conversation.is_ad_hoc:
            return
        meeting = MeetingKey(organizer_id=organizer_id, online_meeting_id=id)
        if participant.is_inside:
            self.enter(
                meeting,
                participant.address,
                user_id=participant.user_id,
                uri=participant.uri,
                name=participant.name,
                leads=participant.place is Place.LEADERS,
            )
        elif participant.place is Place.OUTSIDE:
            self.leave(meeting, participant.address)

    def enter(
        self, meeting: MeetingKey, address: str, *, user_id: int, uri: str, name: str, leads: bool
    ) -> None:
        """Note that somebody is in a meeting from now on, or leads it by now."""
        role = Role.LEADER if leads else Role.ATTENDEE
        values = {
            **_person(meeting, address),
            "user_id": user_id,
            "uri": uri,
            "name": name,
            "role": role.value,
            "anonymous": int(user_id < 0),
            "now": milliseconds(self._now),
            "leads": int(leads),
            "leader": Role.LEADER.value,
        }
        known = self._connection.execute(
            "UPDATE attendances SET role = CASE WHEN :leads = 1 THEN :leader ELSE role END"
            f" WHERE {_OF_PERSON} AND left_at IS NULL",
            values,
        )
        if known.rowcount:
            return
        (count,) = self._connection.execute(
            f"SELECT count(*) FROM attendances WHERE {_OF_PERSON}", _person(meeting, address)
        ).fetchone()
        if int(count) >= MOST_OF_A_PERSON:
            self._connection.execute(
                f"UPDATE attendances SET left_at = NULL WHERE {_OF_PERSON}"
                f" AND joined_at = ({_LAST})",
                _person(meeting, address),
            )
            return
        self._connection.execute(
            f"INSERT INTO attendances (organizer_id, online_meeting_id, user_id, {_COLUMNS})"
            " VALUES (:organizer_id, :online_meeting_id, :user_id, :address, :uri, :name, :role,"
            " :anonymous, :now, NULL)"
            # Within one millisecond she has left and is there again.
            " ON CONFLICT (organizer_id, online_meeting_id, address, joined_at)"
            " DO UPDATE SET left_at = NULL",
            values,
        )

    def leave(self, meeting: MeetingKey, address: str) -> None:
        """Note that somebody is in a meeting no more. Nothing happens if she was not."""
        self._connection.execute(
            f"UPDATE attendances SET left_at = :now WHERE {_OF_PERSON} AND left_at IS NULL",
            {**_person(meeting, address), "now": milliseconds(self._now)},
        )

    def of(
        self,
        meeting: MeetingKey,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        most: int,
    ) -> list[Attendance]:
        """The records of those who joined in a time, in the order in which they did."""
        bounds = ""
        values: dict[str, object] = {**_key(meeting), "most": most}
        if since is not None:
            bounds += " AND joined_at >= :since"
            values["since"] = milliseconds(since)
        if until is not None:
            bounds += " AND joined_at < :until"
            values["until"] = milliseconds(until)
        rows = self._connection.execute(
            f"{_SELECT}{bounds} ORDER BY joined_at, address LIMIT :most", values
        ).fetchall()
        return [_attendance(meeting, *row) for row in rows]

    def get(self, meeting: MeetingKey, joined_at: datetime, address: str) -> Attendance | None:
        """Return one record."""
        row = self._connection.execute(
            f"{_SELECT} AND address = :address AND joined_at = :joined_at",
            {**_person(meeting, address), "joined_at": milliseconds(joined_at)},
        ).fetchone()
        return _attendance(meeting, *row) if row else None

    def remove(self, meeting: MeetingKey) -> None:
        """Forget who was in a meeting, but for who is in it now."""
        self._connection.execute(
            f"DELETE FROM attendances WHERE {_OF_MEETING} AND left_at IS NOT NULL", _key(meeting)
        )

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"attendances_removed": self.sweep(self._now - lifetimes.attendance)}

    def sweep(self, joined_before: datetime) -> int:
        """Forget who joined before then, some at a time. Returns how many."""
        rows = self._connection.execute(
            "SELECT organizer_id, online_meeting_id, address, joined_at FROM attendances"
            " WHERE joined_at < :before AND left_at IS NOT NULL LIMIT :most",
            {"before": milliseconds(joined_before), "most": _SWEPT_AT_ONCE},
        ).fetchall()
        for organizer_id, id, address, joined_at in rows:
            meeting = MeetingKey(organizer_id=organizer_id, online_meeting_id=id)
            self._connection.execute(
                f"DELETE FROM attendances WHERE {_OF_PERSON} AND joined_at = :joined_at",
                {**_person(meeting, address), "joined_at": joined_at},
            )
        return len(rows)


def _key(meeting: MeetingKey) -> dict[str, object]:
    return {
        "organizer_id": meeting.organizer_id,
        "online_meeting_id": meeting.online_meeting_id,
    }


def _person(meeting: MeetingKey, address: str) -> dict[str, object]:
    return {**_key(meeting), "address": address}


def _attendance(
    meeting: MeetingKey,
    address: str,
    uri: str,
    name: str,
    role: str,
    anonymous: int,
    joined_at: int,
    left_at: int | None,
) -> Attendance:
    return Attendance(
        meeting=meeting,
        address=address,
        uri=uri,
        name=name,
        role=Role(role),
        anonymous=bool(anonymous),
        joined_at=from_milliseconds(joined_at),
        left_at=None if left_at is None else from_milliseconds(left_at),
    )
