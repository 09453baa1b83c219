"""Tests that take place in another zone leave nothing of it behind."""

from datetime import UTC, datetime

from openucwa.cli.person import times
from tests.zones import zone

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_the_zone_of_a_test_is_not_that_of_the_one_before() -> None:
    shown = []
    for name in ("Europe/Berlin", "America/New_York", "UTC"):
        with zone(name):
            shown.append(times.shown(NOON)[-5:])
    assert shown == ["14:00", "08:00", "12:00"]
