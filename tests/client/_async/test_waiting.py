"""Long waits of tasks."""

import asyncio
import logging
import time
from types import SimpleNamespace

import anyio
import pytest

from openucwa.client._async.waiting import AsyncBackground, AsyncWait
from openucwa.client.waiting import Slept, Stopped

AT_ONCE = 5.0


async def _answer() -> str:
    await anyio.sleep(0.01)
    return "answer"


async def _fail() -> str:
    await anyio.sleep(0.01)
    raise ValueError("wrong")


def test_what_the_work_returns_or_raises() -> None:
    async def wait() -> None:
        assert await AsyncWait().finish(_answer) == "answer"
        with pytest.raises(ValueError, match="wrong"):
            await AsyncWait().finish(_fail)

    asyncio.run(wait())


def test_stopping_ends_the_work_at_once() -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    async def wait() -> None:
        one = AsyncWait()
        asyncio.get_running_loop().call_later(0.05, one.stop)
        with pytest.raises(Stopped):
            await one.finish(work)
        assert one.is_stopped
        for again in (one.finish(work), one.sleep(60)):
            with pytest.raises(Stopped):
                await again

    started = time.monotonic()
    asyncio.run(wait())
    assert ended[0]
    assert time.monotonic() - started < AT_ONCE


def test_a_cancelled_task_cancels_the_work() -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    async def wait() -> None:
        with anyio.move_on_after(0.05) as scope:
            await AsyncWait().finish(work)
        assert scope.cancelled_caught

    asyncio.run(wait())
    assert ended == [True]


def test_sleep_of_the_machine_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openucwa.client._async.waiting.LOOK_EVERY", 0.01)
    hours = iter(range(0, 36_000, 3600))
    clock = SimpleNamespace(time=lambda: float(next(hours)))
    monkeypatch.setattr("openucwa.client.waiting.time", clock)

    async def wait() -> None:
        with pytest.raises(Slept):
            await AsyncWait().finish(anyio.sleep_forever)

    asyncio.run(wait())


def test_background_work_can_be_joined_also_by_itself() -> None:
    done: list[str] = []

    async def run() -> None:
        async def work() -> None:
            await anyio.sleep(0.01)
            await background.join()
            done.append("work")

        background = AsyncBackground(work)
        await background.join()

    asyncio.run(run())
    assert done == ["work"]


def test_an_error_in_the_background_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("wrong")

    async def run() -> None:
        await AsyncBackground(fail).join()

    with caplog.at_level(logging.ERROR, "openucwa.client"):
        asyncio.run(run())
    assert "no longer receives events" in caplog.text
