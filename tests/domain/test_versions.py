"""Version numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain.versions import first_version, next_version

FIRSTS = [first_version() for _ in range(1000)]


def test_a_first_version_is_positive_and_leaves_room_for_more() -> None:
    assert min(FIRSTS) >= 1
    assert max(FIRSTS) <= 2**31


def test_what_is_new_can_not_be_taken_for_what_was_deleted() -> None:
    assert len(set(FIRSTS)) > 990


@given(st.integers(1, 2**62))
def test_a_version_is_larger_than_the_one_before(version: int) -> None:
    assert version < next_version(version) <= version + 2**24


def test_the_smallest_step_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.getrandbits", lambda bits: 0)
    assert first_version() == 1
    assert next_version(7) == 8


def test_the_step_can_not_be_foreseen() -> None:
    assert len({next_version(1) for _ in range(100)}) > 50
