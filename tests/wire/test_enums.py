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


@pytest.mark.parametrize("spoken", SPOKEN)
def test_an_enumeration_has_the_documented_members(spoken: type[StrEnum]) -> None:
    assert set(spoken) == Tables.load().enums[spoken.__name__]
