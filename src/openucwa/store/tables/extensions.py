"""The table of meeting extensions."""

from collections.abc import Sequence

import msgspec

from openucwa.domain.extensions import Extension
from openucwa.domain.facts import of_meetings
from openucwa.domain.meetings import Entry
from openucwa.domain.versions import next_version
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.wire.channel import EventType
from openucwa.wire.enums import OnlineMeetingExtensionType
from openucwa.wire.errors import NotFound, PreconditionFailed

_SELECT = (
    "SELECT organizer_id,"
    " coalesce((SELECT u.join_name FROM users u WHERE u.id = organizer_id), ''),"
    " online_meeting_id, id, type, version, members FROM extensions"
)
_OF_MEETING = "organizer_id = :organizer_id AND online_meeting_id = :online_meeting_id"
_AT_ONCE = 100
_SELECT_OF_MEETINGS = (
    f"{_SELECT} WHERE (organizer_id, online_meeting_id) IN (VALUES "
    f"{', '.join(f'(CAST(:organizer{n} AS BIGINT), :id{n})' for n in range(_AT_ONCE))})"
    " ORDER BY organizer_id, online_meeting_id, id"
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class Extensions(Table):
    rows = (
        Rows(
            name="extensions",
            owner="organizer_id",
            within={"meetings": ("organizer_id", "online_meeting_id")},
            bytes="bytes",
        ),
    )

    def of(self, organizer_id: int, online_meeting_id: str) -> list[Extension]:
        """The extensions of a meeting, in the order of their ids."""
        rows = self._connection.execute(
            f"{_SELECT} WHERE {_OF_MEETING} ORDER BY id",
            {"organizer_id": organizer_id, "online_meeting_id": online_meeting_id},
        ).fetchall()
        return [_extension(*row) for row in rows]

    def by_meeting(self, meetings: Sequence[Entry]) -> dict[tuple[int, str], list[Extension]]:
        """The extensions of several meetings, by organizer and id, in the order of their ids."""
        found: dict[tuple[int, str], list[Extension]] = {}
        for start in range(0, len(meetings), _AT_ONCE):
            some = meetings[start : start + _AT_ONCE]
            named: dict[str, object] = {}
            for n in range(_AT_ONCE):
                one = some[min(n, len(some) - 1)]
                named |= {f"organizer{n}": one.organizer_id, f"id{n}": one.online_meeting_id}
            rows = self._connection.execute(_SELECT_OF_MEETINGS, named).fetchall()
            for extension in (_extension(*row) for row in rows):
                key = (extension.organizer_id, extension.online_meeting_id)
                found.setdefault(key, []).append(extension)
        return found

    def bytes_of(self, organizer_id: int, online_meeting_id: str) -> int:
        """Return the bytes that the extensions of a meeting hold."""
        row = self._connection.execute(
            f"SELECT CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM extensions WHERE {_OF_MEETING}",
            {"organizer_id": organizer_id, "online_meeting_id": online_meeting_id},
        ).fetchone()
        return int(row[0])

    def get(self, organizer_id: int, online_meeting_id: str, id: str) -> Extension | None:
        row = self._connection.execute(
            f"{_SELECT} WHERE {_OF_MEETING} AND id = :id",
            {"organizer_id": organizer_id, "online_meeting_id": online_meeting_id, "id": id},
        ).fetchone()
        return _extension(*row) if row else None

    def add(self, extension: Extension) -> None:
        # The meeting may be deleted meanwhile.
        self._connection.alone(turn_of_user(extension.organizer_id))
        self._connection.execute(
            "INSERT INTO extensions (organizer_id, online_meeting_id, id, type, version, members,"
            " bytes) VALUES (:organizer_id, :online_meeting_id, :id, :type, :version, :members,"
            " :bytes)",
            _row(extension),
        )
        self._tell(EventType.ADDED, extension)

    def replace(self, found: Extension, wanted: Extension) -> Extension:
        """Put `wanted` in the place of `found`, in a new version.

        Compare and set in one statement: raises PreconditionFailed when the extension is no longer
        in the version of `found`.
        """
        extension = msgspec.structs.replace(wanted, version=next_version(found.version))
        replaced = self._connection.execute(
            "UPDATE extensions SET type = :type, version = :version, members = :members,"
            " bytes = :bytes"
            f" WHERE {_OF_MEETING} AND id = :id AND version = :seen",
            {**_row(extension), "seen": found.version},
        )
        if replaced.rowcount != 1:
            raise PreconditionFailed("The extension has changed in the meantime. Fetch it again.")
        self._tell(EventType.UPDATED, extension)
        return extension

    def delete(self, found: Extension) -> None:
        """Remove an extension. Raises NotFound or PreconditionFailed as Meetings.delete does."""
        deleted = self._connection.execute(
            f"DELETE FROM extensions WHERE {_OF_MEETING} AND id = :id AND version = :version",
            _row(found),
        )
        if deleted.rowcount != 1:
            if self.get(found.organizer_id, found.online_meeting_id, found.id) is None:
                raise NotFound("The extension no longer exists.")
            raise PreconditionFailed("The extension has changed in the meantime. Fetch it again.")
        self._tell(EventType.DELETED, found)

    def _tell(self, type: EventType, extension: Extension) -> None:
        self._tx.facts.append(
            of_meetings(extension.organizer_id),
            type,
            "extension",
            part=extension.online_meeting_id,
            organizer_id=str(extension.organizer_id),
            organizer=extension.organizer,
            online_meeting_id=extension.online_meeting_id,
            id=extension.id,
        )


def _row(extension: Extension) -> dict[str, object]:
    members = _encode(extension.members)
    return {
        "organizer_id": extension.organizer_id,
        "online_meeting_id": extension.online_meeting_id,
        "id": extension.id,
        "type": extension.type.value,
        "version": extension.version,
        "members": members.decode(),
        "bytes": len(members),
    }


def _extension(
    organizer_id: int,
    organizer: str,
    online_meeting_id: str,
    id: str,
    type: str,
    version: int,
    members: str,
) -> Extension:
    return Extension(
        organizer_id=organizer_id,
        organizer=organizer,
        online_meeting_id=online_meeting_id,
        id=id,
        type=OnlineMeetingExtensionType(type),
        version=version,
        members=_decode(members),
    )
