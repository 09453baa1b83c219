"""The servers under load: OpenUCWA and its limits, each a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.http import Answer
from bench.load import ROOT, Target

HOST = "127.0.0.1"
DOMAIN = "contoso.com"
USERNAME = f"bench@{DOMAIN}"
PASSWORD = "bench-only-on-loopback"
OWNER = (USERNAME, PASSWORD)
START_SECONDS = 60.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.002


class ServerFailed(Exception):
    """A server ended, or did not answer in time."""


@dataclass(frozen=True)
class Server:
    """A server that answers: its process and address, and how long its start took.

    `startup` is in seconds, from the start of the process to the first whole answer.
    """

    pid: int
    port: int
    startup: float
    log: Path

    def complaints(self) -> list[str]:
        """Return the lines of its log that tell of errors."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line for line in lines if '"level":"error"' in line]

    @property
    def root(self) -> str:
        """The address of the server's root resource."""
        return f"http://{HOST}:{self.port}/"


@dataclass(frozen=True)
class Installation:
    """OpenUCWA as the command `openucwa`, and its database: the PostgreSQL one at the URL
    `database`, or else SQLite in the folder `data`, where its log is in any case.
    """

    openucwa: Path
    data: Path
    database: str = ""

    def command(self, *arguments: str) -> list[str]:
        """Return a command line of OpenUCWA for this database."""
        where = ["--data", str(self.data), "--domain", DOMAIN]
        if self.database:
            where += ["--database", self.database]
        return [str(self.openucwa), *arguments, *where]


def install(openucwa: Path, data: Path, database: str = "") -> Installation:
    """Make an installation in a new folder, with the user that owns the meetings."""
    data.mkdir()
    made = Installation(openucwa, data, database)
    run(made, "user", "add", f"sip:{USERNAME}", "--name", "Bench")
    return made


def run(installation: Installation, *arguments: str) -> None:
    """Run a command of OpenUCWA; it is given the user's password."""
    command = installation.command(*arguments)
    done = subprocess.run(
        command,
        check=False,
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        cwd=installation.data,
        env=variables(),
    )
    if done.returncode:
        raise ServerFailed(f"{' '.join(command)}: {done.stderr or done.stdout}")


@contextmanager
def openucwa_server(
    installation: Installation,
    *,
    workers: int = 1,
    environment: Mapping[str, str] = {},
    **limits: int,
) -> Iterator[Server]:
    """Run OpenUCWA in `workers` processes, with `limits` under their names in its settings.

    `environment` holds further variables.
    """
    port = free_port()
    command = installation.command("serve", "--host", HOST, "--port", str(port))
    found = variables() | dict(environment)
    if workers > 1:
        command += ["--workers", str(workers)]
    settings = {f"OPENUCWA_LIMITS__{name.upper()}": str(limit) for name, limit in limits.items()}
    with running(command, found | settings, port, installation.data) as server:
        yield server


@contextmanager
def constant_server(answer: Answer, directory: Path) -> Iterator[Server]:
    """Run the server that always gives `answer`; `directory` is for its files."""
    file = directory / "bench-answer.json"
    file.write_text(json.dumps({"headers": answer.headers, "body": answer.body.decode()}))
    with _own_server("bench.constant", directory, "--answer", str(file)) as server:
        yield server


@contextmanager
def holding_server(directory: Path) -> Iterator[Server]:
    """Run the server that answers at `/` alone; `directory` is for its files."""
    with _own_server("bench.constant", directory, "--hold") as server:
        yield server


@contextmanager
def bare_server(targets: list[Target], directory: Path) -> Iterator[Server]:
    """Run the floor under an update, with the meetings of `targets`; `directory` is new."""
    directory.mkdir()
    file = directory / "targets.json"
    file.write_text(json.dumps([asdict(target) for target in targets]))
    with _own_server("bench.bare", directory, "--targets", str(file)) as server:
        yield server


@contextmanager
def _own_server(module: str, directory: Path, *options: str) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", module, "--host", HOST, "--port", str(port), *options]
    found_here = variables() | {"PYTHONPATH": str(ROOT)}
    with running(command, found_here, port, directory) as server:
        yield server


@contextmanager
def running(
    command: list[str], environment: dict[str, str], port: int, directory: Path
) -> Iterator[Server]:
    """Start `command`, wait for its first answer on `port`, and stop it at the end.

    It runs in `directory`; what it writes goes to a file there.
    """
    log = directory / "bench.log"
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=environment,
        )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                raise ServerFailed(f"no answer from {_told(command, log)}")
            time.sleep(POLL_SECONDS)
        startup = time.perf_counter() - started
        try:
            yield Server(process.pid, port, startup, log)
        except Exception as failure:
            if process.poll() is None:
                raise
            raise ServerFailed(f"it ended under load: {_told(command, log)}") from failure
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _told(command: list[str], log: Path) -> str:
    """Return a command and the end of what it wrote."""
    return f"{' '.join(command)}\n{log.read_text(errors='replace')[-2000:]}"


def variables() -> dict[str, str]:
    """Return the environment without settings of OpenUCWA, so that a run has none by chance."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OPENUCWA_")}


def answers(port: int) -> bool:
    """Ask for the root once; tell whether a whole answer came."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Accept": "application/json"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
