"""The memory that answers take from when they are made until their clients have read them."""

import threading
from collections import Counter

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
    """

    def __init__(self, room: int = ROOM, room_for_one: int = ROOM_FOR_ONE) -> None:
        self._room = room
        self._room_for_one = room_for_one
        self._held: Counter[int | str] = Counter()
        self._total = 0
        self._lock = threading.Lock()

    def check(self, call: Call) -> None:
        """Raise TooManyRequests or ServiceUnavailable when there is no room for another answer.

        An operation that runs again is not refused for the answer that it has made before.
        """
        with self._lock:
            held, total = self._held[call.line] - call.held, self._total - call.held
        if held > self._room_for_one:
            raise TooManyRequests(
                "Your requests have answers that you have not read. Nothing of this was executed. "
                "Read them before you ask for more.",
                headers=_RETRY,
            )
        if total > self._room:
            raise ServiceUnavailable(
                "Too many answers are waiting to be read. Nothing of this was executed. Try again.",
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

    def free(self, call: Call) -> None:
        """Count the answer to a call no more."""
        if call.held:
            self.hold(call, 0)
