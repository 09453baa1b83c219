"""Radicale, a CalDAV server that keeps each event in a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.peers import calendar, granian
from bench.peers.environment import Environment
from bench.peers.peer import Peer

ENVIRONMENT = Environment("radicale", ["radicale", "granian"])
_USER = "dana"
# Each update is synced to the disk, which is the default. Who asks is told by a reverse proxy, as
# the manual has it: that spares Radicale the work of checking passwords.
_CONFIGURATION = """[auth]
type = http_x_remote_user
[storage]
filesystem_folder = {folder}/store
[logging]
level = warning
"""


@contextmanager
def running(folder: Path, documents: int) -> Iterator[Peer]:
    """Run it in `folder`, with so many events.

    Raises PeerFailed, ServerFailed and UnexpectedAnswer.
    """
    ENVIRONMENT.set_up()
    file = folder / "radicale.conf"
    file.write_text(_CONFIGURATION.format(folder=folder), encoding="utf-8")
    processes = os.cpu_count() or 1
    with granian.serving(
        ENVIRONMENT, "radicale:application", folder, {"RADICALE_CONFIG": str(file)}, processes
    ) as server:
        made = calendar.events(server, f"/{_USER}/", {"X-Remote-User": _USER}, documents)
        setup = f"{granian.setup(processes)}; files, synced"
        yield Peer("Radicale", ENVIRONMENT.version(), setup, server, made)
