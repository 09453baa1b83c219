"""Conditional updates: OpenUCWA on both engines, beside their limits and etcd, all in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench import pgbench, servers, stand
from bench.column import Column, median
from bench.load import Result
from bench.options import Options
from bench.peers import PeerFailed, entered
from bench.peers.updates import loaded
from bench.stand import BARE, Stand
from openucwa.settings import Settings
from tools.postgres import Postgres

SQLITE = "SQLite"
DATABASE_CONNECTIONS: int = Settings.model_fields["database_connections"].default
"""Of each process of OpenUCWA, which measures with its defaults."""


class Contender(Protocol):
    """Something that takes a load over so many connections."""

    @property
    def name(self) -> str: ...
    def run(self, connections: int) -> Result: ...


@dataclass(frozen=True)
class Row:
    """The figures of one server over so many connections.

    `of_bare` is its rate as a part of bare's at as many connections; `of_pgbench` as a part of
    pgbench's, over as many connections to the database as could have been busy.
    """

    name: str
    connections: int
    column: Column
    of_bare: float | None
    of_pgbench: float | None


@dataclass(frozen=True)
class Updates:
    """All rows, the size of an answer in bytes, lines about the peers, and what went wrong."""

    rows: list[Row]
    answer_bytes: int
    about: list[str]
    errors: Counter[str]


def on_postgres(processes: int) -> str:
    """The name of OpenUCWA in so many processes on PostgreSQL."""
    return f"PostgreSQL, {processes} process{'es' if processes > 1 else ''}"


def measure(
    options: Options, directory: Path, postgres: Postgres, say: Callable[[str], None]
) -> Updates:
    """Measure all contenders in turn, in each round; fewer connections first."""
    with _contenders(options, directory, postgres, say) as (ours, others, about):
        contenders = [*ours, *others]
        cells = sorted(
            (count, place)
            for place, one in enumerate(contenders)
            for count in (_pools(options) if one.name == pgbench.NAME else options.connections)
        )
        results: dict[tuple[str, int], list[Result]] = {}
        errors: Counter[str] = Counter()
        for number in range(options.rounds):
            for count, place in cells:
                contender = contenders[place]
                say(f"round {number + 1}/{options.rounds}, {contender.name}, {count} connections")
                result = contender.run(count)
                results.setdefault((contender.name, count), []).append(result)
                for error, times in result.errors.items():
                    errors[f"{contender.name}: {error}"] += times
    columns = {cell: median(found) for cell, found in results.items()}
    names = [one.name for one in contenders]
    in_order = sorted(columns, key=lambda cell: (names.index(cell[0]), cell[1]))
    rows = [_row(options, columns, name, count) for name, count in in_order]
    return Updates(rows, ours[0].answer.size, about, errors)


@contextmanager
def _contenders(
    options: Options, directory: Path, postgres: Postgres, say: Callable[[str], None]
) -> Iterator[tuple[list[Stand], list[Contender], list[str]]]:
    """Start OpenUCWA, its limits and etcd, each with a database of its own."""
    with ExitStack() as stack:
        say("servers")
        embedded = servers.install(options.openucwa, directory / "updates")
        ours = [stack.enter_context(stand.running(SQLITE, embedded, options))]
        for count in options.processes:
            data = directory / f"updates-{count}"
            url = postgres.create(data.name)
            made = servers.install(options.openucwa, data, url)
            name = on_postgres(count)
            ours.append(
                stack.enter_context(
                    stand.running(name, made, options, workers=count, postgres=postgres)
                )
            )
        answer, targets = ours[0].answer, ours[0].targets
        floor = stack.enter_context(servers.bare_server(targets, directory / "bare"))
        limit = stack.enter_context(servers.constant_server(answer, directory))
        others: list[Contender] = [
            stand.bare(floor, targets, options),
            stand.constant(limit, answer, targets, options),
        ]
        say("etcd")
        try:
            peer = entered(stack, "etcd", len(targets), options.directory)
        except PeerFailed as failure:
            about = [str(failure)]
        else:
            about = [f"{peer.name} {peer.version}: {peer.setup}"]
            others.insert(0, loaded(peer, options.seconds, options.warmup))
        say("pgbench")
        yield ours, [*others, *pgbench.prepare(options, directory, postgres)], about


def _pools(options: Options) -> list[int]:
    """The numbers of pgbench's connections: those of the rows, and those that our processes have to
    the database.
    """
    pools = {
        min(n, DATABASE_CONNECTIONS * p) for n in options.connections for p in options.processes
    }
    return sorted(pools | {*options.connections})


def _row(options: Options, columns: dict[tuple[str, int], Column], name: str, count: int) -> Row:
    column = columns[name, count]
    of_bare = of_pgbench = None
    if name == SQLITE:
        of_bare = column.rate / columns[BARE, count].rate
    for processes in options.processes:
        if name == on_postgres(processes):
            pool = min(count, DATABASE_CONNECTIONS * processes)
            of_pgbench = column.rate / columns[pgbench.NAME, pool].rate
    return Row(name, count, column, of_bare, of_pgbench)
