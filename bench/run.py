"""A run: every measurement, in order, against servers on fresh stores."""

from __future__ import annotations

import statistics
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bench import events, forms, load, peers, pending, servers
from bench.client import Client, UnexpectedAnswer, create_meetings
from bench.column import Column, median
from bench.events import Told
from bench.forms import Form
from bench.load import Plan, Result, Target
from bench.machine import Machine, describe
from bench.peers import Peers
from bench.pending import Pending
from bench.process import Memory, memory
from bench.servers import Server

# OpenUCWA's limit on one user's meetings, for the run: what the run makes and some room.
SPARE_MEETINGS = 1000


@dataclass(frozen=True)
class Options:
    """What to measure: seconds and warm-up per cell, connections of each row, meetings stored.

    `pending` GETs are watched for `idle` seconds; a meeting is changed `changes` times for each
    number of `waiting` channels. `peers` are measured if asked for.
    """

    seconds: float
    warmup: float
    connections: list[int]
    meetings: int
    rounds: int
    pending: int
    idle: float
    waiting: list[int]
    changes: int
    peers: bool
    openucwa: Path
    directory: Path


@dataclass(frozen=True)
class Row:
    """OpenUCWA's updates beside the constant's answers at one number of connections."""

    connections: int
    updates: Column
    constant: Column

    @property
    def ratio(self) -> float:
        """Updates per constant answer."""
        return self.updates.rate / self.constant.rate


@dataclass(frozen=True)
class Figures:
    """All that a run found; start-ups in seconds, memory in bytes.

    `full_*` are with `options.meetings` meetings stored: `full_memory` in the process that
    took them, `full_startup` and `restarted_memory` in one started anew on their store.
    """

    date: datetime
    machine: Machine
    options: Options
    answer_bytes: int
    rows: list[Row]
    errors: dict[str, int]
    startup: float
    constant_startup: float
    empty_memory: Memory
    full_memory: Memory
    full_startup: float
    restarted_memory: Memory
    pending: Pending
    told: list[Told]
    forms: list[Form]
    peers: Peers | None


def measure(options: Options, say: Callable[[str], None]) -> Figures:
    """Measure everything, telling `say` how far it is."""
    date = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="openucwa-bench-", dir=options.directory) as name:
        directory = Path(name)
        say("fsync")
        machine = describe(directory)
        startup = _startup(options, directory, say)
        rows, errors, size, constant_startup = _updates(options, directory, say)
        empty, full, full_startup, restarted = _meetings(options, directory, say)
        held = pending.measure(
            options.openucwa,
            _store(options, directory, "pending"),
            options.pending,
            options.idle,
            say,
        )
        told = events.measure(
            options.openucwa,
            _store(options, directory, "events"),
            options.waiting,
            options.changes,
            say,
        )
        found, wrong = forms.measure(
            options.openucwa,
            _store(options, directory, "forms"),
            rounds=options.rounds,
            seconds=options.seconds,
            warmup=options.warmup,
            say=say,
        )
        errors.update(wrong)
    others = _peers(options, say) if options.peers else None
    return Figures(
        date=date,
        machine=machine,
        options=options,
        answer_bytes=size,
        rows=rows,
        errors=dict(errors),
        startup=startup,
        constant_startup=constant_startup,
        empty_memory=empty,
        full_memory=full,
        full_startup=full_startup,
        restarted_memory=restarted,
        pending=held,
        told=told,
        forms=found,
        peers=others,
    )


def _store(options: Options, directory: Path, name: str) -> Path:
    """Make a store with the user in it, and return its folder."""
    data = directory / name
    data.mkdir()
    servers.add_user(options.openucwa, data)
    return data


def _server(options: Options, data: Path, meetings: int) -> AbstractContextManager[Server]:
    """Run OpenUCWA with room for so many meetings, and some more."""
    room = meetings + SPARE_MEETINGS
    return servers.openucwa_server(options.openucwa, data, meetings_per_user=room)


def _startup(options: Options, directory: Path, say: Callable[[str], None]) -> float:
    """Return the median start-up on a store that no server has used before, in seconds."""
    times = []
    for number in range(options.rounds):
        say(f"start-up {number + 1}/{options.rounds}")
        data = _store(options, directory, f"startup-{number}")
        with servers.openucwa_server(options.openucwa, data) as server:
            times.append(server.startup)
    return statistics.median(times)


def _updates(
    options: Options, directory: Path, say: Callable[[str], None]
) -> tuple[list[Row], Counter[str], int, float]:
    """Measure the updates beside the constant; return rows, errors, answer size and start-up."""
    most = max(options.connections)
    data = _store(options, directory, "updates")
    errors: Counter[str] = Counter()
    updates: dict[int, list[Result]] = {count: [] for count in options.connections}
    constants: dict[int, list[Result]] = {count: [] for count in options.connections}
    with _server(options, data, most) as server:
        with Client(server.root) as client:
            meetings = client.sign_in(servers.USERNAME, servers.PASSWORD)
            hrefs = [client.create(meetings) for _ in range(most)]
            targets = [client.target(href) for href in hrefs]
            # The first update is the answer that the constant server repeats, and leaves its
            # target with an ETag of the past, which must then be refused.
            answer = client.update(targets[0], (load.SUBJECT_FORMAT % 0).decode())
            client.update(targets[0], "An update that comes too late", expect=412)
            targets[0] = replace(targets[0], etag=answer.header("ETag"))
            constant = [replace(target, etag=answer.header("ETag")) for target in targets]
            token = client.token
        with servers.constant_server(answer, directory) as limit:
            with Client(limit.root) as client:
                repeated = client.update(targets[0], (load.SUBJECT_FORMAT % 0).decode())
            if (repeated.body, repeated.size) != (answer.body, answer.size):
                raise UnexpectedAnswer(f"the constant has {repeated.size} bytes, not {answer.size}")
            for number in range(options.rounds):
                for count in options.connections:
                    say(f"round {number + 1}/{options.rounds}, {count} connections")
                    result = load.run(_plan(options, server, targets[:count], follow=True))
                    updates[count].append(result)
                    errors.update(result.errors)
                    targets[:count] = load.after(targets[:count], result)
                    errors.update(_lost(server.root, token, hrefs, targets[:count]))
                    result = load.run(_plan(options, limit, constant[:count], follow=False))
                    constants[count].append(result)
                    errors.update({f"constant: {n}": c for n, c in result.errors.items()})
            rows = [Row(n, median(updates[n]), median(constants[n])) for n in options.connections]
            return rows, errors, answer.size, limit.startup


def _plan(options: Options, server: Server, targets: list[Target], *, follow: bool) -> Plan:
    return Plan(
        host=servers.HOST,
        port=server.port,
        pid=server.pid,
        seconds=options.seconds,
        warmup=options.warmup,
        follow=follow,
        targets=targets,
    )


def _lost(root: str, token: str, hrefs: list[str], targets: list[Target]) -> Counter[str]:
    """Count the meetings that are not as the last update of each left them."""
    lost: Counter[str] = Counter()
    with Client(root, token) as client:
        for href, target in zip(hrefs, targets, strict=False):
            answer = client.ask("GET", href)
            subject = (load.SUBJECT_FORMAT % target.serial).decode()
            if answer.header("ETag") != target.etag or answer.resource()["subject"] != subject:
                lost["update lost"] += 1
    return lost


def _peers(options: Options, say: Callable[[str], None]) -> Peers:
    return peers.measure(
        options.directory,
        options.connections,
        rounds=options.rounds,
        seconds=options.seconds,
        warmup=options.warmup,
        say=say,
    )


def _meetings(
    options: Options, directory: Path, say: Callable[[str], None]
) -> tuple[Memory, Memory, float, Memory]:
    """Fill a store; return the memory before and after, and the next start-up and its memory."""
    data = _store(options, directory, "meetings")
    with _server(options, data, options.meetings) as server:
        empty = memory(server.pid)
        with Client(server.root) as client:
            meetings = client.sign_in(servers.USERNAME, servers.PASSWORD)
            say(f"{options.meetings} meetings")
            create_meetings(server.root, client.token, meetings, options.meetings)
            full = memory(server.pid)
    say(f"start-up with {options.meetings} meetings")
    with _server(options, data, options.meetings) as server:
        return empty, full, server.startup, memory(server.pid)
