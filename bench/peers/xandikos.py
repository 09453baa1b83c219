"""Xandikos, a CalDAV server that keeps each calendar in a git repository."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import servers
from bench.peers import calendar
from bench.peers.environment import Environment
from bench.peers.peer import Peer

ENVIRONMENT = Environment("xandikos", ["xandikos"])
_PRINCIPAL = "/dana/"


@contextmanager
def running(folder: Path, documents: int) -> Iterator[Peer]:
    """Run it in `folder`, with so many events.

    It runs as its manual has it: one process, its own HTTP server, users left to a reverse proxy.
    Raises PeerFailed, ServerFailed and UnexpectedAnswer.
    """
    ENVIRONMENT.set_up()
    port = servers.free_port()
    command = [ENVIRONMENT.program("xandikos"), "serve", "--no-detect-systemd"]
    command += ["--directory", str(folder / "store"), "--autocreate"]
    command += ["--current-user-principal", _PRINCIPAL, "--state-dir", str(folder / "state")]
    command += ["--listen-address", servers.HOST, "--port", str(port)]
    with servers.running(command, servers.variables(), port, folder) as server:
        made = calendar.events(server, f"{_PRINCIPAL}calendars/", {}, documents)
        setup = "its own server, 1 process; git repositories, not synced"
        yield Peer("Xandikos", ENVIRONMENT.version(), setup, server, made)
