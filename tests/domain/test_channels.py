"""Channels: where an acknowledgement leads."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain.channels import Channel, Step, Timers

NUMBERS = st.integers(0, 10**9)


def channel(number: int = 0, since: int = 0, until: int = 0) -> Channel:
    return Channel(
        application_id=1,
        instance_id="tab",
        user_id=2,
        number=number,
        since=since,
        until=until,
        opened_at=datetime(2027, 3, 1, tzinfo=UTC),
    )


@given(NUMBERS, st.integers())
def test_steps(number: int, ack: int) -> None:
    """The next package, the last one once more, and nothing else."""
    step = channel(number).step(ack)
    assert (step is Step.NEXT) == (ack == number + 1)
    assert (step is Step.AGAIN) == (ack == number)


@given(NUMBERS)
def test_who_has_lost_her_place_is_led_back(number: int) -> None:
    """To a package that she may not have; before the first, to that."""
    found = channel(number)
    assert found.step(found.ack) is (Step.AGAIN if number else Step.NEXT)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_packages_follow_each_other_without_a_gap(
    number: int, until: int, more: int, again: int
) -> None:
    timers = Timers(low=7)
    first = channel(number, 0, until).advanced(until + more, timers)
    second = first.advanced(first.until + again, timers)
    assert (first.since, first.number, first.timers) == (until, number + 1, timers)
    assert (second.since, second.number) == (first.until, number + 2)


@pytest.mark.parametrize(
    ("since", "until", "forgotten", "is_behind"),
    [
        (5, 9, 5, False),  # it tells the facts from 6 on, which are there
        (5, 9, 6, True),
        (5, 9, 99, True),
        (5, 5, 99, False),  # it tells of nothing
        (0, 0, 0, False),
    ],
)
def test_what_is_forgotten(since: int, until: int, forgotten: int, is_behind: bool) -> None:
    assert channel(1, since, until).is_behind(forgotten) is is_behind
