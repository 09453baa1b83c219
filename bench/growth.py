"""The costs of an update while ever more meetings are stored, on both engines."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench import database, fill, load, servers
from bench.client import Client
from bench.column import Column, median
from bench.load import Plan, Target
from bench.options import Options
from bench.servers import Installation, Server
from tools.postgres import Postgres

CONNECTIONS = 16
PEOPLE = 32
"""The number of users whose meetings are updated, if there are so many."""


@dataclass(frozen=True)
class Size:
    """Updates while `meetings` are stored, of `updated` of them; `disk` is in bytes."""

    engine: str
    meetings: int
    updated: int
    disk: int
    column: Column


@dataclass(frozen=True)
class _Engine:
    name: str
    installation: Installation
    postgres: Postgres | None

    def disk(self) -> int:
        """Return the size of the database in bytes."""
        if self.postgres is None:
            files = self.installation.data.glob("openucwa.sqlite3*")
            return sum(file.stat().st_size for file in files)
        with psycopg.connect(self.installation.database) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])


def measure(
    options: Options, directory: Path, postgres: Postgres, say: Callable[[str], None]
) -> tuple[list[Size], Counter[str]]:
    """Fill both databases up to each size, and update meetings all over them."""
    data = directory / "growth-postgres"
    engines = [
        _Engine("SQLite", servers.install(options.openucwa, directory / "growth"), None),
        _Engine(
            "PostgreSQL",
            servers.install(options.openucwa, data, postgres.create(data.name)),
            postgres,
        ),
    ]
    for engine in engines:
        with servers.openucwa_server(engine.installation) as server, Client(server.root) as client:
            client.create(client.sign_in(*servers.OWNER))
    sizes, errors = [], Counter[str]()
    before = 0
    for meetings in options.sizes:
        for engine in engines:
            say(f"{engine.name}, {meetings} meetings")
            fill.fill(engine.installation, before, meetings)
            size, wrong = _measure(options, engine, meetings)
            sizes.append(size)
            errors.update({f"{engine.name}: {error}": n for error, n in wrong.items()})
        before = meetings
    return sizes, errors


def _measure(options: Options, engine: _Engine, meetings: int) -> tuple[Size, Counter[str]]:
    disk = engine.disk()
    results = []
    errors: Counter[str] = Counter()
    with servers.openucwa_server(engine.installation) as server:
        targets = _targets(server, meetings)
        for _ in range(options.rounds):
            plan = Plan(
                host=servers.HOST,
                port=server.port,
                pid=server.pid,
                seconds=options.seconds,
                warmup=options.warmup,
                follow=True,
                targets=targets,
                connections=min(CONNECTIONS, len(targets)),
            )
            results.append(database.run(plan, engine.postgres))
            targets = load.after(targets, results[-1])
            errors.update(results[-1].errors)
    return Size(engine.name, meetings, len(targets), disk, median(results)), errors


def _targets(server: Server, meetings: int) -> list[Target]:
    """Prepare updates of all meetings of people who are spread evenly over all, in random order."""
    count = fill.users(meetings)
    people = range(0, count, max(1, count // PEOPLE))[:PEOPLE]
    targets = []
    for number in people:
        with Client(server.root) as client:
            listed = client.ask("GET", client.sign_in(fill.username(number), servers.PASSWORD))
            targets += [client.target(href) for href in _hrefs(listed.resource())]
    random.Random(meetings).shuffle(targets)
    return targets


def _hrefs(listed: dict[str, Any]) -> list[str]:
    """The addresses of the meetings in a list of them, the standing one left out."""
    return [one["_links"]["self"]["href"] for one in listed["_embedded"]["myOnlineMeeting"]]
