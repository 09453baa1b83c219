"""Enumerations, against the documented ones."""

from enum import StrEnum

import pytest

from openucwa.wire import enums
from tests.conformance.tables import Tables

SPOKEN = [
    found
    for found in vars(enums).values()
    if isinstance(found, type) and issubclass(found, StrEnum) and found is not StrEnum
]


OURS = {"MeetingRole", "ShareRole"}
"""What no page has (docs/extensions.md)."""


@pytest.mark.parametrize("spoken", [one for one in SPOKEN if one.__name__ not in OURS])
def test_an_enumeration_has_the_documented_members(spoken: type[StrEnum]) -> None:
    assert set(spoken) == Tables.load().enums[spoken.__name__]


def test_ours_are_not_documented() -> None:
    assert not OURS & Tables.load().enums.keys()
    assert {one.__name__ for one in SPOKEN} > OURS
