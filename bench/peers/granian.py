"""Granian, the HTTP server that Kinto's manual advises, for peers that are WSGI applications."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench import servers
from bench.peers.environment import Environment
from bench.servers import START_SECONDS, Server, ServerFailed

THREADS = 8


@contextmanager
def serving(
    environment: Environment,
    application: str,
    folder: Path,
    settings: Mapping[str, str],
    processes: int,
) -> Iterator[Server]:
    """Serve a WSGI application, named `module:object`, with THREADS threads in each process.

    It runs in `folder`, with `settings` among its environment variables. Raises ServerFailed.
    """
    port = servers.free_port()
    command = [environment.program("granian"), "--interface", "wsgi", "--no-ws"]
    command += ["--host", servers.HOST, "--port", str(port), "--workers", str(processes)]
    command += ["--blocking-threads", str(THREADS), application]
    variables = servers.variables() | dict(settings)
    with servers.running(command, variables, port, folder) as server:
        _await_workers(folder / "bench.log", processes)
        yield server


def setup(processes: int) -> str:
    """Describe the server of the application in words."""
    return f"Granian, {processes} process{'es' if processes > 1 else ''} of {THREADS} threads"


def _await_workers(log: Path, processes: int) -> None:
    """Wait for all processes: the first answer tells of one of them."""
    patience = time.monotonic() + START_SECONDS
    while log.read_text(encoding="utf-8", errors="replace").count("Started worker") < processes:
        if time.monotonic() > patience:
            raise ServerFailed(f"not all of {processes} processes have started: see {log}")
        time.sleep(0.05)
