"""The server as people run it: a program of its own, at a port that the system chooses."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from openucwa.domain.people import Profile
from openucwa.store.opening import open_database
from openucwa.store.tables.users import Users
from tests.engines import CURRENT, SQLITE
from tests.passwords import HASH

PROGRAM = Path(sys.executable).with_name("openucwa")
DOMAIN = "contoso.com"
USERNAME = f"Dana@{DOMAIN}"
PATIENCE = 60.0
"""Seconds after which a test gives up on a server that does not start, answer or stop."""
_LINES_TOLD = 20


@dataclass(frozen=True)
class Server:
    """A running server: its process, its address, and the file with its log."""

    process: subprocess.Popen[str]
    scheme: str
    host: str
    port: int
    log: Path

    def kill(self) -> None:
        """End it as `kill -9` does, in the middle of whatever it is doing."""
        self.process.kill()
        self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop, and return its exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def run(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `typed` is its standard input."""
    return subprocess.run(
        [PROGRAM, *arguments],
        input=typed,
        capture_output=True,
        text=True,
        cwd=folder,
        env=_environment(),
        timeout=PATIENCE,
        check=False,
    )


def add_user(folder: Path, username: str = USERNAME, location: str | None = None) -> None:
    """Add a user to the data of a folder, or to a database elsewhere.

    The user is whom `openucwa user add` would add, without the second that a command takes.
    """
    name = username.partition("@")[0]
    profile = Profile(uri=f"sip:{username}", name=name, email=f"{name.lower()}b@{DOMAIN}")
    if CURRENT.name == SQLITE:
        place = location or folder / "data" / "openucwa.sqlite3"
    else:
        place = location or CURRENT.location(folder)

    async def add() -> None:
        database = open_database(place, clock=lambda: datetime.now(UTC))
        try:
            assert await database.write(lambda tx: tx.of(Users).add(profile, HASH))
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as elsewhere:  # the browser has an event loop in this thread
        elsewhere.submit(lambda: asyncio.run(add())).result()


def launch(folder: Path, *options: str) -> "subprocess.Popen[str]":
    """Start `openucwa serve` on the data of a folder, and do not wait for it."""
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            [PROGRAM, "serve", "--data", "data", "--port", "0", *CURRENT.options(folder), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=folder,
            env=_environment(),
            process_group=0,  # as a shell gives it one: Ctrl+C there is for all in the group
        )


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Server]:
    """A server on the data of a folder, from when it listens.

    On leaving it is stopped if it still runs, and must have ended with status 0. What it logged is
    printed, so that pytest shows it with a test that fails.
    """
    process = launch(folder, *options)
    log = folder / "server.log"
    try:
        server = Server(process, *_address(process, log), log)
        yield server
        if process.poll() is None:
            assert server.stop() == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        print_end(log)


def print_end(log: Path) -> None:
    """Print the end of a log: pytest shows that with a test that fails."""
    lines = log.read_text(errors="replace").splitlines()[-_LINES_TOLD:]
    sys.stdout.write("\n".join([f"The end of {log}:", *lines, ""]))


def logged(server: Server) -> list[dict[str, object]]:
    """The log, line by line. Raises msgspec.DecodeError when a line is not JSON."""
    return [
        msgspec.json.decode(line, type=dict[str, object])
        for line in server.log.read_bytes().splitlines()
    ]


def _address(process: "subprocess.Popen[str]", log: Path) -> tuple[str, str, int]:
    """What a server that starts says about where it listens."""
    assert process.stdout is not None
    hanging = threading.Timer(PATIENCE, process.kill)
    hanging.start()
    said = ""
    found = None
    while not found and (line := process.stdout.readline()):
        said += line
        found = re.search(r" at (https?)://([0-9.]+):([0-9]+)(?:/$| )", line)
    hanging.cancel()
    hanging.join()
    assert found, f"it said {said!r}, and logged {log.read_text(errors='replace')}"
    return found[1], found[2], int(found[3])


def _environment() -> dict[str, str]:
    """The environment without settings of OpenUCWA, so that a test has none by chance."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OPENUCWA_")}
