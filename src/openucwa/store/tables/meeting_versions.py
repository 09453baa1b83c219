"""The table of the versions of meetings: what each says, who wrote it, and when."""

from collections.abc import Collection

import msgspec

from openucwa.domain.meetings import Details, Entry, Meeting, Version
from openucwa.store.table import Rows, Table
from openucwa.wire.dates import from_milliseconds, milliseconds

OF_MEETING = "organizer_id = :organizer_id AND online_meeting_id = :online_meeting_id"
"""SQL for the rows of the meeting that `key_of` names."""
VERSION = ("version", "author_id", "application_id", "client", "on_behalf", "written_at", "changed")
"""The columns of a version, without what it says."""
_SELECT_VERSIONS = (
    f"SELECT {', '.join(VERSION)} FROM meeting_versions WHERE {OF_MEETING} AND ordinal > :forgotten"
    " AND version BETWEEN :since AND :until ORDER BY ordinal DESC LIMIT :most"
)
_INSERT_VERSION = (
    "INSERT INTO meeting_versions (organizer_id, online_meeting_id, ordinal, version, author_id,"
    " application_id, client, on_behalf, written_at, bytes, changed, details) VALUES"
    " (:organizer_id, :online_meeting_id, :ordinal, :version, :author_id, :application_id, :client,"
    " :on_behalf, :written_at, :bytes, :changed, :details)"
)
_FORGET_VERSIONS = f"DELETE FROM meeting_versions WHERE {OF_MEETING} AND ordinal <= :ordinal"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Details).decode
_decode_names = msgspec.json.Decoder(tuple[str, ...]).decode


def key_of(meeting: Entry) -> dict[str, object]:
    """Return the key of a meeting, as parameters of a statement."""
    return {
        "organizer_id": meeting.organizer_id,
        "online_meeting_id": meeting.online_meeting_id,
    }


class MeetingVersions(Table):
    rows = (
        Rows(
            name="meeting_versions",
            owner="organizer_id",
            within={"meetings": ("organizer_id", "online_meeting_id")},
        ),
    )

    def add(self, meeting: Meeting, text: bytes) -> None:
        """Add the version that a meeting has now, whose details are stored as a text."""
        latest = meeting.latest
        self._connection.execute(
            _INSERT_VERSION,
            {
                **key_of(meeting),
                "ordinal": meeting.ordinal,
                "version": meeting.version,
                "author_id": latest.author_id,
                "application_id": latest.application_id,
                "client": latest.client,
                "on_behalf": int(latest.on_behalf),
                "written_at": milliseconds(latest.written_at),
                "bytes": meeting.bytes,
                "changed": None if latest.changed is None else _encode(latest.changed).decode(),
                "details": text.decode(),
            },
        )

    def forget(self, meeting: Meeting, keep: int, keep_bytes: int | None) -> int:
        """Remove the versions that are not to be kept. Returns the bytes of the others."""
        rows = self._connection.execute(
            f"SELECT ordinal, bytes FROM meeting_versions WHERE {OF_MEETING}"
            " AND ordinal > :forgotten ORDER BY ordinal DESC",
            {**key_of(meeting), "forgotten": meeting.ordinal - keep},
        ).fetchall()
        (_, kept_bytes), *earlier = rows
        first, history = meeting.ordinal, 0
        for ordinal, bytes in earlier:
            history += bytes
            if keep_bytes is not None and history > keep_bytes and ordinal < meeting.ordinal - 1:
                break
            first, kept_bytes = ordinal, kept_bytes + bytes
        self._connection.execute(_FORGET_VERSIONS, {**key_of(meeting), "ordinal": first - 1})
        return int(kept_bytes)

    def details(self, meeting: Meeting, version: int, *, keep: int) -> Details | None:
        """Return the details of a version, if it is among the latest `keep` of its meeting."""
        row = self._connection.execute(
            f"SELECT details FROM meeting_versions WHERE {OF_MEETING}"
            " AND version = :version AND ordinal > :forgotten",
            {**key_of(meeting), "version": version, "forgotten": meeting.ordinal - keep},
        ).fetchone()
        return _decode(row[0]) if row else None

    def last_of(self, meeting: Meeting, versions: Collection[int], *, keep: int) -> Details | None:
        """Return the details of the last of these versions that is among the latest `keep`."""
        since, until = min(versions), max(versions)
        kept = self.of(meeting, keep=keep, since=since, until=until)
        last = next((one.version for one in kept if one.version in versions), None)
        return None if last is None else self.details(meeting, last, keep=keep)

    def of(
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
                **key_of(meeting),
                "forgotten": meeting.ordinal - keep,
                "since": since,
                "until": meeting.version if until is None else until,
                "most": keep if most is None else most,
            },
        ).fetchall()
        return [version_of(*row) for row in rows]


def version_of(
    version: int,
    author_id: int,
    application_id: int,
    client: str,
    on_behalf: int,
    written_at: int,
    changed: str | None,
) -> Version:
    """The version of a row, in the order of VERSION."""
    return Version(
        version=version,
        author_id=author_id,
        application_id=application_id,
        client=client,
        on_behalf=bool(on_behalf),
        written_at=from_milliseconds(written_at),
        changed=None if changed is None else _decode_names(changed),
    )
