"""The clock of a server under test, and the event loop that keeps its time."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openucwa.testing.controlled.clock import LONGEST, Clock, Loop

NEAR = timedelta(seconds=10)


def test_it_is_ahead_until_it_is_reset(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    clock.advance(timedelta(hours=1))
    clock.advance(timedelta(hours=2))
    assert abs(clock() - datetime.now(UTC) - timedelta(hours=3)) < NEAR
    clock.reset()
    assert abs(clock() - datetime.now(UTC)) < NEAR
    assert clock.passed == timedelta(hours=3).total_seconds()


def test_another_process_goes_on_from_there(tmp_path: Path) -> None:
    Clock(tmp_path / "clock").advance(timedelta(hours=1))
    again = Clock(tmp_path / "clock")
    assert (again.ahead, again.passed) == (timedelta(hours=1), 0)


@pytest.mark.parametrize("span", [timedelta(), timedelta(seconds=-1), LONGEST])
def test_it_neither_goes_back_nor_beyond_its_end(tmp_path: Path, span: timedelta) -> None:
    clock = Clock(tmp_path / "clock")
    clock.advance(timedelta(seconds=1))
    with pytest.raises(ValueError, match="more than 0 seconds"):
        clock.advance(span)


def test_timers_of_the_loop_are_due_when_it_says_so(tmp_path: Path) -> None:
    """One that was set later than a reset, too."""
    clock = Clock(tmp_path / "clock")

    async def wait() -> None:
        for _ in range(2):
            sleeping = asyncio.create_task(asyncio.sleep(3600))
            await asyncio.sleep(0.01)
            assert not sleeping.done()
            clock.advance(timedelta(hours=1))
            await asyncio.wait_for(sleeping, 10)
            clock.reset()

    with asyncio.Runner(loop_factory=lambda: Loop(clock)) as runner:
        runner.run(wait())
