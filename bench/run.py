"""A run: the sections that were asked for, in order, against servers on fresh stores."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    across,
    disk,
    events,
    fanout,
    following,
    forms,
    growth,
    imports,
    pending,
    rooms,
    servers,
    sharing,
    startup,
    updates,
)
from bench.across import Across
from bench.disk import CannotSlow, Reads
from bench.events import Latencies
from bench.fanout import Audience, Heard
from bench.forms import Form
from bench.growth import Size
from bench.imports import Imported
from bench.line import room_for
from bench.machine import Machine, describe
from bench.options import Options
from bench.peers import FAILURES, left_out, prosody
from bench.peers import updates as peers
from bench.peers.updates import Peers
from bench.pending import Pending
from bench.servers import Installation, ServerFailed
from bench.sharing import Writing
from bench.startup import Startup
from bench.updates import Updates
from tools import postgres

ON_POSTGRESQL = {"updates", "across", "sharing", "growth"}
"""The sections that need PostgreSQL."""


@dataclass
class Figures:
    """All that a run found; of a section that was not asked for, nothing."""

    date: datetime
    machine: Machine
    options: Options
    errors: Counter[str] = field(default_factory=Counter)
    startup: Startup | None = None
    imports: list[Imported] = field(default_factory=list)
    updates: Updates | None = None
    pending: Pending | None = None
    told: list[Latencies] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    messages: list[Heard] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    """The setup of each peer, and the reason for each one that is left out."""
    reads: list[Reads] = field(default_factory=list)
    across: list[Across] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    writings: list[Writing] = field(default_factory=list)
    peers: Peers | None = None
    growth: list[Size] = field(default_factory=list)


def measure(options: Options, say: Callable[[str], None]) -> Figures:
    """Measure what was asked for, telling `say` how far it is."""
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="openucwa-bench-", dir=options.directory)
        directory = Path(stack.enter_context(made))
        say("fsync")
        figures = Figures(datetime.now(UTC), describe(directory), options)
        if "startup" in options.only:
            figures.startup = startup.measure(options, directory, say)
        if "imports" in options.only:
            figures.imports = imports.measure(options, say)
        _embedded(figures, options, directory, say)
        if ON_POSTGRESQL.intersection(options.only):
            server = stack.enter_context(_postgres(options))
            _on_postgresql(figures, options, directory, server, say)
        if "peers" in options.only:
            figures.peers = peers.measure(
                options.directory,
                options.connections,
                rounds=options.rounds,
                seconds=options.seconds,
                warmup=options.warmup,
                say=say,
            )
    return figures


def _embedded(
    figures: Figures, options: Options, directory: Path, say: Callable[[str], None]
) -> None:
    """Measure what needs SQLite alone."""

    def installed(name: str) -> Installation:
        return servers.install(options.openucwa, directory / name)

    if "pending" in options.only:
        figures.pending = pending.measure(installed("pending"), options.pending, options.idle, say)
    if "events" in options.only:
        figures.told = events.measure(installed("events"), options.waiting, options.changes, say)
    if "fanout" in options.only:
        _fanout(figures, options, installed("fanout"), say)
    if "messages" in options.only:
        _messages(figures, options, directory, say)
    if "disk" in options.only:
        _disk(figures, options, installed("disk"), say)
    if "forms" in options.only:
        figures.forms, wrong = forms.measure(
            installed("forms"),
            rounds=options.rounds,
            seconds=options.seconds,
            warmup=options.warmup,
            say=say,
        )
        figures.errors.update(wrong)


def _fanout(
    figures: Figures, options: Options, installation: Installation, say: Callable[[str], None]
) -> None:
    """Let OpenUCWA's channels, and then Prosody's clients, hear of changes at each rate."""
    room_for(2 * options.listeners)

    def measured(audience: Audience) -> list[Heard]:
        rows = []
        for rate in (0, *fanout.RATES):
            say(f"fan-out, {audience.name}, {f'{rate}/s' if rate else 'at rest'}")
            rows.append(fanout.measure(audience, rate, max(4, options.changes // 4)))
        return rows

    for audience in following.groups(installation, options.listeners, say):
        figures.heard += measured(audience)
    folder = installation.data / "prosody"
    folder.mkdir()
    try:
        with prosody.running(folder, options.listeners) as room:
            figures.heard += measured(room)
            setup = "sessions over BOSH in one room, which tells nobody who comes"
            figures.about.append(f"Prosody {prosody.version()}: {setup}")
    except FAILURES as failure:
        figures.about.append(left_out("Prosody", failure))


def _messages(
    figures: Figures, options: Options, directory: Path, say: Callable[[str], None]
) -> None:
    """Let people in meetings, and then Prosody's clients, hear of messages."""
    changes = max(4, options.changes // 4)
    sizes = [one for one in rooms.SIZES if one <= 4 * options.listeners]
    room_for(2 * max(sizes))
    for size in sizes:
        installation = servers.install(options.openucwa, directory / f"messages-{size}")
        say(f"a meeting of {size}")
        with rooms.running(installation, size) as speaker:
            for rate in (0, rooms.RATE) if size == rooms.LOADED else (0,):
                say(f"messages, {speaker.name}, {f'{rate}/s' if rate else 'at rest'}")
                figures.messages.append(fanout.measure(speaker, rate, changes))
        folder = directory / f"prosody-{size}"
        folder.mkdir()
        try:
            with prosody.running(folder, size - 1) as room:
                for rate in (0, rooms.RATE) if size == rooms.LOADED else (0,):
                    figures.messages.append(fanout.measure(room, rate, changes))
        except FAILURES as failure:
            figures.about.append(left_out("Prosody", failure))


def _disk(
    figures: Figures, options: Options, installation: Installation, say: Callable[[str], None]
) -> None:
    """Read while writers wait for the disk, as long as all rounds of another section take."""
    seconds = options.rounds * options.seconds
    try:
        figures.reads, wrong = disk.measure(installation, seconds, options.warmup, say)
    except CannotSlow as failure:
        figures.about.append(f"A slow disk is left out: {failure}")
    else:
        figures.errors.update(wrong)


def _on_postgresql(
    figures: Figures,
    options: Options,
    directory: Path,
    server: postgres.Postgres,
    say: Callable[[str], None],
) -> None:
    """Measure what needs PostgreSQL, each section in databases of its own."""
    if "updates" in options.only:
        figures.updates = updates.measure(options, directory, server, say)
        figures.errors.update(figures.updates.errors)
        figures.about += figures.updates.about
    if "across" in options.only:
        figures.across, wrong = across.measure(options, directory, server, say)
        figures.errors.update(wrong)
    if "sharing" in options.only:
        _sharing(figures, options, directory, server, say)
    if "growth" in options.only:
        figures.growth, wrong = growth.measure(options, directory, server, say)
        figures.errors.update(wrong)


def _sharing(
    figures: Figures,
    options: Options,
    directory: Path,
    server: postgres.Postgres,
    say: Callable[[str], None],
) -> None:
    """Let others than the organizer write, on both engines."""
    databases = {"SQLite": "", "PostgreSQL": server.create("sharing")}
    for engine, url in databases.items():
        writings, wrong = sharing.measure(
            engine,
            servers.install(options.openucwa, directory / f"sharing-{engine}", url),
            rounds=options.rounds,
            seconds=options.seconds,
            warmup=options.warmup,
            say=say,
        )
        figures.writings += writings
        figures.errors.update(wrong)


@contextmanager
def _postgres(options: Options) -> Iterator[postgres.Postgres]:
    """Run PostgreSQL with its default, durable settings, on the filesystem to be measured."""
    try:
        with postgres.running(folder=options.directory) as server:
            yield server
    except RuntimeError as failure:
        raise ServerFailed(f"PostgreSQL does not start: {failure}") from failure
