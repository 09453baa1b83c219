"""The time of a meeting, which is one value: it is set, moved and merged as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from openucwa.wire import dates, zones

__all__ = ["Schedule"]


@dataclass(frozen=True)
class Schedule:
    """The time of a meeting: when it `starts` and `ends`, in its time zone.

    `time_zone` is a name of the IANA database. Two are equal if both times are the same moments,
    and the zones have the same name.
    """

    starts_at: datetime | None
    """The start, in UTC."""
    ends_at: datetime | None
    """The end, in UTC."""
    time_zone: str

    @classmethod
    def of(
        cls, starts: datetime | None, ends: datetime | None, time_zone: str | None = None
    ) -> Schedule:
        """Make one of aware datetimes; without `time_zone` in the zone that they name, or in UTC.

        Raises ValueError for a datetime without a time zone, and for a zone that does not exist.
        """
        named = (zones.name_of(one.tzinfo) for one in (starts, ends) if isinstance(one, datetime))
        found = time_zone or next(filter(None, named), zones.UTC)
        if not zones.is_zone(found):
            raise ValueError(
                f"time_zone must be a name such as Europe/Berlin, not {found[:80]!r}. See "
                "zoneinfo.available_timezones()."
            )
        return cls(_utc("starts", starts), _utc("ends", ends), found)

    @property
    def starts(self) -> datetime | None:
        """The start, in its time zone."""
        return self._local(self.starts_at)

    @property
    def ends(self) -> datetime | None:
        """The end, in its time zone."""
        return self._local(self.ends_at)

    def _local(self, moment: datetime | None) -> datetime | None:
        return moment and moment.astimezone(zones.zone(self.time_zone))

    def moved(self, starts: datetime) -> Schedule:
        """The same at another time: as long, and in the same zone.

        >>> nine, ten = (datetime(2027, 1, 4, hour, tzinfo=UTC) for hour in (9, 10))
        >>> str(Schedule.of(nine, ten).moved(datetime(2027, 1, 4, 14, tzinfo=UTC)))
        '2027-01-04 14:00 to 15:00 UTC'
        """
        start = _utc("starts", starts)
        assert start is not None
        if self.starts_at is None or self.ends_at is None:
            return Schedule(start, self.ends_at, self.time_zone)
        return Schedule(start, start + (self.ends_at - self.starts_at), self.time_zone)

    def check(self) -> None:
        """Raise ValueError for what no server takes."""
        if self.starts_at is None or self.ends_at is None:
            missing = "starts" if self.starts_at is None else "ends"
            raise ValueError(
                f"A meeting has a start and an end, or no time at all: give {missing}."
            )
        if self.ends_at <= self.starts_at:
            raise ValueError(f"A meeting ends after it starts, and not at {self}.")

    def served(self) -> dict[str, object]:
        """The members of onlineMeetingSchedule, as they are sent."""
        return {"startTime": self.starts_at, "endTime": self.ends_at, "timeZone": self.time_zone}

    @classmethod
    def read(cls, told: Mapping[str, object]) -> Schedule | None:
        """Return the time that onlineMeetingSchedule tells; None where it tells none."""
        starts, ends = (_moment(told.get(name)) for name in ("startTime", "endTime"))
        zone = told.get("timeZone")
        if starts is None and ends is None:
            return None
        return cls(starts, ends, zone if isinstance(zone, str) and zone else zones.UTC)

    def __str__(self) -> str:
        starts, ends = self.starts, self.ends
        day = "%Y-%m-%d %H:%M"
        first = f"{starts:{day}}" if starts else "?"
        is_same_day = starts and ends and starts.date() == ends.date()
        last = "?" if ends is None else f"{ends:%H:%M}" if is_same_day else f"{ends:{day}}"
        return f"{first} to {last} {self.time_zone}"


def _utc(name: str, moment: datetime | None) -> datetime | None:
    """A moment in UTC, to the millisecond, as it is served."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        raise ValueError(f"{name} must be a datetime with a time zone, or None, not {moment!r}.")
    if moment.tzinfo is None:
        raise ValueError(
            f"{name} has no time zone. Give it one: {moment!r}.astimezone() uses the local zone."
        )
    try:
        return dates.from_milliseconds(dates.milliseconds(moment.astimezone(UTC)))
    except OverflowError:
        raise ValueError(
            f"{moment} can't be converted to UTC: it is too early or too late."
        ) from None


def _moment(told: object) -> datetime | None:
    if isinstance(told, str):
        try:
            return dates.parse(told)
        except ValueError:
            return None
    return told if isinstance(told, datetime) else None
