"""The table of shares: with whom a meeting is shared."""

import msgspec

from openucwa.domain.facts import of_meetings, of_user
from openucwa.domain.meetings import Entry, is_assigned, keys_of
from openucwa.domain.people import User
from openucwa.domain.sharing import Share
from openucwa.domain.versions import first_version, next_version
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.store.tables import users
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.meetings import ENTRY, entry_of
from openucwa.store.tables.users import user_of
from openucwa.wire.channel import EventType
from openucwa.wire.enums import ShareRole
from openucwa.wire.errors import NotFound, PreconditionFailed

_OF_MEETING = "organizer_id = :organizer_id AND online_meeting_id = :online_meeting_id"
_ONE = f"{_OF_MEETING} AND user_id = :user_id"
_PERSON = ", ".join(f"p.{name}" for name in users.COLUMNS.split(", "))
_WIDTH = len(users.COLUMNS.split(", "))
# Whoever is changing the meeting in this moment starts anew, and sees what has become of her share.
_START_ANEW = f"UPDATE meetings SET grants = grants + 1 WHERE {_OF_MEETING}"


class Shares(Table):
    rows = (
        Rows(
            name="shares",
            owner="organizer_id",
            within={"meetings": ("organizer_id", "online_meeting_id"), "users": ("user_id",)},
        ),
    )

    def of(self, meeting: Entry) -> list[Share]:
        """The shares of a meeting, by the addresses of the people."""
        rows = self._connection.execute(
            f"SELECT s.role, s.version, {_PERSON} FROM shares s JOIN users p ON p.id = s.user_id"
            " WHERE s.organizer_id = :organizer_id AND s.online_meeting_id = :online_meeting_id"
            " ORDER BY p.sip_key",
            _key(meeting),
        ).fetchall()
        return [
            Share(
                meeting=meeting,
                person=user_of(*person),
                role=ShareRole(role),
                version=version,
            )
            for role, version, *person in rows
        ]

    def count(self, user_id: int) -> int:
        """Return the number of meetings that are shared with a user."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM shares WHERE user_id = :user_id", {"user_id": user_id}
        ).fetchone()
        return int(count)

    def alone(self, meeting: Entry, person: User) -> None:
        """Take the turns of both sides: for the limits, and for who writes or opens a channel."""
        self._connection.alone(turn_of_user(meeting.organizer_id), turn_of_user(person.id))

    def add(self, meeting: Entry, person: User, role: ShareRole) -> Share:
        """Share a meeting with a person, who must not have a share."""
        share = Share(
            meeting=meeting,
            person=person,
            role=role,
            version=first_version(),
        )
        self._connection.execute(
            "INSERT INTO shares (organizer_id, online_meeting_id, user_id, role, version)"
            " VALUES (:organizer_id, :online_meeting_id, :user_id, :role, :version)",
            _row(share),
        )
        self._tell(EventType.ADDED, share)
        self._tx.of(Channels).follow_everywhere(
            person.id, of_meetings(meeting.organizer_id), meeting.online_meeting_id
        )
        self._tell_person(EventType.ADDED, meeting, person)
        return share

    def change(self, found: Share, role: ShareRole) -> Share:
        """Give a share another role.

        Compare and set in one statement: raises PreconditionFailed when it has been changed.
        """
        self.alone(found.meeting, found.person)
        share = msgspec.structs.replace(found, role=role, version=next_version(found.version))
        changed = self._connection.execute(
            f"UPDATE shares SET role = :role, version = :version WHERE {_ONE} AND version = :seen",
            {**_row(share), "seen": found.version},
        )
        if changed.rowcount != 1:
            raise PreconditionFailed("The share has changed in the meantime. Fetch it again.")
        self._connection.execute(_START_ANEW, _key(found.meeting))
        self._tell(EventType.UPDATED, share)
        self._tell_person(EventType.UPDATED, found.meeting, share.person)
        return share

    def remove(self, found: Share) -> None:
        """Share a meeting with a person no more. Raises NotFound and PreconditionFailed."""
        meeting = found.meeting
        self.alone(meeting, found.person)
        removed = self._connection.execute(
            f"DELETE FROM shares WHERE {_ONE} AND version = :version", _row(found)
        )
        if removed.rowcount != 1:
            if not any(one.person.id == found.person.id for one in self.of(meeting)):
                raise NotFound("The meeting is not shared with this person any more.")
            raise PreconditionFailed("The share has changed in the meantime. Fetch it again.")
        self._connection.execute(_START_ANEW, _key(meeting))
        self._tx.of(Channels).leave_everywhere(
            found.person.id, of_meetings(meeting.organizer_id), meeting.online_meeting_id
        )
        self._tell(EventType.DELETED, found)
        self._tell_person(EventType.DELETED, meeting, found.person)

    def remove_all(self, user: User) -> None:
        """Remove the shares that a user has, and those of her own meetings."""
        rows = self._connection.execute(
            f"SELECT {ENTRY}, {_PERSON}, s.role, s.version FROM shares s JOIN meetings m ON"
            " m.organizer_id = s.organizer_id AND m.online_meeting_id = s.online_meeting_id"
            " JOIN users p ON p.id = s.user_id"
            " WHERE s.user_id = :user_id OR s.organizer_id = :user_id",
            {"user_id": user.id},
        ).fetchall()
        shares = [
            Share(
                meeting=entry_of(*row[:-_WIDTH]),
                person=user_of(*row[-_WIDTH:]),
                role=ShareRole(role),
                version=version,
            )
            for *row, role, version in rows
        ]
        # All at once, or PostgreSQL starts the transaction anew for each.
        ids = {id for one in shares for id in (one.organizer_id, one.person.id)}
        self._connection.alone(*map(turn_of_user, ids | {user.id}))
        for share in shares:
            self.remove(share)

    def _tell(self, type: EventType, share: Share) -> None:
        """Tell those who may see the shares."""
        self._tx.facts.append(
            of_meetings(share.organizer_id),
            type,
            "share",
            part=f"{share.online_meeting_id}/shares",
            **keys_of(share.meeting),
            share_id=share.share_id,
        )

    def _tell_person(self, type: EventType, meeting: Entry, person: User) -> None:
        """Tell the person that she has the meeting, or has it no more."""
        kind = "standing meeting" if is_assigned(meeting) else "meeting"
        self._tx.facts.append(of_user(person.id), type, kind, **keys_of(meeting))


def _key(meeting: Entry) -> dict[str, object]:
    return {
        "organizer_id": meeting.organizer_id,
        "online_meeting_id": meeting.online_meeting_id,
    }


def _row(share: Share) -> dict[str, object]:
    return {
        "organizer_id": share.organizer_id,
        "online_meeting_id": share.online_meeting_id,
        "user_id": share.person.id,
        "role": share.role.value,
        "version": share.version,
    }
