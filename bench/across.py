"""From a PUT at one process to the event at another, which share a PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import channels, load, servers
from bench.channels import Channel
from bench.client import Client
from bench.events import Changes, Latencies
from bench.load import Plan, Result, Target
from bench.options import Options
from bench.servers import Installation, Server
from tools.postgres import Postgres

LOADS = (0, 1, 8)
"""Connections that update other meetings meanwhile, at each of the two processes."""
_SECONDS_A_CHANGE = 0.05
"""The time for a change under load, with the pause before it: about 50 ms."""


@dataclass(frozen=True)
class Across:
    """Latencies, while `busy` connections at each process updated other meetings, `rate` updates
    per second together.
    """

    busy: int
    rate: float
    told: Latencies


def measure(
    options: Options, directory: Path, postgres: Postgres, say: Callable[[str], None]
) -> tuple[list[Across], Counter[str]]:
    """Measure at rest and under loads of somebody else's updates; return what went wrong, too."""
    data = directory / "across"
    first = servers.install(options.openucwa, data, postgres.create(data.name))
    second = Installation(first.openucwa, directory / "across-2", first.database)
    second.data.mkdir()
    (other,) = channels.add_people(first, 1)
    rows, errors = [], Counter[str]()
    with ExitStack() as stack:
        here = stack.enter_context(channels.server_for_channels(first))
        there = stack.enter_context(channels.server_for_channels(second))
        with Client(here.root) as client:
            target = client.target(client.create(client.sign_in(*servers.OWNER)))
            hearing = channels.of_client(client, 1)
        changes = Changes(here, there, target)
        loads = _loads([here, there], other)
        for busy in LOADS:
            say(f"events across processes, {busy} connections busy at each")
            row = uvloop.run(_row(changes, hearing, loads if busy else [], busy, options.changes))
            rows.append(row[0])
            errors.update(row[1])
    return rows, errors


@dataclass
class _Load:
    """Updates at one process."""

    server: Server
    targets: list[Target]

    def run(self, busy: int, seconds: float) -> Result:
        """Update over so many connections."""
        plan = Plan(
            host=servers.HOST,
            port=self.server.port,
            pid=self.server.pid,
            seconds=seconds,
            warmup=0.0,
            follow=True,
            targets=self.targets[:busy],
        )
        result = load.run(plan)
        self.targets[:busy] = load.after(plan.targets, result)
        return result


def _loads(at: list[Server], username: str) -> list[_Load]:
    """Sign a user in, and make meetings to be updated at each of the servers."""
    with Client(at[0].root) as client:
        meetings = client.sign_in(username, servers.PASSWORD)
        return [
            _Load(server, [client.target(client.create(meetings)) for _ in range(max(LOADS))])
            for server in at
        ]


async def _row(
    changes: Changes, hearing: list[Channel], loads: list[_Load], busy: int, count: int
) -> tuple[Across, Counter[str]]:
    """Change the meeting `count` times at rest, or else for as long as the loads last."""
    seconds = count * _SECONDS_A_CHANGE
    running = [asyncio.ensure_future(asyncio.to_thread(one.run, busy, seconds)) for one in loads]

    def goes_on(done: int) -> bool:
        return not any(one.done() for one in running) if running else done < count

    told = await changes.row(hearing, [], goes_on)
    results = await asyncio.gather(*running)
    errors: Counter[str] = Counter()
    for result in results:
        errors.update(result.errors)
    return Across(busy, sum(result.rate for result in results), told), errors
