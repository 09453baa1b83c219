"""Attacks by what goes on at a connection: too much of a head, or too little of anything."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from prove.hostile.target import Answers, Target
from prove.hostile.wire import at_once, connected, request

_CONNECTIONS = 200


async def heads(target: Target, outcome: Answers) -> None:
    """Send heads of up to half a megabyte, and headers that are long to read."""
    path = target.meetings
    long = (
        ("Accept", "application/json;q=0.1," * 2700),
        ("Accept", "a/b;" * 15_000),
        ("If-Match", '"1",' * 15_000),
        ("If-Match", " ," * 30_000),
        ("If-None-Match", 'W/"' * 20_000),
        ("Cookie", "a=b;" * 15_000),
        ("Prefer", "a," * 30_000),
        ("Accept-Encoding", "gzip;q=0," * 6000),
        ("Idempotency-Key", '"' + "a" * 60_000),
        ("X-MS-RequiresMinResourceVersion", "1" * 60_000),
        ("Authorization", "Bearer " + "a" * 60_000),
        ("Content-Type", "application/json;" + "charset=" * 7000),
    )
    asked = [request(target, "GET", path, headers=[one]) for one in long]
    asked += [request(target, "POST", path, b"{}", [one]) for one in long]
    asked += [
        request(target, "GET", path, headers=[(f"A{n}", "b" * 1000) for n in range(500)]),
        request(target, "GET", path, headers=[("A", "b")] * 10_000),
        request(target, "GET", path + "?" + "a=b&" * 15_000),
        request(target, "POST", path + "?" + "attendees=a&" * 990),
        request(target, "GET", path + "/" + "%61" * 20_000),
        request(target, "GET", path + "/a" * 30_000),
        request(target, "GET", "/" * 60_000),
    ]
    for _ in range(target.rounds):
        await at_once(target, asked, outcome)


async def slow_bodies(target: Target, outcome: Answers) -> None:
    """Send a byte of a body now and then, on many connections, and half a head on others."""
    whole = request(target, "POST", target.meetings, b" " * 1000)
    end = time.monotonic() + target.seconds

    async def one(beginning: bytes) -> None:
        try:
            reader, writer = await connected(target)
            writer.write(beginning)
            came = asyncio.ensure_future(reader.read(1000))
            while time.monotonic() < end and not came.done():
                await asyncio.wait([came], timeout=1)
                writer.write(b" ")
            outcome.count(came.result()[9:12].decode() or "hung up" if came.done() else "kept")
            came.cancel()
            writer.transport.abort()
        except OSError:
            outcome.count("hung up")

    head, _, _ = whole.partition(b"\r\n\r\n")
    bodies = [one(head + b"\r\n\r\n ") for _ in range(_CONNECTIONS)]
    await asyncio.gather(*bodies, *(one(head) for _ in range(_CONNECTIONS // 4)))


async def slow_readers(target: Target, outcome: Answers) -> None:
    """Ask for large answers, on many connections and again and again, and read nothing."""
    body = request(target, "GET", "/openapi.json").replace(b"Connection: close\r\n", b"")
    end = time.monotonic() + target.seconds

    async def one() -> None:
        try:
            _, writer = await connected(target, limit=1)
            writer.transport.pause_reading()  # type: ignore[attr-defined] # it is a socket's
            with suppress(TimeoutError):
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + target.seconds):
                    writer.write(body * 50)
                    await writer.drain()
            await asyncio.sleep(max(0.0, end - time.monotonic()))
            outcome.count("hung up" if writer.transport.is_closing() else "kept")
            writer.transport.abort()
        except OSError:
            outcome.count("hung up")

    await asyncio.gather(*(one() for _ in range(_CONNECTIONS)))
