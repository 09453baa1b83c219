"""From the PUT that changes a meeting to the event in the hand of another application."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import uvloop

from bench import channels, load, servers
from bench.channels import Channel
from bench.client import Client
from bench.http import UnexpectedAnswer
from bench.line import Line, Reply, room_for
from bench.load import Target
from bench.machine import percentile
from bench.servers import Installation, Server

# Between two changes, so that the channels wait again by then.
PAUSE_SECONDS = 0.02
ALL_HEAR = 50

_NEXT = re.compile(rb'"next":\{"href":"([^"]+)"')


@dataclass(frozen=True)
class Latencies:
    """Times in ms from the first byte of a PUT, over so many `changes`.

    `waiting` channels wait, of which `hearing` hear of the change: `event_*` is to the last byte of
    the event, of the last of them, `put_*` to that of the PUT's own answer.
    """

    waiting: int
    hearing: int
    changes: int
    event_p50: float
    event_p99: float
    put_p50: float
    put_p99: float


def measure(
    installation: Installation, waiting: list[int], changes: int, say: Callable[[str], None]
) -> list[Latencies]:
    """Change a meeting `changes` times while no channel waits, while one hears of it among so many
    that wait, and while `ALL_HEAR` channels of the user hear of it.
    """
    most = max(waiting)
    room_for(most + ALL_HEAR)
    names = channels.add_people(installation, most)
    with channels.server_for_channels(installation) as server:
        say(f"{most} channels")
        others = channels.open_channels(server.root, names, most - 1)
        with Client(server.root) as client:
            target = client.target(client.create(client.sign_in(*servers.OWNER)))
            hearing = channels.of_client(client, ALL_HEAR)
        run = Changes(server, server, target)
        rows = []
        for heard, count in ((0, 0), *((1, number) for number in waiting), (ALL_HEAR, ALL_HEAR)):
            say(f"events, {count} waiting")
            row = run.row(hearing[:heard], others[: count - heard], lambda done: done < changes)
            rows.append(uvloop.run(row))
        return rows


class Changes:
    """Changes of one meeting at the server `here`, of which channels at the server `there` hear."""

    def __init__(self, here: Server, there: Server, target: Target) -> None:
        self.here = here
        self.there = there
        self.request = load.Request(servers.HOST, here.port, target)
        self.etag = target.etag.encode()
        self.serial = 0
        self.next: dict[Channel, Channel] = {}
        """Each channel that has heard, and where its next events are."""

    async def row(
        self, hearing: list[Channel], others: list[Channel], goes_on: Callable[[int], bool]
    ) -> Latencies:
        """Measure with these channels waiting, while `goes_on` says so of the changes so far."""
        sender = await Line.open(servers.HOST, self.here.port)
        listeners = [await Line.open(servers.HOST, self.there.port) for _ in hearing]
        idle = [await Line.open(servers.HOST, self.there.port) for _ in others]
        for line, channel in zip(idle, others, strict=True):
            line.ask(channel.request(self.there))
        await self._catch_up(listeners, hearing)
        await asyncio.sleep(PAUSE_SECONDS + len(idle) / 1000)
        told: list[int] = []
        answered: list[int] = []
        while goes_on(len(answered)):
            replies = [
                line.ask(self.next[channel].request(self.there))
                for line, channel in zip(listeners, hearing, strict=True)
            ]
            await asyncio.sleep(PAUSE_SECONDS)
            started = time.perf_counter_ns()
            answer = await self.put(sender)
            answered.append(answer.at - started)
            heard = await asyncio.gather(*replies)
            for channel, reply in zip(hearing, heard, strict=True):
                self._note(channel, reply, load.SUBJECT_FORMAT % self.serial)
            if heard:
                told.append(max(reply.at for reply in heard) - started)
        woken = sum(line.reply is not None and line.reply.done() for line in idle)
        for line in (sender, *listeners, *idle):
            line.close()
        if woken:
            raise UnexpectedAnswer(f"{woken} channels heard of a meeting that is not theirs")
        told.sort()
        answered.sort()
        times = [percentile(one, part) / 1e6 for one in (told, answered) for part in (50, 99)]
        return Latencies(len(hearing) + len(others), len(hearing), len(answered), *times)

    async def put(self, line: Line) -> Reply:
        """Change the meeting once more."""
        self.serial += 1
        answer = await line.ask(self.request.encode(self.etag, self.serial))
        if answer.status != 200:
            raise UnexpectedAnswer(repr(answer.data[:500]))
        self.etag = answer.header(b"etag")
        return answer

    async def _catch_up(self, lines: list[Line], hearing: list[Channel]) -> None:
        """Hear of all that has happened before, for which there is at least one change."""
        sender = await Line.open(servers.HOST, self.here.port)
        answer = await self.put(sender)
        sender.close()
        if answer.at and hearing:
            asked = [
                line.ask(self.next.get(channel, channel).request(self.there))
                for line, channel in zip(lines, hearing, strict=True)
            ]
            for channel, reply in zip(hearing, await asyncio.gather(*asked), strict=True):
                self._note(channel, reply, load.SUBJECT_FORMAT % self.serial)

    def _note(self, channel: Channel, reply: Reply, subject: bytes) -> None:
        found = _NEXT.search(reply.data)
        if reply.status != 200 or found is None or subject not in reply.data:
            raise UnexpectedAnswer(f"no event about the change in {reply.data[:1000]!r}")
        self.next[channel] = Channel(found[1].decode(), channel.token)
