"""Long waits that can be ended. The synchronous neighbour is written by hand, too."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import TypeAlias, TypeVar

import anyio

from openucwa.client.event import Event
from openucwa.client.waiting import LOOK_EVERY, Slept, Stopped, Watch

__all__ = ["AsyncBackground", "AsyncBell", "AsyncCallback", "AsyncWait", "call"]

T = TypeVar("T")
AsyncCallback: TypeAlias = Callable[[Event], object]
"""A function that takes an event; what it returns is awaited if it can be."""

_log = logging.getLogger("openucwa.client")


class AsyncWait:
    """Waits until they are over, or until `stop` is called."""

    def __init__(self) -> None:
        self._stop = anyio.Event()

    @property
    def is_stopped(self) -> bool:
        """True if it has been stopped."""
        return self._stop.is_set()

    def stop(self) -> None:
        """End what waits now, and let nothing wait any more."""
        self._stop.set()

    async def sleep(self, seconds: float) -> None:
        """Let time pass. Raises Stopped."""
        with anyio.move_on_after(seconds):
            await self._stop.wait()
        if self.is_stopped:
            raise Stopped

    async def finish(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `work`, which is cancelled when Stopped or Slept is raised."""
        found: list[T] = []
        raised: list[Exception] = []
        async with anyio.create_task_group() as group:
            group.start_soon(self._look, Watch(), group.cancel_scope, raised)
            try:
                found.append(await work())
            except Exception as error:  # a group would wrap it
                raised.append(error)
            group.cancel_scope.cancel()
        if found:
            return found[0]
        raise raised[0]

    async def _look(self, watch: Watch, scope: anyio.CancelScope, raised: list[Exception]) -> None:
        """Cancel the scope, and say why, when waiting makes no more sense."""
        try:
            while True:
                await self.sleep(LOOK_EVERY)
                watch.look()
        except (Stopped, Slept) as reason:
            raised.append(reason)
            scope.cancel()


class AsyncBell:
    """Wakes those who wait for something to become true, whenever it may have."""

    def __init__(self) -> None:
        self._rung = anyio.Event()

    def ring(self) -> None:
        """Let those who wait look again."""
        rung, self._rung = self._rung, anyio.Event()
        rung.set()

    async def until(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until it holds, for so many seconds at most. Return whether it does."""
        with anyio.move_on_after(seconds):
            while not holds():
                await self._rung.wait()
        return holds()


class AsyncBackground:
    """Work that goes on beside the program's own, until it ends or is told to."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._task = asyncio.ensure_future(_logged(work))

    async def join(self) -> None:
        """Wait for its end. From within the work itself, return at once."""
        if asyncio.current_task() is not self._task:
            await self._task


async def _logged(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:  # there is nobody else to tell it to
        _log.exception("The client no longer receives events.")


async def call(callback: AsyncCallback, event: Event) -> None:
    """Hand an event to a callback, and wait for its end."""
    found = callback(event)
    if isawaitable(found):
        await found
