"""Time zones by their names."""

from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest

from openucwa.wire import zones


def test_all_zones_of_the_database_are_known() -> None:
    others = {"Factory", "localtime"}
    assert [one for one in sorted(available_timezones() - others) if not zones.is_zone(one)] == []


@pytest.mark.parametrize(
    "name",
    [
        *("", "Berlin", "europe/berlin", "Europe", "Europe/", "Factory", "localtime", "posixrules"),
        *("right/UTC", "posix/UTC", "../UTC", "Europe/../UTC", "/usr/share/zoneinfo/UTC", "\0"),
        *("zone.tab", "UTC\n", "X" * 100_000, "A/" * 5000),
    ],
)
def test_what_is_no_zone(name: str) -> None:
    assert not zones.is_zone(name)
    assert zones.zone(name) == ZoneInfo("UTC")


def test_name_of_a_zone() -> None:
    assert zones.name_of(ZoneInfo("Europe/Berlin")) == "Europe/Berlin"
    assert zones.name_of(UTC) is None
    assert zones.name_of(timezone(timedelta(hours=1))) is None
    assert zones.name_of(None) is None
