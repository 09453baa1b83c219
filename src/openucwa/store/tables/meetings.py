"""The table of meetings.

A meeting's row says who organizes it and which version is the current one; what a version says is
in the table of versions, which is the meeting's history too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.deployment import Lifetimes
from openucwa.domain.facts import of_meetings
from openucwa.domain.meetings import (
    Details,
    Entry,
    Meeting,
    Version,
    differing,
    is_assigned,
    keys_of,
    new_conference_id,
    new_id,
)
from openucwa.domain.versions import first_version, next_version
from openucwa.store.connection import turn_of_user
from openucwa.store.declared import remove_within
from openucwa.store.table import Rows, Table
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.meeting_versions import (
    OF_MEETING,
    VERSION,
    MeetingVersions,
    key_of,
    version_of,
)
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.schedules import SCHEDULE, schedule_of
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import MeetingRole, OnlineMeetingRel
from openucwa.wire.errors import NotFound, PreconditionFailed

_ORGANIZER = "coalesce((SELECT u.join_name FROM users u WHERE u.id = m.organizer_id), '')"
COLUMNS = (
    f"m.organizer_id, {_ORGANIZER}, m.online_meeting_id, m.rel, m.conference_id, m.version,"
    " m.ordinal, m.expires_at, m.bytes, m.kept_bytes,"
    f" {', '.join(f'v.{name}' for name in VERSION[1:])}, v.details,"
    " EXISTS (SELECT 1 FROM extensions e"
    " WHERE e.organizer_id = m.organizer_id AND e.online_meeting_id = m.online_meeting_id),"
    f" {SCHEDULE}"
)
"""SQL for what `meeting_of` takes, of the tables that CURRENT joins."""
CURRENT = (
    "meetings m JOIN meeting_versions v ON v.organizer_id = m.organizer_id"
    " AND v.online_meeting_id = m.online_meeting_id AND v.ordinal = m.ordinal"
    " LEFT JOIN meeting_schedules s ON s.organizer_id = m.organizer_id"
    " AND s.online_meeting_id = m.online_meeting_id"
)
_SELECT = f"SELECT {COLUMNS} FROM {CURRENT}"
_SELECT_ONE = (
    f"{_SELECT} WHERE m.organizer_id = :organizer_id AND m.online_meeting_id = :online_meeting_id"
)
ENTRY = f"m.organizer_id, {_ORGANIZER}, m.online_meeting_id, m.rel, m.version"
"""SQL for what `entry_of` takes."""
SIZE = (
    "m.bytes + coalesce((SELECT CAST(sum(e.bytes) AS BIGINT) FROM extensions e"
    " WHERE e.organizer_id = m.organizer_id AND e.online_meeting_id = m.online_meeting_id), 0)"
)
_GRANTED = {
    MeetingRole.ORGANIZER: "",
    MeetingRole.DELEGATE: " AND EXISTS (SELECT 1 FROM delegates d WHERE"
    " d.organizer_id = meetings.organizer_id AND d.delegate_id = :author_id)",
    MeetingRole.EDITOR: " AND EXISTS (SELECT 1 FROM shares s WHERE"
    " s.organizer_id = meetings.organizer_id AND s.online_meeting_id = meetings.online_meeting_id"
    f" AND s.user_id = :author_id AND s.role = '{MeetingRole.EDITOR}')",
}
"""SQL for the grant of who changes a meeting, by her role. Others may not."""
_REPLACE = (
    "UPDATE meetings SET version = :version, ordinal = :ordinal, bytes = :bytes,"
    " kept_bytes = :kept_bytes"
    f" WHERE {OF_MEETING} AND version = :seen"
)
_POSTPONE = f"UPDATE meetings SET expires_at = :expires_at WHERE {OF_MEETING}"

_OF_GUESTS = (
    "user_id IN (SELECT id FROM users WHERE"
    " guest_organizer_id = :organizer_id AND guest_meeting_id = :online_meeting_id)"
)
_OF_THOSE_INSIDE = "user_id IN (SELECT user_id FROM views)"
_END_GUESTS = f"DELETE FROM tokens WHERE {_OF_GUESTS} AND NOT {_OF_THOSE_INSIDE}"
_LET_GUESTS_HEAR = (
    f"UPDATE tokens SET expires_at = :soon WHERE {_OF_GUESTS} AND expires_at > :soon"
    f" AND {_OF_THOSE_INSIDE}"
)
_SOON = timedelta(minutes=1)
"""For guests who are in a meeting, to hear that it has ended."""

_FORGET_EVERY = 10  # versions: forgetting each time would cost as much as writing
_SWEPT_AT_ONCE = 50  # so that a sweep does not hold up the writers

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Details).decode


class Meetings(Table):
    rows = (Rows(name="meetings", owner="organizer_id", bytes="bytes"),)

    def get(self, organizer_id: int, online_meeting_id: str) -> Meeting | None:
        row = self._connection.execute(
            _SELECT_ONE, {"organizer_id": organizer_id, "online_meeting_id": online_meeting_id}
        ).fetchone()
        return meeting_of(*row) if row else None

    def of(self, organizer_id: int, *, up_to: tuple[int, str] | None = None) -> list[Meeting]:
        """Return the meetings that a user organizes, in the order of their ids.

        `up_to` leaves out those that are larger than a size in bytes, with their extensions, and
        of those that have that very size, the ones after an id.
        """
        bound = ""
        if up_to is not None:
            bound = f" AND ({SIZE} < :size OR ({SIZE} = :size AND m.online_meeting_id <= :id))"
        size, id = up_to or (None, None)
        rows = self._connection.execute(
            f"{_SELECT} WHERE m.organizer_id = :organizer_id{bound} ORDER BY m.online_meeting_id",
            {"organizer_id": organizer_id, "size": size, "id": id},
        ).fetchall()
        return [meeting_of(*row) for row in rows]

    def sizes(self, organizer_id: int) -> list[tuple[int, Entry]]:
        """Return a user's meetings by id, each with the bytes of it and its extensions."""
        rows = self._connection.execute(
            f"SELECT {ENTRY}, {SIZE} FROM meetings m"
            " WHERE m.organizer_id = :organizer_id ORDER BY m.online_meeting_id",
            {"organizer_id": organizer_id},
        ).fetchall()
        return [(size, entry_of(*row)) for *row, size in rows]

    def count(self, organizer_id: int) -> int:
        """Return the number of meetings that a user has scheduled, without her standing one."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM meetings WHERE organizer_id = :organizer_id AND rel = :rel",
            {"organizer_id": organizer_id, "rel": OnlineMeetingRel.MY_ONLINE_MEETINGS.value},
        ).fetchone()
        return int(count)

    def assigned(self, organizer_id: int) -> Meeting | None:
        """The standing meeting of a user."""
        row = self._connection.execute(
            f"{_SELECT} WHERE m.organizer_id = :organizer_id AND m.rel = :rel",
            {
                "organizer_id": organizer_id,
                "rel": OnlineMeetingRel.MY_ASSIGNED_ONLINE_MEETING.value,
            },
        ).fetchone()
        return meeting_of(*row) if row else None

    def add(
        self,
        rel: OnlineMeetingRel,
        details: Details,
        *,
        by: Application,
        organizer_id: int | None = None,
        told: bool = True,
    ) -> Meeting:
        """Schedule a meeting under a new id, of the application's user unless another is named.

        A delegate does it on behalf of that one. `told` is whether there may be somebody to tell of
        it.
        """
        if organizer_id is None:
            organizer_id = by.user_id
        # For the limit of her meetings, and her standing one.
        self._connection.alone(turn_of_user(organizer_id))
        text = _encode(details)
        version = first_version()
        meeting = Meeting(
            organizer_id=organizer_id,
            organizer=self._join_name(organizer_id),
            online_meeting_id=self._free_id(organizer_id),
            online_meeting_rel=rel,
            conference_id=self._free_conference_id(),
            version=version,
            ordinal=1,
            expires_at=self._expires_at(rel, details, None),
            bytes=len(text),
            kept_bytes=len(text),
            details=details,
            latest=self._written(version, by, by.user_id != organizer_id, None),
        )
        self._connection.execute(
            "INSERT INTO meetings (organizer_id, online_meeting_id, rel, conference_id, version,"
            " ordinal, expires_at, bytes, kept_bytes) VALUES (:organizer_id, :online_meeting_id,"
            " :rel, :conference_id, :version, :ordinal, :expires_at, :bytes, :kept_bytes)",
            {
                **key_of(meeting),
                "rel": rel.value,
                "conference_id": meeting.conference_id,
                "version": meeting.version,
                "ordinal": meeting.ordinal,
                "expires_at": _stored(meeting.expires_at),
                "bytes": meeting.bytes,
                "kept_bytes": meeting.kept_bytes,
            },
        )
        self._tx.of(MeetingVersions).add(meeting, text)
        if told:
            self._tell(EventType.ADDED, meeting)
        return meeting

    def revise(
        self,
        found: Meeting,
        details: Details,
        *,
        by: Application,
        role: MeetingRole = MeetingRole.ORGANIZER,
        keep: int,
        keep_bytes: int | None = None,
    ) -> Meeting:
        """Put `details` in the place of those of `found`, and keep `keep` versions at most.

        Who writes does so in a role, which must still be granted.

        Versions before the current one are kept while they hold at most `keep_bytes` together; the
        last of them always is, since somebody may just be changing it.

        Compare and set in one statement: raises PreconditionFailed when the meeting is no longer in
        the version of `found`.
        """
        text = _encode(details)
        version = next_version(found.version)
        changed = tuple(differing(found.details, details))
        meeting = msgspec.structs.replace(
            found,
            bytes=len(text),
            kept_bytes=found.kept_bytes + len(text),
            details=details,
            latest=self._written(version, by, role is MeetingRole.DELEGATE, changed),
            version=version,
            ordinal=found.ordinal + 1,
            expires_at=self._expires_at(found.online_meeting_rel, details, found.ends_at),
        )
        self._connection.change_one(
            _REPLACE + _GRANTED[role],
            {
                **key_of(meeting),
                "author_id": by.user_id,
                "version": meeting.version,
                "ordinal": meeting.ordinal,
                "bytes": meeting.bytes,
                "kept_bytes": meeting.kept_bytes,
                "seen": found.version,
            },
            PreconditionFailed("The meeting has changed in the meantime. Fetch it again."),
        )
        if meeting.expires_at != found.expires_at:  # which spares the index most of the time
            self._connection.execute(
                _POSTPONE, {**key_of(meeting), "expires_at": _stored(meeting.expires_at)}
            )
        self._tx.of(MeetingVersions).add(meeting, text)
        self._tell(EventType.UPDATED, meeting)
        self._tx.of(Rosters).follow(found.organizer_id, found.online_meeting_id)
        are_many = meeting.ordinal > keep and meeting.ordinal % _FORGET_EVERY == 0
        are_large = keep_bytes is not None and meeting.kept_bytes - meeting.bytes > keep_bytes
        if are_many or are_large:
            kept_bytes = self._tx.of(MeetingVersions).forget(meeting, keep, keep_bytes)
            meeting = self._keep(meeting, kept_bytes)
        return meeting

    def start_anew(self, organizer_id: int, online_meeting_id: str) -> None:
        """Let whoever changes a meeting now see what this transaction writes beside it."""
        self._connection.execute(
            f"UPDATE meetings SET grants = grants + 1 WHERE {OF_MEETING}",
            {"organizer_id": organizer_id, "online_meeting_id": online_meeting_id},
        )

    def tell_updated(self, meeting: Entry) -> None:
        """Tell that a meeting is shown otherwise, in the version that it has."""
        self._tell(EventType.UPDATED, meeting)

    def _written(
        self, version: int, by: Application, on_behalf: bool, changed: tuple[str, ...] | None
    ) -> Version:
        """Return a version that is written now, from an application."""
        return Version(
            version=version,
            author_id=by.user_id,
            application_id=by.id,
            client=by.user_agent,
            on_behalf=on_behalf,
            written_at=from_milliseconds(milliseconds(self._now)),  # as it is read again
            changed=changed,
        )

    def _keep(self, meeting: Meeting, kept_bytes: int) -> Meeting:
        """Note how many bytes its versions take."""
        self._connection.execute(
            f"UPDATE meetings SET kept_bytes = :kept_bytes WHERE {OF_MEETING}",
            {**key_of(meeting), "kept_bytes": kept_bytes},
        )
        return msgspec.structs.replace(meeting, kept_bytes=kept_bytes)

    def delete(self, found: Meeting) -> None:
        """Remove a meeting with its versions and extensions, and end its guests' tokens.

        Raises NotFound when somebody else has removed it, PreconditionFailed when it is no
        longer in the version of `found`.
        """
        # An extension may be added meanwhile.
        self._connection.alone(turn_of_user(found.organizer_id))
        self._delete(found)

    def _delete(self, found: Entry) -> None:
        deleted = self._connection.execute(
            f"DELETE FROM meetings WHERE {OF_MEETING} AND version = :seen",
            {**key_of(found), "seen": found.version},
        )
        if deleted.rowcount != 1:
            if self.get(found.organizer_id, found.online_meeting_id) is None:
                raise NotFound("The meeting no longer exists.")
            raise PreconditionFailed("The meeting has changed in the meantime. Fetch it again.")
        self._tx.of(Rosters).end(found.organizer_id, found.online_meeting_id)
        remove_within(self._connection, "meetings", found.organizer_id, found.online_meeting_id)
        self._connection.execute(_END_GUESTS, key_of(found))
        soon = milliseconds(self._now + _SOON)
        self._connection.execute(_LET_GUESTS_HEAR, {**key_of(found), "soon": soon})
        self._tell(EventType.DELETED, found)
        topic = of_meetings(found.organizer_id)
        self._tx.of(Channels).end_part(topic, found.online_meeting_id)

    def swept(self, lifetimes: Lifetimes) -> Mapping[str, int]:
        return {"meetings_removed": self.sweep(self._now - lifetimes.meeting_grace)}

    def sweep(self, expired_before: datetime) -> int:
        """Remove meetings that expired before then, and were not changed since, some at a time.

        Returns how many.
        """
        rows = self._connection.execute(
            f"SELECT {ENTRY} FROM meetings m WHERE m.expires_at < :before LIMIT {_SWEPT_AT_ONCE}",
            {"before": milliseconds(expired_before)},
        ).fetchall()
        expired = [entry_of(*row) for row in rows]
        self._connection.alone(*{turn_of_user(one.organizer_id) for one in expired})
        for meeting in expired:
            self._delete(meeting)
        return len(expired)

    def _expires_at(
        self, rel: OnlineMeetingRel, details: Details, ends_at: datetime | None
    ) -> datetime | None:
        """Return when a meeting that is written now expires; a standing one never does."""
        if rel is not OnlineMeetingRel.MY_ONLINE_MEETINGS or details.expiration_time is None:
            return None
        return max(details.expiration_time, self._now, ends_at or self._now)

    def _tell(self, type: EventType, meeting: Entry) -> None:
        kind = "standing meeting" if is_assigned(meeting) else "meeting"
        self._tx.facts.append(
            of_meetings(meeting.organizer_id),
            type,
            kind,
            part=meeting.online_meeting_id,
            **keys_of(meeting),
        )

    def _join_name(self, organizer_id: int) -> str:
        row = self._connection.execute(
            "SELECT join_name FROM users WHERE id = :id", {"id": organizer_id}
        ).fetchone()
        return str(row[0]) if row else ""

    def _free_id(self, organizer_id: int) -> str:
        while self.get(organizer_id, id := new_id()):
            pass
        return id

    def _free_conference_id(self) -> str:
        while self._connection.execute(
            "SELECT 1 FROM meetings WHERE conference_id = :id", {"id": (id := new_conference_id())}
        ).fetchone():
            pass
        return id


def _stored(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def entry_of(
    organizer_id: int, organizer: str, online_meeting_id: str, rel: str, version: int
) -> Entry:
    """The meeting of a row."""
    return Entry(
        organizer_id=organizer_id,
        organizer=organizer,
        online_meeting_id=online_meeting_id,
        online_meeting_rel=OnlineMeetingRel(rel),
        version=version,
    )


def meeting_of(
    organizer_id: int,
    organizer: str,
    online_meeting_id: str,
    rel: str,
    conference_id: str,
    version: int,
    ordinal: int,
    expires_at: int | None,
    bytes: int,
    kept_bytes: int,
    author_id: int,
    application_id: int,
    client: str,
    on_behalf: int,
    written_at: int,
    changed: str | None,
    details: str,
    has_extensions: int,
    *schedule: Any,
) -> Meeting:
    """The meeting of a row."""
    return Meeting(
        organizer_id=organizer_id,
        organizer=organizer,
        online_meeting_id=online_meeting_id,
        online_meeting_rel=OnlineMeetingRel(rel),
        conference_id=conference_id,
        version=version,
        ordinal=ordinal,
        expires_at=None if expires_at is None else from_milliseconds(expires_at),
        bytes=bytes,
        kept_bytes=kept_bytes,
        details=_decode(details),
        latest=version_of(
            version, author_id, application_id, client, on_behalf, written_at, changed
        ),
        has_extensions=bool(has_extensions),
        schedule=schedule_of(organizer_id, organizer, online_meeting_id, *schedule),
    )
