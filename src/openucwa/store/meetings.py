"""The tables of meetings and their versions.

A meeting's row says who organizes it and which version is the current one; what a version says is
in `meeting_versions`, which is the meeting's history too.
"""

from datetime import datetime

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.facts import of_user
from openucwa.domain.meetings import (
    Details,
    Meeting,
    Version,
    is_assigned,
    new_conference_id,
    new_id,
)
from openucwa.domain.versions import first_version, next_version
from openucwa.store.connection import Connection
from openucwa.store.facts import Facts
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.enums import OnlineMeetingRel
from openucwa.wire.errors import NotFound, PreconditionFailed

_SELECT = (
    "SELECT m.organizer_id, m.online_meeting_id, m.rel, m.conference_id, m.version, m.ordinal,"
    " m.expires_at, v.details, EXISTS (SELECT 1 FROM extensions e WHERE"
    " e.organizer_id = m.organizer_id AND e.online_meeting_id = m.online_meeting_id)"
    " FROM meetings m JOIN meeting_versions v ON v.organizer_id = m.organizer_id"
    " AND v.online_meeting_id = m.online_meeting_id AND v.ordinal = m.ordinal"
)
_OF_MEETING = "organizer_id = :organizer_id AND online_meeting_id = :online_meeting_id"
_SELECT_ONE = (
    f"{_SELECT} WHERE m.organizer_id = :organizer_id AND m.online_meeting_id = :online_meeting_id"
)
_REPLACE = (
    "UPDATE meetings SET version = :version, ordinal = :ordinal"
    f" WHERE {_OF_MEETING} AND version = :seen"
)
_POSTPONE = f"UPDATE meetings SET expires_at = :expires_at WHERE {_OF_MEETING}"
_SELECT_VERSION = (
    "SELECT version, author_id, application_id, written_at, details"
    f" FROM meeting_versions WHERE {_OF_MEETING}"
)
_SELECT_VERSIONS = (
    f"{_SELECT_VERSION} AND ordinal > :forgotten AND version BETWEEN :since AND :until"
    " ORDER BY ordinal DESC LIMIT :most"
)
_INSERT_VERSION = (
    "INSERT INTO meeting_versions (organizer_id, online_meeting_id, ordinal, version, author_id,"
    " application_id, written_at, details) VALUES (:organizer_id, :online_meeting_id, :ordinal,"
    " :version, :author_id, :application_id, :written_at, :details)"
)
_FORGET_VERSIONS = f"DELETE FROM meeting_versions WHERE {_OF_MEETING} AND ordinal <= :ordinal"

_END_GUESTS = (
    "DELETE FROM tokens WHERE user_id IN (SELECT id FROM users WHERE"
    " guest_organizer_id = :organizer_id AND guest_meeting_id = :online_meeting_id)"
)

_FORGET_EVERY = 10  # versions: forgetting each time would cost as much as writing
_SWEPT_AT_ONCE = 500  # so that a sweep does not hold up the writers

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Details).decode


class Meetings:
    def __init__(self, connection: Connection, now: datetime, facts: Facts) -> None:
        self._connection = connection
        self._now = now
        self._facts = facts

    def get(self, organizer_id: int, online_meeting_id: str) -> Meeting | None:
        row = self._connection.execute(
            _SELECT_ONE, {"organizer_id": organizer_id, "online_meeting_id": online_meeting_id}
        ).fetchone()
        return _meeting(*row) if row else None

    def of(self, organizer_id: int) -> list[Meeting]:
        """The meetings that a user organizes, in the order of their ids."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE m.organizer_id = :organizer_id ORDER BY m.online_meeting_id",
            {"organizer_id": organizer_id},
        ).fetchall()
        return [_meeting(*row) for row in rows]

    def count(self, organizer_id: int) -> int:
        """How many meetings a user has scheduled, her standing one not counted."""
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
        return _meeting(*row) if row else None

    def add(
        self, rel: OnlineMeetingRel, details: Details, *, by: Application, told: bool = True
    ) -> Meeting:
        """Schedule a meeting of the application's user, under a new id.

        `told` is whether there may be somebody to tell of it.
        """
        self._connection.alone(by.user_id)  # for the limit of her meetings, and her standing one
        meeting = Meeting(
            organizer_id=by.user_id,
            online_meeting_id=self._free_id(by.user_id),
            online_meeting_rel=rel,
            conference_id=self._free_conference_id(),
            version=first_version(),
            ordinal=1,
            expires_at=self._expires_at(rel, details),
            details=details,
        )
        self._connection.execute(
            "INSERT INTO meetings (organizer_id, online_meeting_id, rel, conference_id, version,"
            " ordinal, expires_at) VALUES (:organizer_id, :online_meeting_id, :rel,"
            " :conference_id, :version, :ordinal, :expires_at)",
            {
                **_key(meeting),
                "rel": rel.value,
                "conference_id": meeting.conference_id,
                "version": meeting.version,
                "ordinal": meeting.ordinal,
                "expires_at": _stored(meeting.expires_at),
            },
        )
        self._add_version(meeting, by)
        if told:
            self._tell(EventType.ADDED, meeting)
        return meeting

    def revise(self, found: Meeting, details: Details, *, by: Application, keep: int) -> Meeting:
        """Put `details` in the place of those of `found`, and keep `keep` versions at most.

        Compare and set in one statement: raises PreconditionFailed when the meeting is no longer in
        the version of `found`.
        """
        meeting = msgspec.structs.replace(
            found,
            details=details,
            version=next_version(found.version),
            ordinal=found.ordinal + 1,
            expires_at=self._expires_at(found.online_meeting_rel, details),
        )
        self._connection.change_one(
            _REPLACE,
            {
                **_key(meeting),
                "version": meeting.version,
                "ordinal": meeting.ordinal,
                "seen": found.version,
            },
            PreconditionFailed("The meeting has changed meanwhile. Fetch it again."),
        )
        if meeting.expires_at != found.expires_at:  # which spares the index most of the time
            self._connection.execute(
                _POSTPONE, {**_key(meeting), "expires_at": _stored(meeting.expires_at)}
            )
        self._add_version(meeting, by)
        self._tell(EventType.UPDATED, meeting)
        if meeting.ordinal > keep and meeting.ordinal % _FORGET_EVERY == 0:
            self._connection.execute(
                _FORGET_VERSIONS, {**_key(meeting), "ordinal": meeting.ordinal - keep}
            )
        return meeting

    def delete(self, found: Meeting) -> None:
        """Remove a meeting with its versions and extensions, and end its guests' tokens.

        Raises NotFound when somebody else has removed it, PreconditionFailed when it is no
        longer in the version of `found`.
        """
        self._connection.alone(found.organizer_id)  # an extension may be added meanwhile
        self._delete(found)

    def _delete(self, found: Meeting) -> None:
        deleted = self._connection.execute(
            f"DELETE FROM meetings WHERE {_OF_MEETING} AND version = :seen",
            {**_key(found), "seen": found.version},
        )
        if deleted.rowcount != 1:
            if self.get(found.organizer_id, found.online_meeting_id) is None:
                raise NotFound("There is no such meeting any more.")
            raise PreconditionFailed("The meeting has changed meanwhile. Fetch it again.")
        for table in ("meeting_versions", "extensions"):
            self._connection.execute(f"DELETE FROM {table} WHERE {_OF_MEETING}", _key(found))
        self._connection.execute(_END_GUESTS, _key(found))
        self._tell(EventType.DELETED, found)

    def latest(self, meeting: Meeting) -> Version:
        """Who wrote the current version, and when."""
        row = self._connection.execute(
            f"{_SELECT_VERSION} AND ordinal = :ordinal",
            {**_key(meeting), "ordinal": meeting.ordinal},
        ).fetchone()
        return _version(*row)

    def version(self, meeting: Meeting, version: int, *, keep: int) -> Version | None:
        """A version of a meeting that is among its latest `keep`."""
        row = self._connection.execute(
            f"{_SELECT_VERSION} AND version = :version AND ordinal > :forgotten",
            {**_key(meeting), "version": version, "forgotten": meeting.ordinal - keep},
        ).fetchone()
        return _version(*row) if row else None

    def versions(
        self,
        meeting: Meeting,
        *,
        keep: int,
        since: int = 0,
        until: int | None = None,
        most: int | None = None,
    ) -> list[Version]:
        """The versions of a meeting among its latest `keep`, the newest first.

        Of these, those from `since` to `until`, both included, and at most so many.
        """
        rows = self._connection.execute(
            _SELECT_VERSIONS,
            {
                **_key(meeting),
                "forgotten": meeting.ordinal - keep,
                "since": since,
                "until": meeting.version if until is None else until,
                "most": keep if most is None else most,
            },
        ).fetchall()
        return [_version(*row) for row in rows]

    def sweep(self, expired_before: datetime) -> int:
        """Remove meetings that expired before then, and were not changed since, some at a time.

        Returns how many.
        """
        rows = self._connection.execute(
            f"{_SELECT} WHERE m.expires_at < :before LIMIT {_SWEPT_AT_ONCE}",
            {"before": milliseconds(expired_before)},
        ).fetchall()
        expired = [_meeting(*row) for row in rows]
        self._connection.alone(*{one.organizer_id for one in expired})
        for meeting in expired:
            self._delete(meeting)
        return len(expired)

    def _expires_at(self, rel: OnlineMeetingRel, details: Details) -> datetime | None:
        """When a meeting that is written now expires; a standing one never does."""
        if rel is not OnlineMeetingRel.MY_ONLINE_MEETINGS or details.expiration_time is None:
            return None
        return max(details.expiration_time, self._now)

    def _add_version(self, meeting: Meeting, by: Application) -> None:
        self._connection.execute(
            _INSERT_VERSION,
            {
                **_key(meeting),
                "ordinal": meeting.ordinal,
                "version": meeting.version,
                "author_id": by.user_id,
                "application_id": by.id,
                "written_at": milliseconds(self._now),
                "details": _encode(meeting.details).decode(),
            },
        )

    def _tell(self, type: EventType, meeting: Meeting) -> None:
        owner, topic = meeting.organizer_id, of_user(meeting.organizer_id)
        is_standing = is_assigned(meeting)
        rel = "myAssignedOnlineMeeting" if is_standing else "myOnlineMeeting"
        self._facts.append(owner, topic, type, rel, online_meeting_id=meeting.online_meeting_id)
        if is_standing and type is not EventType.UPDATED:
            for rel in ("onlineMeetings", "onlineMeetingEligibleValues"):  # which link to it
                self._facts.append(owner, topic, EventType.UPDATED, rel)

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


def _key(meeting: Meeting) -> dict[str, object]:
    return {
        "organizer_id": meeting.organizer_id,
        "online_meeting_id": meeting.online_meeting_id,
    }


def _stored(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def _meeting(
    organizer_id: int,
    online_meeting_id: str,
    rel: str,
    conference_id: str,
    version: int,
    ordinal: int,
    expires_at: int | None,
    details: str,
    has_extensions: int,
) -> Meeting:
    return Meeting(
        organizer_id=organizer_id,
        online_meeting_id=online_meeting_id,
        online_meeting_rel=OnlineMeetingRel(rel),
        conference_id=conference_id,
        version=version,
        ordinal=ordinal,
        expires_at=None if expires_at is None else from_milliseconds(expires_at),
        details=_decode(details),
        has_extensions=bool(has_extensions),
    )


def _version(
    version: int, author_id: int, application_id: int, written_at: int, details: str
) -> Version:
    return Version(
        version=version,
        author_id=author_id,
        application_id=application_id,
        written_at=from_milliseconds(written_at),
        details=_decode(details),
    )
