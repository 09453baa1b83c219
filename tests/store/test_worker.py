"""The thread that works for the event loop."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from openucwa.store.worker import Worker

pytestmark = pytest.mark.anyio
LONG = 10
"""Seconds after which a test that hangs fails."""


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    found = Worker("test")
    yield found
    await found.stop()


async def test_what_follows_a_call_runs_on_the_loop_whenever_the_call_returns(
    worker: Worker,
) -> None:
    """At once, about when the loop stops waiting, or much later: it follows once."""
    here, ran = threading.current_thread(), []
    for number in range(300):
        done = asyncio.Event()
        end = threading.Event()

        def work(end: threading.Event = end, pause: float = number % 6 / 5000) -> None:
            assert threading.current_thread() is not here
            end.wait(pause)

        def then(done: asyncio.Event = done, number: int = number) -> None:
            assert threading.current_thread() is here
            ran.append(number)
            done.set()

        worker.call(work, then, is_long=number % 7 == 0)
        await asyncio.wait_for(done.wait(), LONG)
    assert ran == list(range(300))


async def test_the_loop_does_not_wait_for_what_is_late(worker: Worker) -> None:
    free, done = threading.Event(), asyncio.Event()
    for is_long in (False, True):
        worker.call(lambda: assert_freed(free), done.set, is_long=is_long)
        await asyncio.sleep(0.01)
        assert not done.is_set()
        free.set()
        await asyncio.wait_for(done.wait(), LONG)
        free.clear()
        done.clear()


async def test_what_was_given_is_done_before_it_ends() -> None:
    worker, done = Worker("test"), threading.Event()
    worker.call(done.set, lambda: None, is_long=True)
    await worker.stop()
    assert done.is_set()


def assert_freed(free: threading.Event) -> None:
    assert free.wait(LONG)
