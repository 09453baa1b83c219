"""OpenUCWA under a load of updates, and the constant beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bench import database, load, servers
from bench.client import Client
from bench.http import Answer, UnexpectedAnswer
from bench.load import Plan, Result, Target
from bench.options import Options
from bench.servers import Installation, Server
from tools.postgres import Postgres

# OpenUCWA's limit on one user's meetings, for the run: what the run makes and some room.
SPARE_MEETINGS = 1000


class Stand:
    """A server, a user who has signed in, and a meeting of hers for each connection.

    `answer` is that to an update, when another that came too late has been refused.
    """

    def __init__(
        self, name: str, server: Server, most: int, options: Options, postgres: Postgres | None
    ) -> None:
        self.name = name
        self.server = server
        self.options = options
        self.postgres = postgres
        with Client(server.root) as client:
            meetings = client.sign_in(*servers.OWNER)
            self.hrefs = [client.create(meetings) for _ in range(most)]
            self.targets = [client.target(href) for href in self.hrefs]
            self.token = client.token
            # This leaves its target with an ETag of the past, which must then be refused.
            self.answer = client.update(self.targets[0], _subject(0))
            client.update(self.targets[0], "An update that comes too late", expect=412)
        self.targets[0] = replace(self.targets[0], etag=self.answer.etag)

    def run(self, connections: int) -> Result:
        """Put it under load. Afterwards every meeting must be as its last update left it."""
        targets = self.targets[:connections]
        plan = _plan(self.options, self.server, targets, follow=True)
        result = database.run(plan, self.postgres)
        self.targets[:connections] = targets = load.after(targets, result)
        errors = Counter(result.errors) + self._lost(targets)
        if errors:
            errors.update(f"logged {line}" for line in self.server.complaints())
        return replace(result, errors=dict(errors))

    def _lost(self, targets: list[Target]) -> Counter[str]:
        """Count the meetings that are not as the last update of each left them."""
        lost: Counter[str] = Counter()
        with Client(self.server.root, self.token) as client:
            for href, target in zip(self.hrefs, targets, strict=False):
                answer = client.ask("GET", href)
                subject = answer.resource()["subject"]
                if (answer.etag, subject) != (target.etag, _subject(target.serial)):
                    lost["update lost"] += 1
        return lost


@contextmanager
def stand(
    name: str,
    installation: Installation,
    options: Options,
    *,
    workers: int = 1,
    postgres: Postgres | None = None,
) -> Iterator[Stand]:
    """Run OpenUCWA, with a meeting for each connection of the widest row."""
    most = max(options.connections)
    room = most + SPARE_MEETINGS
    with servers.openucwa_server(installation, workers=workers, meetings_per_user=room) as server:
        yield Stand(name, server, most, options, postgres)


class Constant:
    """The server that answers each request with `answer`, byte for byte."""

    name = "constant"

    def __init__(
        self, server: Server, answer: Answer, targets: list[Target], options: Options
    ) -> None:
        self.server = server
        self.options = options
        self.targets = [replace(target, etag=answer.etag) for target in targets]
        with Client(server.root) as client:
            repeated = client.update(self.targets[0], _subject(0))
        if (repeated.body, repeated.size) != (answer.body, answer.size):
            raise UnexpectedAnswer(f"the constant has {repeated.size} bytes, not {answer.size}")

    def run(self, connections: int) -> Result:
        """Put it under the load of the updates."""
        targets = self.targets[:connections]
        return load.run(_plan(self.options, self.server, targets, follow=False))


def _subject(serial: int) -> str:
    return (load.SUBJECT_FORMAT % serial).decode()


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
