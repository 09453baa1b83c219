"""Better-known servers that offer ETag and If-Match, each run as its manual advises."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.http import UnexpectedAnswer
from bench.peers import caldav, etcd, kinto
from bench.peers.environment import Environment, PeerFailed, Program
from bench.peers.peer import Peer
from bench.servers import ServerFailed

PEERS: Mapping[str, Callable[[Path, int], AbstractContextManager[Peer]]] = {
    "Radicale": caldav.radicale,
    "Xandikos": caldav.xandikos,
    "Kinto, memory": kinto.in_memory,
    "Kinto, PostgreSQL": kinto.on_postgresql,
    "etcd": etcd.running,
}
"""The function that runs each of them in a new folder, with so many documents."""

ENVIRONMENTS: Mapping[str, Environment | Program] = {
    "Radicale": caldav.RADICALE,
    "Xandikos": caldav.XANDIKOS,
    "Kinto, memory": kinto.ENVIRONMENT,
    "Kinto, PostgreSQL": kinto.ENVIRONMENT,
    "etcd": etcd.PROGRAM,
}

WITH_ETAGS = tuple(name for name in PEERS if name != "etcd")
"""The peers that take If-Match."""

__all__ = ["ENVIRONMENTS", "PEERS", "WITH_ETAGS", "Peer", "PeerFailed", "running"]


@contextmanager
def running(name: str, documents: int, directory: Path) -> Iterator[Peer]:
    """Set a peer up if need be, and run it with so many documents, each known to nobody else.

    All its files are in a new folder within `directory`, which is removed in the end. Raises
    PeerFailed with one line.
    """
    with tempfile.TemporaryDirectory(prefix="openucwa-peer-", dir=directory) as made:
        folder = Path(made)
        folder.chmod(0o711)  # so that a database's own user can reach its folder in it
        try:
            with PEERS[name](folder, documents) as peer:
                yield peer
        except (PeerFailed, ServerFailed, UnexpectedAnswer, OSError, RuntimeError) as failure:
            raise PeerFailed(f"{name} is left out: {_line(failure)}") from failure


def _line(failure: Exception) -> str:
    """The first and the last line of what a failure says, as one: between them is a log."""
    lines = [line.strip() for line in str(failure).strip().split("\n")]
    return " … ".join(dict.fromkeys((lines[0], lines[-1])))
