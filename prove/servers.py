"""OpenUCWA as it is run, to be killed: its processes, and the database server that they use."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.servers import DOMAIN, HOST, ServerFailed, answers, variables
from prove.options import POSTGRESQL, Place
from tools.ports import lasting_port
from tools.postgres import Postgres

PROGRAM = Path(sys.executable).with_name("openucwa")
PASSWORD = "proof-only-on-loopback"
_START_SECONDS = 60.0
_STOP_SECONDS = 60.0
_POLL_SECONDS = 0.01


class Installation:
    """OpenUCWA on a database of its own, at a port that stays the same when it starts again.

    `settings` are variables of the environment. All that it writes is in `folder`.
    """

    def __init__(
        self,
        folder: Path,
        place: Place,
        postgres: Postgres | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.place = place
        self.port = lasting_port(HOST)
        self.log = folder / "server.log"
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._postgres = postgres
        self._options = ["--domain", DOMAIN, "--data", str(folder / "data")]
        if postgres is not None:
            self._options += ["--database", postgres.create(f"proof-{self.port}")]

    @property
    def root(self) -> str:
        """The address of the server's root resource."""
        return f"http://{HOST}:{self.port}/"

    @property
    def pid(self) -> int:
        """Its first process, the parent of all others. It must run."""
        assert self._process is not None
        return self._process.pid

    def add_people(self, names: Sequence[str]) -> None:
        """Add users, all with the same password; a name is an address such as dana@contoso.com."""
        file = self.folder / "people.csv"
        with file.open("w", encoding="utf-8", newline="") as opened:
            rows = csv.writer(opened)
            rows.writerow(["sip", "name", "password"])
            rows.writerows([f"sip:{name}", name, PASSWORD] for name in names)
        command = [str(PROGRAM), "user", "import", str(file), *self._options]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self._variables(),
        )
        if done.returncode:
            raise ServerFailed(f"user import: {done.stderr or done.stdout}")

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        serve = ["serve", "--host", HOST, "--port", str(self.port), *self._options]
        if self.place.workers > 1:
            serve += ["--workers", str(self.place.workers)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, *serve],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._variables(),
                start_new_session=True,  # so that Ctrl+C is for the proof, which then kills it
            )
        patience = time.monotonic() + _START_SECONDS
        while not answers(self.port):
            if self._process.poll() is not None or time.monotonic() > patience:
                raise ServerFailed(f"it does not answer:\n{self._logged()}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ask it to stop, as an administrator does, and wait until it has."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ServerFailed(f"it does not stop:\n{self._logged()}") from error
        self._process = None
        if status:
            raise ServerFailed(f"it ended with status {status}:\n{self._logged()}")

    def kill(self) -> None:
        """End all its processes as `kill -9` does, in the middle of whatever they do."""
        if self._process is None:
            return
        # The parent first, so that it starts no other worker; one that it has just started ends
        # by itself.
        for pid in (self._process.pid, *workers_of(self._process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def strike(self, chance: random.Random) -> str:
        """Kill something, bring it back, and return what it was."""
        targets = ["server"]
        if self._postgres is not None:
            targets.append("database")
        if self.place.workers > 1:
            targets.append("worker")
        target = chance.choice(targets)
        if target == "server":
            self.kill()
            self.start()
        elif target == "database":
            self._strike_database()
        else:
            self._strike_worker(chance)
        return target

    def restart(self) -> None:
        """Stop it as an administrator does, and start it again."""
        self.stop()
        self.start()

    def _strike_database(self) -> None:
        """The server has to find its way back by itself."""
        assert self._postgres is not None
        self._postgres.kill()
        try:
            self._postgres.start()
        except RuntimeError as error:
            raise ServerFailed(f"PostgreSQL does not start again:\n{error}") from error

    def _strike_worker(self, chance: random.Random) -> None:
        """The others go on meanwhile, and another one takes its place."""
        assert self._process is not None
        if workers := workers_of(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)

    def _variables(self) -> dict[str, str]:
        return variables() | self._settings

    def _logged(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]


@contextmanager
def installed(
    folder: Path,
    place: Place,
    postgres: Postgres | None = None,
    settings: dict[str, str] | None = None,
) -> Iterator[Installation]:
    """Make an installation in a new `folder`. It is not started; in the end nothing of it runs."""
    folder.mkdir()
    if place.engine == POSTGRESQL:
        assert postgres is not None
    made = Installation(folder, place, postgres if place.engine == POSTGRESQL else None, settings)
    try:
        yield made
    finally:
        made.kill()


def workers_of(pid: int) -> list[int]:
    """The worker processes of a server; none, where it serves by itself or has ended."""
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [int(child) for child in children.split()]
    return []
