"""A connection on which one request waits for its answer, for what keeps many of them open."""

from __future__ import annotations

import asyncio
import resource
import time
from dataclasses import dataclass
from typing import cast

from bench.http import UnexpectedAnswer


@dataclass(frozen=True)
class Reply:
    """A whole answer, and when its last byte came (`time.perf_counter_ns`)."""

    data: bytes
    at: int

    @property
    def status(self) -> int:
        """The answer's status."""
        return int(self.data[9:12])

    def header(self, name: bytes) -> bytes:
        """The value of the header `name`, which is given in lower case."""
        head = self.data[: self.data.find(b"\r\n\r\n") + 2]
        at = head.lower().find(b"\r\n" + name + b":")
        if at < 0:
            raise UnexpectedAnswer(f"no {name.decode()} in {head!r}")
        return head[at + len(name) + 3 : head.find(b"\r\n", at + 2)].strip()


class Line(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self) -> None:
        self.buffer = b""
        self.reply: asyncio.Future[Reply] | None = None
        self.transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> Line:
        """Connect to a server."""
        _, line = await asyncio.get_running_loop().create_connection(cls, host, port)
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits for an answer."""
        if self.reply is not None and not self.reply.done():
            self.reply.set_exception(UnexpectedAnswer("the server closed the connection"))

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        """Send a request; its answer is the future's result."""
        assert self.transport is not None
        self.reply = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.reply

    def data_received(self, data: bytes) -> None:
        """Take bytes of an answer until it is whole."""
        now = time.perf_counter_ns()
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = Reply(self.buffer, now).header(b"content-length")
        if len(self.buffer) >= end + 4 + int(length):
            reply, self.buffer = Reply(self.buffer, now), b""
            self.answered(reply)

    def answered(self, reply: Reply) -> None:
        """Give an answer to whoever waits for it."""
        if self.reply is not None and not self.reply.done():
            self.reply.set_result(reply)

    def close(self) -> None:
        """Hang up, without waiting for what was asked."""
        if self.reply is not None:
            self.reply.cancel()
        if self.transport is not None:
            self.transport.abort()


def room_for(connections: int) -> None:
    """Let this process, and those that it starts, have so many connections open.

    Raises ValueError where the system's hard limit is lower.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + 256  # files, and what else is open
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
