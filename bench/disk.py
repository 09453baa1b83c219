"""GETs of one user while others' updates wait for a disk whose sync takes long."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import channels, servers
from bench.client import Client
from bench.http import UnexpectedAnswer
from bench.line import Line
from bench.load import Request, Target
from bench.machine import percentile
from bench.servers import Installation, Server
from bench.stand import Loaded

DELAYS = (0, 20)
"""Milliseconds that a sync takes longer."""
WRITERS = 16
_SHIM = Path(__file__).with_name("sync.c")
_BETWEEN_SECONDS = 0.01
"""From one GET to the next."""


class CannotSlow(Exception):
    """The disk can't be made slow here."""


@dataclass(frozen=True)
class Reads:
    """Times in ms of `reads` GETs, while `writers` made `rate` updates a second.

    Each sync of the server took `delay` ms longer than the disk needs.
    """

    delay: int
    writers: int
    rate: float
    reads: int
    p50: float
    p99: float


def measure(
    installation: Installation, seconds: float, warmup: float, say: Callable[[str], None]
) -> tuple[list[Reads], Counter[str]]:
    """Read without writers and with them, on the disk as it is and on a slow one.

    Return the rows, and what went wrong. Raises CannotSlow.
    """
    shim = compiled(installation.data)
    (reader,) = channels.add_people(installation, 1)
    rows: list[Reads] = []
    errors: Counter[str] = Counter()
    for delay in DELAYS:
        slow = {"LD_PRELOAD": str(shim), "SLOW_SYNC_MS": str(delay)} if delay else {}
        with servers.openucwa_server(installation, environment=slow) as server:
            with Client(server.root) as client:
                meetings = client.sign_in(reader, servers.PASSWORD)
                read = client.read(client.create(meetings))
            writers = _writers(server, seconds, warmup, delay)
            for count in (0, WRITERS):
                say(f"GETs, {count} writers, a sync takes {delay} ms longer")
                row, wrong = uvloop.run(_row(server, read, writers, count, delay))
                rows.append(row)
                errors.update(wrong)
    return rows, errors


def compiled(folder: Path) -> Path:
    """Compile what makes a sync take longer. Raises CannotSlow."""
    compiler = shutil.which("gcc")
    if compiler is None:
        raise CannotSlow("gcc is not installed: apt install gcc")
    made = folder / "sync.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(_SHIM)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotSlow(f"gcc: {done.stderr.strip()[:200]}")
    return made


def _writers(server: Server, seconds: float, warmup: float, delay: int) -> Loaded:
    """Make a meeting for each writer. Raises CannotSlow if that waits for no sync."""
    with Client(server.root) as client:
        meetings = client.sign_in(*servers.OWNER)
        began = time.perf_counter()
        targets = [client.target(client.create(meetings)) for _ in range(WRITERS)]
        if time.perf_counter() - began < delay * WRITERS / 1000:
            raise CannotSlow("LD_PRELOAD does not reach the syncs of the server")
    return Loaded("writers", server, targets, seconds, warmup)


async def _row(
    server: Server, read: Target, writers: Loaded, count: int, delay: int
) -> tuple[Reads, dict[str, int]]:
    """Read every now and then, for as long as the writers write.

    They begin within the warm-up, so its reads do not count.
    """
    line = await Line.open(servers.HOST, server.port)
    request = Request(servers.HOST, server.port, read).encode(b"", 0)
    writing = asyncio.ensure_future(
        asyncio.to_thread(writers.run, count)
        if count
        else asyncio.sleep(writers.warmup + writers.seconds)
    )
    times: list[int] = []
    counts_from = time.perf_counter_ns() + writers.warmup * 1e9
    counts_until = counts_from + writers.seconds * 1e9
    while not writing.done():
        await asyncio.sleep(_BETWEEN_SECONDS)
        began = time.perf_counter_ns()
        reply = await line.ask(request)
        if reply.status != 200:
            raise UnexpectedAnswer(repr(reply.data[:500]))
        if counts_from < began < counts_until:
            times.append(reply.at - began)
    line.close()
    result = await writing
    times.sort()
    row = Reads(
        delay=delay,
        writers=count,
        rate=result.rate if result else 0.0,
        reads=len(times),
        p50=percentile(times, 50) / 1e6,
        p99=percentile(times, 99) / 1e6,
    )
    return row, result.errors if result else {}
