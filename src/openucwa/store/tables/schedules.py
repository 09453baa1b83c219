"""The table of the schedules of meetings: when each takes place, and who decided so."""

from datetime import datetime

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.facts import of_meetings
from openucwa.domain.meetings import Version
from openucwa.domain.schedules import UNSCHEDULED, Schedule, Times
from openucwa.domain.versions import next_version
from openucwa.store.connection import turn_of_user
from openucwa.store.table import Rows, Table
from openucwa.store.tables.meeting_versions import version_of
from openucwa.wire.channel import EventType
from openucwa.wire.dates import from_milliseconds, milliseconds
from openucwa.wire.errors import PreconditionFailed

SCHEDULE = "s.version, s.starts_at, s.ends_at, s.time_zone"
"""SQL for what `schedule_of` takes, where the table is joined as `s`."""
_OF_MEETING = "organizer_id = :organizer_id AND online_meeting_id = :online_meeting_id"
_INSERT = (
    "INSERT INTO meeting_schedules (organizer_id, online_meeting_id, starts_at, ends_at, time_zone,"
    " version, author_id, application_id, client, on_behalf, written_at) VALUES (:organizer_id,"
    " :online_meeting_id, :starts_at, :ends_at, :time_zone, :version, :author_id, :application_id,"
    " :client, :on_behalf, :written_at)"
    " ON CONFLICT (organizer_id, online_meeting_id) DO NOTHING"
)
_REPLACE = (
    "UPDATE meeting_schedules SET starts_at = :starts_at, ends_at = :ends_at,"
    " time_zone = :time_zone, version = :version, author_id = :author_id,"
    " application_id = :application_id, client = :client, on_behalf = :on_behalf,"
    f" written_at = :written_at WHERE {_OF_MEETING} AND version = :seen"
)
# The meeting must outlive its end, also if somebody lets it expire earlier in this moment: the
# later of the two starts anew, since the row has changed.
_POSTPONE = (
    "UPDATE meetings SET expires_at = CASE WHEN expires_at < :ends_at THEN :ends_at"
    f" ELSE expires_at END WHERE {_OF_MEETING} AND expires_at IS NOT NULL"
)


class Schedules(Table):
    rows = (
        Rows(
            name="meeting_schedules",
            owner="organizer_id",
            within={"meetings": ("organizer_id", "online_meeting_id")},
        ),
    )

    def replace(
        self,
        found: Schedule,
        times: Times,
        *,
        by: Application,
        on_behalf: bool = False,
        told: bool = True,
    ) -> Schedule:
        """Put a time, or none, in the place of that of `found`, in a new version.

        Compare and set in one statement: raises PreconditionFailed when the schedule is no longer
        in the version of `found`. `on_behalf` is whether a delegate does it for the organizer, and
        `told` is False for that of a meeting that is told of itself.
        """
        schedule = msgspec.structs.replace(found, times=times, version=next_version(found.version))
        row = {
            "organizer_id": schedule.organizer_id,
            "online_meeting_id": schedule.online_meeting_id,
            "starts_at": _stored(times.start_time),
            "ends_at": _stored(times.end_time),
            "time_zone": times.time_zone,
            "version": schedule.version,
            "author_id": by.user_id,
            "application_id": by.id,
            "client": by.user_agent,
            "on_behalf": int(on_behalf),
            "written_at": milliseconds(self._now),
        }
        is_first = found.version == UNSCHEDULED
        if is_first:  # there is no row yet, and the meeting may be deleted meanwhile
            self._connection.alone(turn_of_user(found.organizer_id))
        self._connection.change_one(
            _INSERT if is_first else _REPLACE,
            {**row, "seen": found.version},
            PreconditionFailed(
                "The time of the meeting has changed in the meantime. Fetch it again."
            ),
        )
        if times.end_time is not None:
            self._connection.execute(_POSTPONE, row)
        if told:
            self._tx.facts.append(
                of_meetings(found.organizer_id),
                EventType.UPDATED,
                "schedule",
                part=found.online_meeting_id,
                organizer_id=str(found.organizer_id),
                organizer=found.organizer,
                online_meeting_id=found.online_meeting_id,
            )
        return schedule

    def latest(self, schedule: Schedule) -> Version | None:
        """Return the version of a schedule, and who wrote it; None if nobody has."""
        row = self._connection.execute(
            "SELECT version, author_id, application_id, client, on_behalf, written_at, NULL"
            f" FROM meeting_schedules WHERE {_OF_MEETING}",
            {
                "organizer_id": schedule.organizer_id,
                "online_meeting_id": schedule.online_meeting_id,
            },
        ).fetchone()
        return version_of(*row) if row else None


def schedule_of(
    organizer_id: int,
    organizer: str,
    online_meeting_id: str,
    version: int | None,
    starts_at: int | None,
    ends_at: int | None,
    time_zone: str | None,
) -> Schedule | None:
    """Return the schedule in a row that a meeting was joined with; None where there is none."""
    if version is None:
        return None
    return Schedule(
        organizer_id=organizer_id,
        organizer=organizer,
        online_meeting_id=online_meeting_id,
        version=version,
        times=Times(
            start_time=None if starts_at is None else from_milliseconds(starts_at),
            end_time=None if ends_at is None else from_milliseconds(ends_at),
            time_zone=time_zone,
        ),
    )


def _stored(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)
