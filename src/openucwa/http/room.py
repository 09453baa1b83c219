"""The memory that answers take from when they are made until their clients have read them."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

from openucwa.http.request import Call
from openucwa.wire.errors import ServiceUnavailable, TooManyRequests

MIB = 1024 * 1024
ROOM = 64 * MIB
"""Bytes for all answers together."""
ROOM_FOR_ONE = 16 * MIB
"""The same for those of one user."""

_RETRY = {"Retry-After": "1"}


class Room:
    """Counts the bytes of answers that have not been read.

    How large an answer is, nobody knows before it is made. So none is made while those before it
    take up the room, and the last one may be beyond it. Answers are made in several threads.

    Where the room is full, the user makes room whose answers take most of it: the one that has been
    read for the longest time is given up. So nobody keeps others out by reading slowly.
    """

    def __init__(self, room: int = ROOM, room_for_one: int = ROOM_FOR_ONE) -> None:
        self._room = room
        self._room_for_one = room_for_one
        self._held: Counter[int | str] = Counter()
        self._total = 0
        self._sent: dict[int, tuple[Call, Callable[[], object]]] = {}
        """The answers that are being read, by their calls' identity, the oldest first."""
        self._lock = threading.Lock()

    def check(self, call: Call) -> None:
        """Raise TooManyRequests or ServiceUnavailable when there is no room for another answer.

        An operation that runs again is not refused for the answer that it has made before.
        """
        if self._held[call.line] - call.held > self._room_for_one:
            raise TooManyRequests(
                "Too many answers to your requests are unread. This request was not executed. Read "
                "them before you send more requests.",
                headers=_RETRY,
            )
        while self._total - call.held > self._room:
            if not self._made_room(call):
                raise ServiceUnavailable(
                    "The server holds too many unread answers. This request was not executed. "
                    "Try again.",
                    headers=_RETRY,
                )

    def hold(self, call: Call, size: int) -> None:
        """Count an answer to a call, in the place of what was counted for it."""
        with self._lock:
            self._held[call.line] += size - call.held
            self._total += size - call.held
            call.held = size
            if not self._held[call.line]:
                del self._held[call.line]

    def sends(self, call: Call, hang_up: Callable[[], None]) -> None:
        """Note that the client reads its answer from now on.

        `hang_up` is called on the event loop.
        """
        loop = asyncio.get_running_loop()
        with self._lock:
            self._sent[id(call)] = call, partial(loop.call_soon_threadsafe, hang_up)

    def free(self, call: Call) -> None:
        """Count the answer to a call no more."""
        with self._lock:
            self._sent.pop(id(call), None)
        if call.held:
            self.hold(call, 0)

    def _made_room(self, call: Call) -> bool:
        """Give up an answer of whoever takes most room, if that is somebody else."""
        with self._lock:
            reading = (sent for sent in self._sent.values() if sent[0].line != call.line)
            found = max(reading, key=lambda sent: self._held[sent[0].line], default=None)
            if found is None or self._held[found[0].line] <= self._held[call.line]:
                return False
            given_up, hang_up = found
            del self._sent[id(given_up)]
        hang_up()
        self.hold(given_up, 0)
        return True
