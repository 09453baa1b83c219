"""Closing connections so that clients can read the last answer.

If the server closes a connection on which the client still sends, the system resets it, and the
client loses the answer (RFC 9112, section 9.6). So the server closes its own side first, and
discards what comes until the client has closed the other. A connection keeps its slot until the
client has read enough for the system to take the rest.
"""

import asyncio
from collections.abc import Callable

from openucwa.http.connections import Slot
from openucwa.http.request import MOST_READ

PATIENCE = 2.0
"""Seconds within which the client has to close its side."""


class Closing(asyncio.Transport):
    """A connection as requests know it: they write answers to it and may close it.

    `is_sending` returns whether more may come. TLS has no sides that can be closed: there, the
    connection only stays open for a while.
    """

    has_begun = False
    """True when the last answer has been written. What comes after that is to be discarded."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        slot: Slot,
        is_sending: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._loop = loop
        self._transport = transport
        self._slot = slot
        self._is_sending = is_sending
        self._clock: asyncio.TimerHandle | None = None
        self._discarded = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._transport.write(data)

    def is_closing(self) -> bool:
        return self.has_begun or self._transport.is_closing()

    def close(self) -> None:
        if self.is_closing():
            return
        self.has_begun = True
        if not self._is_sending():
            self._transport.close()
            return
        if self._transport.can_write_eof():
            self._transport.write_eof()
        if self._transport.get_write_buffer_size():
            self._transport.set_write_buffer_limits(high=0)  # `was_read` is called when all is sent
        else:
            self._linger()

    def discards(self, size: int) -> None:
        """Count bytes that came too late, and close the connection beyond MOST_READ of them."""
        self._discarded += size
        if self._discarded > MOST_READ:
            self._transport.abort()

    def was_read(self) -> None:
        """Note that the system has taken what was written."""
        if self.has_begun and self._clock is None and not self._transport.is_closing():
            self._linger()

    def _linger(self) -> None:
        self._clock = self._loop.call_later(PATIENCE, self._transport.close)
        self._slot.lingers(self._transport.abort)

    def stop(self) -> None:
        """Wait no longer: the connection has ended."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
