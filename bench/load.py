"""The load generator: a process of its own that keeps one request in flight per connection.

It reads a plan as JSON on standard input and writes a result as JSON on standard output, so
that it shares neither an interpreter nor a garbage collector with anything it measures.  It
parses no more of an answer than it needs: the status, Content-Length and ETag.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import cast

import uvloop

from bench.machine import percentile
from bench.process import cpu_seconds

ROOT = Path(__file__).resolve().parents[1]
SUBJECT = "@subject@"
ETAG = "@etag@"
SUBJECT_FORMAT = b"Update %012d"
NO_CONTENT = b"204"
DONE = (b"200", NO_CONTENT)
# An answer that takes longer than this after the last second ends the run with an error.
PATIENCE_SECONDS = 30.0


class NoAnswers(Exception):
    """Not one answer came in the measured time."""


@dataclass(frozen=True)
class Target:
    """One connection's request: a PUT whose If-Match is the ETag of the answer before it.

    `headers` are `[name, value]` pairs without If-Match and Content-Length; `body` holds
    `@subject@` once and `@etag@` at most once, in place of what changes from one request to
    the next; `etag` is the first If-Match, quotes included; `serial` numbers the subjects.

    Without an `etag` the request is always the same, of any `method`.  Its answer need bring no
    ETag, and holds as many further answers, to the `parts` of a batch, each with a 200.

    `tag` is a regular expression for a server that tells the new version in the body of an answer;
    its group goes into the next request in place of the ETag.
    """

    path: str
    headers: list[list[str]]
    body: str
    etag: str
    serial: int = 0
    method: str = "PUT"
    parts: int = 0
    tag: str = ""


@dataclass(frozen=True)
class Plan:
    """A run against the process `pid` and those that it has started, times in seconds.

    There is one connection per target or, where `connections` says so, fewer, each of which asks
    for its share of the targets in turn.  With `follow` an answer must bring an ETag other than the
    one it was asked with.  `database` is the process of a database server, whose processor time is
    taken too.
    """

    host: str
    port: int
    pid: int
    seconds: float
    warmup: float
    follow: bool
    targets: list[Target]
    connections: int = 0
    database: int = 0


@dataclass(frozen=True)
class Result:
    """The figures of a run after its warm-up; `*_ns` in nanoseconds, the rest in seconds.

    `errors` counts what went wrong by name, warm-up included; `etags` and `serials` are
    each target's last ETag and the number of its last subject.
    """

    requests: int
    seconds: float
    p50_ns: int
    p99_ns: int
    server_cpu: float
    generator_cpu: float
    errors: dict[str, int]
    etags: list[str]
    serials: list[int]
    database_cpu: float = 0.0
    wal_bytes: float = 0.0  # which a database server has written for these requests

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds


def run(plan: Plan) -> Result:
    """Run `plan` in a new process and return what it measured."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
        text=True,
    )
    result = Result(**json.loads(done.stdout))
    if not result.requests:
        raise NoAnswers(f"no answers at {plan.host}:{plan.port}: {result.errors}")
    return result


def after(targets: list[Target], result: Result) -> list[Target]:
    """Return the targets as a run left them."""
    left = zip(targets, result.etags, result.serials, strict=True)
    return [replace(target, etag=etag, serial=serial) for target, etag, serial in left]


class Request:
    """A request prepared as pieces of bytes, joined anew for each ETag and subject."""

    def __init__(self, host: str, port: int, target: Target) -> None:
        lines = [f"{target.method} {target.path} HTTP/1.1", f"Host: {host}:{port}"]
        lines += [f"{name}: {value}" for name, value in target.headers]
        self.same = b""
        if not target.etag:
            sent = target.body.encode()
            lines.append(f"Content-Length: {len(sent)}")
            self.same = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + sent
            return
        self.head = ("\r\n".join(lines) + "\r\nContent-Length: ").encode("latin-1")
        body = re.split(f"({SUBJECT}|{ETAG})", target.body)
        # The pieces: head with Content-Length, If-Match, the ETag, the blank line, the body.
        self.pieces = [b"", b"\r\nIf-Match: ", b"", b"\r\n\r\n", *(p.encode() for p in body)]
        self.subject_at = body.index(SUBJECT) + 4 if SUBJECT in body else None
        self.etag_at = body.index(ETAG) + 4 if ETAG in body else None
        self.etag_length = -1

    def encode(self, etag: bytes, serial: int) -> bytes:
        """Return the bytes of the request for this ETag, with subject number `serial`."""
        if self.same:
            return self.same
        pieces = self.pieces
        pieces[2] = etag
        if self.subject_at is not None:
            pieces[self.subject_at] = SUBJECT_FORMAT % serial
        if self.etag_at is not None:
            pieces[self.etag_at] = etag[1:-1]
        if len(etag) != self.etag_length:
            self.etag_length = len(etag)
            pieces[0] = self.head + str(sum(map(len, pieces[4:]))).encode()
        return b"".join(pieces)


class Course:
    """A target, and how far its updates have come."""

    def __init__(self, plan: Plan, target: Target) -> None:
        self.request = Request(plan.host, plan.port, target)
        self.etag = target.etag.encode("latin-1")
        self.serial = target.serial
        self.parts = target.parts
        self.tag = re.compile(target.tag.encode(), re.DOTALL) if target.tag else None

    def next(self) -> bytes:
        """Return the bytes of the next request."""
        self.serial += 1
        return self.request.encode(self.etag, self.serial)


class Connection(asyncio.Protocol):
    """One keep-alive connection: sends, waits for the whole answer, checks it, sends again.

    Its requests are those of its courses in turn.
    """

    def __init__(self, courses: list[Course], follow: bool, times: list[int]) -> None:
        self.courses = cycle(courses)
        self.course = courses[0]
        self.follow = follow
        self.times = times
        self.errors: Counter[str] = Counter()
        self.stopping = False
        self.idle = asyncio.Event()
        self.buffer = b""
        self.started = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; the first request waits until every connection is open."""
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a connection that the server closed while it was in use."""
        if not self.idle.is_set():
            self.errors["connection closed"] += 1
            self.idle.set()

    def send(self) -> None:
        """Send the next request and start its clock."""
        assert self.transport is not None
        self.course = next(self.courses)
        data = self.course.next()
        self.started = time.perf_counter_ns()
        self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Take bytes of an answer; once it is whole, check it and go on."""
        now = time.perf_counter_ns()
        if self.buffer:
            data = self.buffer + data
        end = data.find(b"\r\n\r\n")
        if end < 0:
            self.buffer = data
            return
        head = data[: end + 2].lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0 and data[9:12] != NO_CONTENT:
            self.fail("no Content-Length")
            return
        size = end + 4
        if at >= 0:
            size += int(head[at + 17 : head.find(b"\r\n", at + 17)])
        if len(data) < size:
            self.buffer = data
            return
        if len(data) > size:
            self.fail("more bytes than Content-Length")
            return
        self.buffer = b""
        self.times.append(now - self.started)
        self.check(data, head)
        if self.stopping:
            self.idle.set()
        else:
            self.send()

    def check(self, data: bytes, head: bytes) -> None:
        """Check a whole answer and take its ETag from `data`; `head` is its lower case."""
        if data[9:12] not in DONE:
            self.errors[f"status {data[9:12].decode('latin-1')}"] += 1
            return
        course = self.course
        if course.parts and data.count(b"HTTP/1.1 200 ") != course.parts + 1:
            self.errors["a part of the batch failed"] += 1
        if not course.etag:
            return
        etag = _etag(data, head) if course.tag is None else _tag(course.tag, data)
        if not etag:
            self.errors["no ETag"] += 1
            return
        if self.follow and etag == course.etag:
            self.errors["ETag unchanged"] += 1
        course.etag = etag

    def fail(self, reason: str) -> None:
        """Give the connection up: its framing can't be trusted any more."""
        assert self.transport is not None
        self.errors[reason] += 1
        self.idle.set()
        self.transport.abort()


def _etag(data: bytes, head: bytes) -> bytes:
    """Return the ETag of an answer, or nothing; `head` is the head of `data` in lower case."""
    at = head.find(b"\r\netag:")
    return data[at + 7 : head.find(b"\r\n", at + 7)].strip() if at >= 0 else b""


def _tag(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    """Return in quotes the version that an answer tells in its body, or nothing."""
    found = pattern.search(data)
    return b'"' + found[1] + b'"' if found else b""


async def generate(plan: Plan) -> Result:
    """Load the server as `plan` says."""
    loop = asyncio.get_running_loop()
    times: list[int] = []
    courses = [Course(plan, target) for target in plan.targets]
    count = plan.connections or len(courses)
    connections: list[Connection] = []
    for number in range(count):
        connection = Connection(courses[number::count], plan.follow, times)
        await loop.create_connection(lambda c=connection: c, plan.host, plan.port)  # type: ignore[misc]
        connections.append(connection)
    # Nothing here is garbage: every object is either kept or freed by its count.
    gc.collect()
    gc.disable()
    for connection in connections:
        connection.send()

    await asyncio.sleep(plan.warmup)
    first, server, own = len(times), cpu_seconds(plan.pid), time.process_time()
    database = cpu_seconds(plan.database) if plan.database else 0.0
    started = time.perf_counter()
    await asyncio.sleep(plan.seconds)
    # On a busy machine a short time may pass without an answer: the first one is waited for.
    while len(times) == first and time.perf_counter() - started < PATIENCE_SECONDS:
        if all(connection.idle.is_set() for connection in connections):
            break  # every connection has been lost
        await asyncio.sleep(0.01)
    seconds = time.perf_counter() - started
    last = len(times)
    server, own = cpu_seconds(plan.pid) - server, time.process_time() - own
    if plan.database:
        database = cpu_seconds(plan.database) - database

    for connection in connections:
        connection.stopping = True
    waiting = [asyncio.ensure_future(c.idle.wait()) for c in connections]
    await asyncio.wait(waiting, timeout=PATIENCE_SECONDS)
    errors: Counter[str] = Counter()
    for connection in connections:
        if not connection.idle.is_set():
            connection.errors["no answer"] += 1
        errors.update(connection.errors)

    measured = sorted(times[first:last])
    return Result(
        requests=len(measured),
        seconds=seconds,
        p50_ns=percentile(measured, 50),
        p99_ns=percentile(measured, 99),
        server_cpu=server,
        generator_cpu=own,
        errors=dict(errors),
        etags=[course.etag.decode("latin-1") for course in courses],
        serials=[course.serial for course in courses],
        database_cpu=database,
    )


def main() -> None:
    """Read a plan on standard input, run it, write its result on standard output."""
    plan = json.load(sys.stdin)
    plan["targets"] = [Target(**target) for target in plan["targets"]]
    json.dump(asdict(uvloop.run(generate(Plan(**plan)))), sys.stdout)


if __name__ == "__main__":
    main()
