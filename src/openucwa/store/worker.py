"""A thread that works for the event loop: one call at a time, and most of them short."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

_MOMENT = 0.0005
"""Seconds that the event loop waits for a call: a sync takes less where the disk is quick."""


@dataclass(slots=True, eq=False)
class _Call:
    """A function to call, and what follows on the event loop.

    `claim` is taken by the thread when the function returns, or by the loop when it waits no
    longer: whoever is second knows that it has to tell the other.
    """

    function: Callable[[], None]
    then: Callable[[], None]
    loop: asyncio.AbstractEventLoop
    claim: threading.Lock = field(default_factory=threading.Lock)


class Worker:
    """Calls functions on a thread of its own, which is started when it is first needed.

    The loop waits for a short call for a moment. That hands the interpreter to the thread at once,
    which would have to wait for it otherwise, and the loop needs no call back from a quick one.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._done = threading.Lock()
        self._done.acquire()
        self._thread: threading.Thread | None = None

    def call(
        self, function: Callable[[], None], then: Callable[[], None], *, is_long: bool = False
    ) -> None:
        """Call a function on the thread, `then` another one on the event loop.

        The first one must not raise. The next call may be made from the second one on. A call that
        `is_long` is not waited for.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        call = _Call(function, then, asyncio.get_running_loop())
        if is_long:
            call.claim.acquire()
        self._calls.put(call)
        if is_long:
            return
        if self._done.acquire(timeout=_MOMENT):
            then()
        elif not call.claim.acquire(blocking=False):  # it has returned just now
            self._done.acquire()
            then()

    async def stop(self) -> None:
        """End the thread, when it has done what it was given."""
        if self._thread is not None:
            self._calls.put(None)
            await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call.function()
            if call.claim.acquire(blocking=False):
                self._done.release()
            else:
                with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
                    call.loop.call_soon_threadsafe(call.then)
