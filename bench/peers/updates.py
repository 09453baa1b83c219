"""Conditional updates of better-known servers, under the load that OpenUCWA is put under."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import load
from bench.client import Client
from bench.column import Column, median
from bench.document import SERIAL, Document
from bench.load import NoAnswers, Result, Target
from bench.peers import Peer, PeerFailed, running
from bench.stand import Loaded

LASTING = ("Radicale", "Xandikos", "Kinto, PostgreSQL")
"""The peers that keep what they have acknowledged, but for etcd: it stands beside OpenUCWA."""


@dataclass(frozen=True)
class PeerRow:
    """A peer's updates at one number of connections; `errors` counts what went wrong by name."""

    name: str
    version: str
    setup: str
    connections: int
    updates: Column
    errors: Counter[str]


@dataclass(frozen=True)
class Peers:
    """The measured rows, and a line with the reason for each peer that was left out."""

    rows: list[PeerRow]
    left_out: list[str]


def measure(
    directory: Path,
    connections: Sequence[int],
    *,
    rounds: int,
    seconds: float,
    warmup: float,
    say: Callable[[str], None],
) -> Peers:
    """Measure all peers, one after the other; each connection has a document of its own.

    `seconds` and `warmup` are for each number of connections in each round.
    """
    rows: list[PeerRow] = []
    left_out = []
    for name in LASTING:
        say(f"setting up {name}")
        try:
            with running(name, max(connections), directory) as peer:
                contender = loaded(peer, seconds, warmup)
                for count in connections:
                    say(f"{name}, {count} connections")
                    rows.append(_row(peer, count, [contender.run(count) for _ in range(rounds)]))
        except (PeerFailed, NoAnswers) as failure:
            left_out.append(str(failure))
    return Peers(rows, left_out)


def loaded(peer: Peer, seconds: float, warmup: float) -> Loaded:
    """Prepare a peer for the load; each connection has a document of its own."""
    targets = [_target(document) for document in peer.documents]
    return Loaded(peer.name, peer.server, targets, seconds, warmup)


def _target(document: Document) -> Target:
    """Prepare the repeated update of a document, as it is now."""
    version = document.version
    if not version:
        with Client(document.url) as client:
            version = client.ask("GET", document.url, None, document.headers).etag
    return Target(
        path=document.target,
        headers=[[*line] for line in document.headers.items()],
        body=document.body.replace(SERIAL, load.SUBJECT),
        etag=version,
        method=document.method,
        tag=document.tag,
    )


def _row(peer: Peer, count: int, results: list[Result]) -> PeerRow:
    errors: Counter[str] = Counter()
    for result in results:
        errors.update(result.errors)
    return PeerRow(peer.name, peer.version, peer.setup, count, median(results), errors)
