"""The costs of pending requests: resident memory of each, and processor time while all wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import uvloop

from bench import channels, servers
from bench.http import UnexpectedAnswer
from bench.line import Line, room_for
from bench.process import cpu_seconds, memory
from bench.servers import Installation, Server

SETTLED_SECONDS = 1.0
_SETTLE_AT_MOST = 60.0


@dataclass(frozen=True)
class Held:
    """A server that holds requests: bytes of resident memory for each, and the part of one core
    that it takes while all of them wait.
    """

    each: float
    idle_share: float


@dataclass(frozen=True)
class Pending:
    """Pending GETs of OpenUCWA beside requests that a bare uvicorn holds."""

    count: int
    seconds: float
    openucwa: Held
    bare: Held


def measure(
    installation: Installation, count: int, seconds: float, say: Callable[[str], None]
) -> Pending:
    """Hold `count` requests in each server and watch them wait for `seconds`.

    The channels are opened in a process of their own: in the one that is measured, the memory that
    this took would be there for what waits.
    """
    room_for(count)
    say(f"{count} channels")
    names = channels.add_people(installation, count)
    with channels.server_for_channels(installation) as server:
        opened = channels.open_channels(server.root, names, count)
    say(f"{count} pending GETs")
    with channels.server_for_channels(installation) as server:
        ours = uvloop.run(_hold(server, [one.request(server) for one in opened], seconds))
    with servers.holding_server(installation.data) as server:
        bare = uvloop.run(_hold(server, [one.request(server) for one in opened], seconds))
    return Pending(count, seconds, ours, bare)


async def _hold(server: Server, requests: list[bytes], seconds: float) -> Held:
    """Send the requests, one a connection. The first warms the server up and is not counted."""
    lines = [await _held(server, requests[0])]
    await settled(server)
    before = memory(server.pid).resident
    for request in requests[1:]:
        lines.append(await _held(server, request))
    await settled(server)
    each = (memory(server.pid).resident - before) / (len(requests) - 1)
    busy, started = cpu_seconds(server.pid), time.perf_counter()
    await asyncio.sleep(seconds)
    share = (cpu_seconds(server.pid) - busy) / (time.perf_counter() - started)
    answered = [line.reply.result() for line in lines if line.reply and line.reply.done()]
    for line in lines:
        line.close()
    if answered:
        raise UnexpectedAnswer(f"{len(answered)} did not wait: {answered[0].data[:500]!r}")
    return Held(each, share)


async def _held(server: Server, request: bytes) -> Line:
    line = await Line.open(servers.HOST, server.port)
    line.ask(request)
    return line


async def settled(server: Server) -> None:
    """Wait until the server has nothing left to do."""
    for _ in range(round(_SETTLE_AT_MOST / SETTLED_SECONDS)):
        before = cpu_seconds(server.pid)
        await asyncio.sleep(SETTLED_SECONDS)
        # It may look for news now and then, which takes it a hundredth of a second at most.
        if cpu_seconds(server.pid) - before <= 0.01:
            return
