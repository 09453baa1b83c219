"""One read in several forms: alone or in a batch, in JSON or in XML; and updates in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from bench import load, servers
from bench.client import XML, Client
from bench.column import Column, median
from bench.load import Plan, Result, Target
from bench.servers import Installation, Server

IN_A_BATCH = 50
CONNECTIONS = 16


@dataclass(frozen=True)
class Form:
    """A way to ask, over so many connections; `each` request holds so many reads or updates."""

    name: str
    connections: int
    each: int
    column: Column

    @property
    def rate(self) -> float:
        """Reads or updates per second."""
        return self.column.rate * self.each


def measure(
    installation: Installation,
    *,
    rounds: int,
    seconds: float,
    warmup: float,
    say: Callable[[str], None],
) -> tuple[list[Form], Counter[str]]:
    """Measure each form in turn, in each round; return them and what went wrong."""
    errors: Counter[str] = Counter()
    with servers.openucwa_server(installation) as server:
        with Client(server.root) as client:
            meetings = client.sign_in(*servers.OWNER)
            hrefs = [client.create(meetings) for _ in range(max(IN_A_BATCH, 2 * CONNECTIONS))]
            asked = _asked(client, hrefs)
        results: dict[str, list[Result]] = {name: [] for name in asked}
        for number in range(rounds):
            for name, targets in asked.items():
                say(f"round {number + 1}/{rounds}, {name}")
                result = load.run(_plan(server, seconds, warmup, targets))
                errors.update({f"{name}: {error}": n for error, n in result.errors.items()})
                results[name].append(result)
                left = zip(targets, result.etags, result.serials, strict=True)
                asked[name] = [replace(one, etag=e, serial=s) for one, e, s in left]
    forms = [
        Form(name, len(targets), targets[0].parts or 1, median(results[name]))
        for name, targets in asked.items()
    ]
    return forms, errors


def _asked(client: Client, hrefs: list[str]) -> dict[str, list[Target]]:
    """The request of each connection, by the name of the form."""
    some, others = hrefs[:CONNECTIONS], hrefs[CONNECTIONS : 2 * CONNECTIONS]
    return {
        f"{IN_A_BATCH} reads in a batch": [client.batch_of(hrefs[:IN_A_BATCH])],
        "single reads, one after the other": [client.read(hrefs[0])],
        "single reads in JSON": [client.read(href) for href in some],
        "single reads in XML": [client.read(href, XML) for href in some],
        "updates in JSON": [client.target(href) for href in some],
        "updates in XML": [client.target_in_xml(href) for href in others],
    }


def _plan(server: Server, seconds: float, warmup: float, targets: list[Target]) -> Plan:
    return Plan(
        host=servers.HOST,
        port=server.port,
        pid=server.pid,
        seconds=seconds,
        warmup=warmup,
        follow=bool(targets[0].etag),
        targets=targets,
    )
