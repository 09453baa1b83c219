"""One change that hundreds of clients hear of: when each of them does, and what it costs."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import uvloop

from bench import load, servers
from bench.http import UnexpectedAnswer
from bench.line import Line, Reply
from bench.machine import percentile
from bench.pending import settled
from bench.process import cpu_seconds
from bench.servers import Server

RATES = (8, 16)
"""Changes a second, under load."""
_REST_SECONDS = 0.25
"""Between two changes at rest: by then all clients wait again."""
_PATIENCE_SECONDS = 60.0

# In the data URI of a message, a space is a plus.
_SUBJECT = re.compile(load.SUBJECT_FORMAT.partition(b"%")[0].replace(b" ", b"[ +]") + rb"(\d{12})")


@dataclass(frozen=True)
class Heard:
    """Times in ms from the first byte of a change to the last byte of what tells of it, at `rate`
    changes a second, 0 at rest.

    `median` is of all listeners and changes, `last` the median of the last listener of each change,
    `longest` the longest of all. `cpu` is the server's processor time in µs, for each listener and
    change, `share` its part of a core. `together` is the part of the changes that a listener was
    told of together with the next one.
    """

    listeners: str
    rate: int
    changes: int
    median: float
    last: float
    longest: float
    cpu: float
    share: float
    together: float


class Listener(Line):
    """A client that hears of changes, and asks again as soon as it has been told."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self.heard: dict[int, int] = {}
        """When it heard of each change, by its number."""
        self.packages = 0

    @abstractmethod
    def request(self) -> bytes:
        """The request that waits for what comes next."""

    @abstractmethod
    def told(self, reply: Reply) -> None:
        """Check an answer, and note where to go on. Raises UnexpectedAnswer."""

    async def listen(self) -> None:
        """Connect, and ask for what comes next."""
        self.buffer = b""
        await asyncio.get_running_loop().create_connection(
            lambda: self, servers.HOST, self.server.port
        )
        self.ask(self.request())

    def answered(self, reply: Reply) -> None:
        """Note of which change an answer tells, and ask again."""
        self.told(reply)
        if subjects := _SUBJECT.findall(reply.data):
            self.heard[int(subjects[-1])] = reply.at
            self.packages += 1
        self.ask(self.request())

    def heard_at(self, serial: int, last: int) -> int:
        """Return when it heard of a change, or of a later one in its place."""
        return next(self.heard[one] for one in range(serial, last + 1) if one in self.heard)


class Audience(Protocol):
    """Clients of a server that all hear of each change."""

    @property
    def name(self) -> str: ...
    @property
    def server(self) -> Server: ...
    @property
    def listeners(self) -> Sequence[Listener]: ...
    async def change(self) -> tuple[int, int]:
        """Change once more; return the number of the change, and when its first byte was sent."""
        ...


def measure(audience: Audience, rate: int, changes: int) -> Heard:
    """Change `changes` times, so many a second, or at rest, and return when it was heard."""
    return uvloop.run(_measure(audience, rate, changes))


async def _measure(audience: Audience, rate: int, changes: int) -> Heard:
    listeners, server = audience.listeners, audience.server
    for listener in listeners:
        await listener.listen()
    serial = 0
    for _ in range(3):  # of which the listeners catch up
        serial, _ = await audience.change()
        await _until_all(listeners, serial)
    await asyncio.sleep(_REST_SECONDS)
    before = {id(listener): listener.packages for listener in listeners}
    busy, began = cpu_seconds(server.pid), time.perf_counter()
    sent: dict[int, int] = {}
    for number in range(changes):
        due = began + number / rate if rate else 0
        await asyncio.sleep(due - time.perf_counter() if rate else _REST_SECONDS)
        serial, sent_at = await audience.change()
        sent[serial] = sent_at
    await _until_all(listeners, serial)
    await asyncio.sleep(_REST_SECONDS)  # in which they ask again
    seconds = time.perf_counter() - began
    busy = cpu_seconds(server.pid) - busy
    times = {
        number: [listener.heard_at(number, serial) - start for listener in listeners]
        for number, start in sent.items()
    }
    packages = sum(listener.packages - before[id(listener)] for listener in listeners)
    for listener in listeners:
        listener.close()
    await settled(server)  # it knows by then that they have hung up
    each = sorted(time for one in times.values() for time in one)
    told = len(listeners) * changes
    return Heard(
        listeners=audience.name,
        rate=rate,
        changes=changes,
        median=percentile(each, 50) / 1e6,
        last=statistics.median(max(one) for one in times.values()) / 1e6,
        longest=each[-1] / 1e6,
        cpu=busy / told * 1e6,
        share=busy / seconds,
        together=1 - packages / told,
    )


async def _until_all(listeners: Sequence[Listener], serial: int) -> None:
    patience = time.perf_counter() + _PATIENCE_SECONDS
    while not all(serial in listener.heard for listener in listeners):
        if time.perf_counter() > patience:
            missing = sum(serial not in listener.heard for listener in listeners)
            raise UnexpectedAnswer(f"{missing} clients were not told of change {serial}")
        await asyncio.sleep(0.005)
