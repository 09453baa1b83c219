"""A run: the sections that were asked for, in order, against servers on fresh stores."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    across,
    events,
    forms,
    growth,
    imports,
    partitions,
    peers,
    pending,
    servers,
    startup,
    updates,
)
from bench.across import Across
from bench.events import Told
from bench.forms import Form
from bench.growth import Size
from bench.imports import Imported
from bench.machine import Machine, describe
from bench.options import Options
from bench.partitions import Costs
from bench.peers import Peers
from bench.pending import Pending
from bench.servers import Installation, ServerFailed
from bench.startup import Startup
from bench.updates import Updates, on_postgres
from tools import postgres


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
    told: list[Told] = field(default_factory=list)
    across: list[Across] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    peers: Peers | None = None
    partitions: list[partitions.Row] = field(default_factory=list)
    growth: list[Size] = field(default_factory=list)


def measure(options: Options, say: Callable[[str], None]) -> Figures:
    """Measure what was asked for, telling `say` how far it is."""
    with tempfile.TemporaryDirectory(prefix="openucwa-bench-", dir=options.directory) as name:
        directory = Path(name)
        say("fsync")
        figures = Figures(datetime.now(UTC), describe(directory), options)
        if "startup" in options.only:
            figures.startup = startup.measure(options, directory, say)
        if "imports" in options.only:
            figures.imports = imports.measure(options, say)
        if "updates" in options.only:
            with _postgres(options) as server:
                figures.updates = updates.measure(options, directory, server, say)
            figures.errors.update(figures.updates.errors)
        _waiting(figures, options, directory, say)
        if "across" in options.only:
            with _postgres(options) as server:
                figures.across, wrong = across.measure(options, directory, server, say)
            figures.errors.update(wrong)
        if "forms" in options.only:
            figures.forms, wrong = forms.measure(
                servers.install(options.openucwa, directory / "forms"),
                rounds=options.rounds,
                seconds=options.seconds,
                warmup=options.warmup,
                say=say,
            )
            figures.errors.update(wrong)
        if "peers" in options.only:
            figures.peers = peers.measure(
                options.directory,
                options.connections,
                rounds=options.rounds,
                seconds=options.seconds,
                warmup=options.warmup,
                say=say,
            )
        if "partitions" in options.only and (costs := _costs(figures)):
            say("partitions")
            figures.partitions = partitions.simulate(costs, partitions.CORES, partitions.BOUND)
        if "growth" in options.only:
            with _postgres(options) as server:
                figures.growth, wrong = growth.measure(options, directory, server, say)
            figures.errors.update(wrong)
    return figures


def _waiting(
    figures: Figures, options: Options, directory: Path, say: Callable[[str], None]
) -> None:
    """Measure requests that wait, and what they hear."""

    def installed(name: str) -> Installation:
        return servers.install(options.openucwa, directory / name)

    if "pending" in options.only:
        figures.pending = pending.measure(installed("pending"), options.pending, options.idle, say)
    if "events" in options.only:
        figures.told = events.measure(installed("events"), options.waiting, options.changes, say)


@contextmanager
def _postgres(options: Options) -> Iterator[postgres.Postgres]:
    """Run PostgreSQL with its default, durable settings, on the filesystem to be measured."""
    try:
        with postgres.running(folder=options.directory) as server:
            yield server
    except RuntimeError as failure:
        raise ServerFailed(f"PostgreSQL does not start: {failure}") from failure


def _costs(figures: Figures) -> Costs | None:
    """What an update costs on PostgreSQL, if that was measured: with one process, under load."""
    options, machine = figures.options, figures.machine
    if figures.updates is None:
        return None
    column = figures.updates.column(on_postgres(min(options.processes)))
    return Costs(
        database=column.database_cpu / 1e6,
        server=column.server_cpu / 1e6,
        sync_p50=machine.fsync_p50_ns / 1e9,
        sync_p99=machine.fsync_p99_ns / 1e9,
    )
