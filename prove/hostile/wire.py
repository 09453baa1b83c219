"""The attacker's client: it sends bytes that no well-behaved client would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode

from prove.hostile.target import Answers, Target

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PATIENCE = 45.0
"""Seconds."""
_CHUNK = 1 << 16
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")


def request(
    target: Target,
    method: str,
    path: str,
    body: bytes = b"",
    headers: Sequence[tuple[str, str]] = (),
    *,
    media_type: str = JSON,
    token: str | None = None,
) -> bytes:
    """Write a request of the attacker's own, on a connection of its own."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {target.host}:{target.port}",
        f"Authorization: Bearer {target.token if token is None else token}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers),
    ]
    if body:
        lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def form(target: Target, body: bytes, media_type: str = FORM) -> bytes:
    """Write a request for a token, by nobody."""
    lines = (
        f"POST {target.tokens} HTTP/1.1",
        f"Host: {target.host}:{target.port}",
        "Connection: close",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join([*lines, "", ""]).encode() + body


def sign_in(target: Target, user: str, password: str) -> bytes:
    """Write a request for a token, with a password."""
    asked = {"grant_type": "password", "username": user, "password": password}
    return form(target, urlencode(asked).encode())


def batch(target: Target, parts: Iterable[bytes]) -> bytes:
    """Write a batch of these requests."""
    opening = b"--b\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
    body = b"".join(opening + part + b"\r\n" for part in parts) + b"--b--\r\n"
    kind = "multipart/batching;boundary=b"
    return request(target, "POST", target.batch, body, media_type=kind)


def part(
    method: str, path: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Write a request of a batch."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    if body:
        lines.append(f"Content-Type: {JSON}")
    return "\r\n".join([*lines, "", ""]).encode() + body


async def connected(
    target: Target, limit: int = _CHUNK
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect from the attacker's address. Raises OSError."""
    return await asyncio.open_connection(
        target.host, target.port, local_addr=(target.address, 0), limit=limit
    )


async def exchange(target: Target, sent: bytes, outcome: Answers) -> bytes:
    """Send a request, count what comes, and return the first 4 MB of it."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await connected(target)
            try:
                return await _exchanged(reader, writer, sent, outcome)
            finally:
                writer.transport.abort()
    except TimeoutError:
        outcome.count("no answer")
    except OSError:
        outcome.count("hung up")
    return b""


async def _exchanged(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes, outcome: Answers
) -> bytes:
    writer.write(sent)
    kept = b""
    size = 0
    while came := await reader.read(_CHUNK):
        size += len(came)
        if len(kept) < 4_000_000:
            kept += came
    outcome.received += size
    status = _STATUS.match(kept)
    outcome.count(status[1].decode() if status else "hung up")
    return kept


async def at_once(
    target: Target, sent: Iterable[bytes], outcome: Answers, most: int = 1000
) -> list[bytes]:
    """Send requests at the same time, each on a connection of its own, at most so many."""
    turns = asyncio.Semaphore(most)

    async def one(data: bytes) -> bytes:
        async with turns:
            return await exchange(target, data, outcome)

    return await asyncio.gather(*map(one, sent))
