"""Updates of a meeting by its organizer, by an editor and by a delegate, all in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from bench import load, servers
from bench.client import Client
from bench.column import Column, median
from bench.load import Plan, Result, Target
from bench.servers import Installation, Server

CONNECTIONS = 16
_OTHERS = {"an editor": "editor", "a delegate": "delegate"}
"""The others who write, each with the name in the address."""


@dataclass(frozen=True)
class Writing:
    """The updates of somebody; `of_organizer` is their rate as a part of the organizer's."""

    engine: str
    who: str
    column: Column
    of_organizer: float


def measure(
    engine: str,
    installation: Installation,
    *,
    rounds: int,
    seconds: float,
    warmup: float,
    say: Callable[[str], None],
) -> tuple[list[Writing], Counter[str]]:
    """Measure each of them in turn, in each round; return them and what went wrong."""
    errors: Counter[str] = Counter()
    for name in _OTHERS.values():
        servers.run(installation, "user", "add", f"sip:{_address(name)}", "--name", name)
    with servers.openucwa_server(installation) as server:
        targets = _targets(server)
        results: dict[str, list[Result]] = {who: [] for who in targets}
        for number in range(rounds):
            for who, asked in targets.items():
                say(f"round {number + 1}/{rounds}, {engine}, updates of {who}")
                result = load.run(_plan(server, seconds, warmup, asked))
                errors.update({f"{who}: {error}": n for error, n in result.errors.items()})
                results[who].append(result)
                left = zip(asked, result.etags, result.serials, strict=True)
                targets[who] = [replace(one, etag=e, serial=s) for one, e, s in left]
    columns = {who: median(found) for who, found in results.items()}
    rate = columns["the organizer"].rate
    rows = [Writing(engine, who, column, column.rate / rate) for who, column in columns.items()]
    return rows, errors


def _targets(server: Server) -> dict[str, list[Target]]:
    """The requests of each: a meeting for each connection, all of the same organizer."""
    found: dict[str, list[Target]] = {}
    with Client(server.root) as owner:
        meetings = owner.sign_in(*servers.OWNER)
        found["the organizer"] = [owner.target(owner.create(meetings)) for _ in range(CONNECTIONS)]
        memberships = owner.application["_embedded"]["people"]["_links"]["myGroupMemberships"]
        for who, name in _OTHERS.items():
            shared = [owner.create(meetings) for _ in range(CONNECTIONS)]
            if name == "delegate":
                query = f"?contactUri=sip:{_address(name)}&groupId=delegates"
                owner.ask("POST", memberships["href"] + query, expect=(201,))
            else:
                body = b'{"uri": "sip:%b"}' % _address(name).encode()
                for href in shared:
                    owner.ask("POST", f"{href}/shares", body, expect=(201,))
            ids = {href.rpartition("/")[2] for href in shared}
            with Client(server.root) as client:
                client.sign_in(_address(name), servers.PASSWORD)
                found[who] = [client.target(href) for href in _shared(client, ids)]
    return found


def _shared(client: Client, ids: set[str]) -> list[str]:
    """Return where somebody finds meetings of the organizer."""
    links = client.application["_embedded"]["onlineMeetings"]["_links"]
    listed = client.ask("GET", links["sharedOnlineMeetings"]["href"]).resource()
    hrefs = [one["_links"]["self"]["href"] for one in listed["_embedded"]["sharedOnlineMeeting"]]
    return [href for href in hrefs if href.rpartition("/")[2] in ids]


def _address(name: str) -> str:
    return f"{name}@{servers.DOMAIN}"


def _plan(server: Server, seconds: float, warmup: float, targets: list[Target]) -> Plan:
    return Plan(
        host=servers.HOST,
        port=server.port,
        pid=server.pid,
        seconds=seconds,
        warmup=warmup,
        follow=True,
        targets=targets,
    )
