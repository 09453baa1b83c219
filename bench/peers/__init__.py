"""Better-known servers that offer ETag and If-Match, each run as its manual advises."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
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

FAILURES = (PeerFailed, ServerFailed, UnexpectedAnswer, OSError, RuntimeError)
"""The errors of a peer that can't be run."""

__all__ = [
    "ENVIRONMENTS",
    "FAILURES",
    "PEERS",
    "WITH_ETAGS",
    "Peer",
    "PeerFailed",
    "entered",
    "left_out",
    "running",
]


@contextmanager
def running(name: str, documents: int, directory: Path) -> Iterator[Peer]:
    """Set a peer up if need be, and run it with so many documents, each known to nobody else.

    All its files are in a new folder within `directory`, which is removed in the end. Raises
    PeerFailed with one line, also if it fails while it is used.
    """
    try:
        with ExitStack() as stack:
            yield entered(stack, name, documents, directory)
    except PeerFailed:
        raise
    except FAILURES as failure:
        raise PeerFailed(left_out(name, failure)) from failure


def entered(stack: ExitStack, name: str, documents: int, directory: Path) -> Peer:
    """Do the same until `stack` is closed. Raises PeerFailed only if it can't be run at all."""
    made = tempfile.TemporaryDirectory(prefix="openucwa-peer-", dir=directory)
    folder = Path(stack.enter_context(made))
    folder.chmod(0o711)  # so that a database's own user can reach its folder in it
    try:
        return stack.enter_context(PEERS[name](folder, documents))
    except FAILURES as failure:
        raise PeerFailed(left_out(name, failure)) from failure


def left_out(name: str, failure: Exception) -> str:
    """Say so with the first and the last line of a failure: between them is a log."""
    lines = [line.strip() for line in str(failure).strip().split("\n")]
    return f"{name} is left out: {' … '.join(dict.fromkeys((lines[0], lines[-1])))}"
