"""Work on large bodies: on a thread, one at a time, and everybody's in turn."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from openucwa.store.turns import Turns

LARGE = 64 * 1024
"""Bytes of a body that is not read on the event loop."""

T = TypeVar("T")


@dataclass(slots=True)
class _Waiting:
    line: int | str
    turn: asyncio.Future[None]


class Readers:
    """A thread for what would hold up the event loop. Who needs it meanwhile waits in a line."""

    def __init__(self) -> None:
        self._waiting: Turns[_Waiting] = Turns()
        self._busy = False

    async def run(self, line: int | str, function: Callable[[], T]) -> T:
        """Return what a function returns, when it is the line's turn."""
        if self._busy:
            waiting = _Waiting(line, asyncio.get_running_loop().create_future())
            self._waiting.add(waiting)
            try:
                await waiting.turn
            except asyncio.CancelledError:
                if waiting.turn.done() and not waiting.turn.cancelled():
                    self._next()
                raise
        self._busy = True
        try:
            return await asyncio.to_thread(function)
        finally:
            self._next()

    def _next(self) -> None:
        """Give the next line its turn. Who has gone away meanwhile is passed over."""
        while found := self._waiting.take():
            (waiting,) = found
            if not waiting.turn.done():
                waiting.turn.set_result(None)
                return
        self._busy = False
