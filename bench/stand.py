"""OpenUCWA under a load of updates, and its limits beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from bench import database, load, servers
from bench.client import Client
from bench.http import Answer, UnexpectedAnswer
from bench.load import Plan, Result, Target
from bench.options import Options
from bench.servers import Installation, Server
from tools.postgres import Postgres

# OpenUCWA's limit on one user's meetings, for the run: what the run makes and some room.
SPARE_MEETINGS = 1000
CONSTANT = "constant"
BARE = "bare"


@dataclass
class Loaded:
    """A server under the load of its targets, of which each connection has one.

    Unless they `follow`, they stay as they are.
    """

    name: str
    server: Server
    targets: list[Target]
    seconds: float
    warmup: float
    follow: bool = True

    def run(self, connections: int) -> Result:
        """Put it under load over so many connections."""
        plan = self.plan(connections)
        result = load.run(plan)
        if self.follow:
            self.targets[:connections] = load.after(plan.targets, result)
        return result

    def plan(self, connections: int) -> Plan:
        """The load of so many connections."""
        return Plan(
            host=servers.HOST,
            port=self.server.port,
            pid=self.server.pid,
            seconds=self.seconds,
            warmup=self.warmup,
            follow=self.follow,
            targets=self.targets[:connections],
        )


class Stand(Loaded):
    """OpenUCWA, with a user who has signed in, and a meeting of hers for each connection.

    `answer` is that to an update, when another that came too late has been refused.
    """

    def __init__(
        self, name: str, server: Server, most: int, options: Options, postgres: Postgres | None
    ) -> None:
        with Client(server.root) as client:
            meetings = client.sign_in(*servers.OWNER)
            self.hrefs = [client.create(meetings) for _ in range(most)]
            targets = [client.target(href) for href in self.hrefs]
            self.token = client.token
        self.answer, targets[0] = _updated(server, targets[0])
        super().__init__(name, server, targets, options.seconds, options.warmup)
        self.postgres = postgres

    def run(self, connections: int) -> Result:
        """Put it under load. Afterwards every meeting must be as its last update left it."""
        plan = self.plan(connections)
        result = database.run(plan, self.postgres)
        self.targets[:connections] = targets = load.after(plan.targets, result)
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
def running(
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


def constant(server: Server, answer: Answer, targets: list[Target], options: Options) -> Loaded:
    """The server that answers each request with `answer`, byte for byte."""
    asked = [replace(target, etag=answer.etag) for target in targets]
    repeated = _update(server, asked[0], _subject(0))
    if (repeated.body, repeated.size) != (answer.body, answer.size):
        raise UnexpectedAnswer(f"the constant has {repeated.size} bytes, not {answer.size}")
    return Loaded(CONSTANT, server, asked, options.seconds, options.warmup, follow=False)


def bare(server: Server, targets: list[Target], options: Options) -> Loaded:
    """The server that does the work of an update and nothing else."""
    _, first = _updated(server, targets[0])
    return Loaded(BARE, server, [first, *targets[1:]], options.seconds, options.warmup)


def _updated(server: Server, target: Target) -> tuple[Answer, Target]:
    """Update once, and once too late, which must be refused; return the answer and the target."""
    answer = _update(server, target, _subject(0))
    _update(server, target, "An update that comes too late", expect=412)
    return answer, replace(target, etag=answer.etag)


def _update(server: Server, target: Target, subject: str, expect: int = 200) -> Answer:
    (token,) = (value for name, value in target.headers if name == "Authorization")
    with Client(server.root, token.removeprefix("Bearer ")) as client:
        return client.update(target, subject, expect=expect)


def _subject(serial: int) -> str:
    return (load.SUBJECT_FORMAT % serial).decode()
