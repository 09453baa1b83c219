"""Start-up and memory of OpenUCWA's process, with a new store and with a full one."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import servers
from bench.client import Client, create_meetings
from bench.options import Options
from bench.process import Memory, memory
from bench.stand import SPARE_MEETINGS


@dataclass(frozen=True)
class Startup:
    """Start-ups in seconds, memory in bytes.

    `full_*` are with `options.meetings` meetings stored: `full_memory` in the process that
    took them, `full_startup` and `restarted_memory` in one started anew on their store.
    """

    startup: float
    bare_startup: float
    full_startup: float
    empty_memory: Memory
    full_memory: Memory
    restarted_memory: Memory


def measure(options: Options, directory: Path, say: Callable[[str], None]) -> Startup:
    """Start servers on new stores, then fill one and start another on it."""
    fresh, bare = [], []
    for number in range(options.rounds - 1):
        say(f"start-up {number + 1}/{options.rounds}")
        made = servers.install(options.openucwa, directory / f"startup-{number}")
        with servers.openucwa_server(made) as server:
            fresh.append(server.startup)
    for _ in range(options.rounds):
        with servers.holding_server(directory) as server:
            bare.append(server.startup)
    made = servers.install(options.openucwa, directory / "meetings")
    room = options.meetings + SPARE_MEETINGS
    with servers.openucwa_server(made, meetings_per_user=room) as server:
        fresh.append(server.startup)
        empty = memory(server.pid)
        with Client(server.root) as client:
            meetings = client.sign_in(*servers.OWNER)
            say(f"{options.meetings} meetings")
            create_meetings(server.root, client.token, meetings, options.meetings)
        full = memory(server.pid)
    say(f"start-up with {options.meetings} meetings")
    with servers.openucwa_server(made, meetings_per_user=room) as server:
        return Startup(
            startup=statistics.median(fresh),
            bare_startup=statistics.median(bare),
            full_startup=server.startup,
            empty_memory=empty,
            full_memory=full,
            restarted_memory=memory(server.pid),
        )
