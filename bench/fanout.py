"""One change that hundreds of channels hear of: when each of them does, and what it costs."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import uvloop

from bench import channels, load, servers
from bench.channels import Channel
from bench.client import Client
from bench.events import Changes
from bench.http import UnexpectedAnswer
from bench.line import Line, Reply, room_for
from bench.machine import percentile
from bench.pending import settled
from bench.process import cpu_seconds
from bench.servers import Installation, Server

RATES = (8, 16)
"""Changes a second, under load."""
_REST_SECONDS = 0.25
"""Between two changes at rest: by then all channels wait again."""
_PATIENCE_SECONDS = 60.0

_NEXT = re.compile(rb'"next":\{"href":"([^"]+)"')
_SUBJECT = re.compile(re.escape(load.SUBJECT_FORMAT.partition(b"%")[0]) + rb"(\d{12})")


@dataclass(frozen=True)
class Heard:
    """Times in ms from the first byte of a PUT to the last byte of its event, at `rate` changes a
    second, 0 at rest.

    `median` is of all channels and changes, `last` the median of the last channel of each change,
    `longest` the longest of all. `cpu` is the server's processor time in µs, for each channel and
    change, `share` its part of a core. `together` is the part of the changes that a channel was
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


class Ear(Line):
    """A client that follows its channel, and asks again as soon as it has been told."""

    def __init__(self, channel: Channel, server: Server) -> None:
        super().__init__()
        self.channel = channel
        self.server = server
        self.heard: dict[int, int] = {}
        """When it heard of each change, by its number."""
        self.packages = 0

    @classmethod
    async def follow(cls, channel: Channel, server: Server) -> Ear:
        """Connect, and ask for the first events."""
        loop = asyncio.get_running_loop()
        _, ear = await loop.create_connection(
            lambda: cls(channel, server), servers.HOST, server.port
        )
        ear.ask(channel.request(server))
        return ear

    def answered(self, reply: Reply) -> None:
        """Note of which change it tells, and ask for the next events."""
        found = _NEXT.search(reply.data)
        if reply.status != 200 or found is None:
            raise UnexpectedAnswer(repr(reply.data[:500]))
        if subjects := _SUBJECT.findall(reply.data):
            self.heard[int(subjects[-1])] = reply.at
            self.packages += 1
        self.channel = Channel(found[1].decode(), self.channel.token)
        self.ask(self.channel.request(self.server))

    def heard_at(self, serial: int, last: int) -> int:
        """Return when it heard of a change, or of a later one in its place."""
        return next(self.heard[one] for one in range(serial, last + 1) if one in self.heard)


def measure(
    installation: Installation, changes: int, listeners: int, say: Callable[[str], None]
) -> list[Heard]:
    """Let `listeners` channels hear of `changes` changes, at rest and at each rate.

    They are the tabs of an application, applications of one user, and those of so many users.
    """
    room_for(listeners)
    with _server(installation, listeners) as server, Client(server.root) as client:
        target = client.target(client.create(client.sign_in(*servers.OWNER)))
        tokens = channels.add_tokens(installation, listeners)
        kinds = {
            "tabs of one application": channels.of_client(client, listeners),
            "applications of one user": channels.of_applications(client, listeners),
            "users": [channels.of_token(client, token) for token in tokens],
        }
    channels.let_follow(installation, len(tokens))
    serial, rows = 0, []
    with _server(installation, listeners, "bench.shared") as server:
        for kind, hearing in kinds.items():
            for rate in (0, *RATES):
                say(f"fan-out to {listeners} {kind}, {rate or 'at rest'}")
                run = Changes(server, server, target)
                run.serial = serial
                name = f"{listeners} {kind}"
                rows.append(uvloop.run(_row(run, server, name, hearing, rate, changes)))
                target, serial = replace(target, etag=run.etag.decode()), run.serial
    return rows


def _server(
    installation: Installation, listeners: int, module: str = ""
) -> AbstractContextManager[Server]:
    return servers.openucwa_server(
        installation,
        as_module=module,
        applications_per_user=2 * listeners + 2,
        pending_gets_per_user=listeners,
    )


async def _row(
    run: Changes, server: Server, name: str, hearing: list[Channel], rate: int, changes: int
) -> Heard:
    """Change a meeting again and again while channels follow."""
    ears = [await Ear.follow(channel, server) for channel in hearing]
    for _ in range(3):  # of which the ears catch up
        await _change(run)
        await _until_all(ears, run.serial)
    await asyncio.sleep(_REST_SECONDS)
    before = {id(ear): ear.packages for ear in ears}
    busy, began = cpu_seconds(server.pid), time.perf_counter()
    sent: dict[int, int] = {}
    for number in range(changes):
        due = began + number / rate if rate else 0
        await asyncio.sleep(due - time.perf_counter() if rate else _REST_SECONDS)
        sent_at = await _change(run)
        sent[run.serial] = sent_at
    await _until_all(ears, run.serial)
    await asyncio.sleep(_REST_SECONDS)  # in which they ask again
    seconds = time.perf_counter() - began
    busy = cpu_seconds(server.pid) - busy
    times = {
        serial: [ear.heard_at(serial, run.serial) - start for ear in ears]
        for serial, start in sent.items()
    }
    packages = sum(ear.packages - before[id(ear)] for ear in ears)
    hearing[:] = [ear.channel for ear in ears]
    for ear in ears:
        ear.close()
    await settled(server)  # it knows by then that they have hung up
    each = sorted(time for one in times.values() for time in one)
    told = len(ears) * changes
    return Heard(
        listeners=name,
        rate=rate,
        changes=changes,
        median=percentile(each, 50) / 1e6,
        last=statistics.median(max(one) for one in times.values()) / 1e6,
        longest=each[-1] / 1e6,
        cpu=busy / told * 1e6,
        share=busy / seconds,
        together=1 - packages / told,
    )


async def _change(run: Changes) -> int:
    """Change the meeting on a new connection, and return when that began."""
    line = await Line.open(servers.HOST, run.here.port)
    began = time.perf_counter_ns()
    await run.put(line)
    line.close()
    return began


async def _until_all(ears: list[Ear], serial: int) -> None:
    patience = time.perf_counter() + _PATIENCE_SECONDS
    while not all(serial in ear.heard for ear in ears):
        if time.perf_counter() > patience:
            deaf = sum(serial not in ear.heard for ear in ears)
            raise UnexpectedAnswer(f"{deaf} channels were not told of change {serial}")
        await asyncio.sleep(0.005)
