"""Who may open a SQLite database: one server, and commands beside it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from openucwa.store import lock
from openucwa.store.lock import held
from openucwa.store.not_ready import NotReady

HOLDER = """
import pathlib, sys
from openucwa.store.lock import held
with held(pathlib.Path(sys.argv[1]), alone=True):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "openucwa.sqlite3"


def test_the_second_server_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_PATIENCE", 0.1)
    with (
        held(database, alone=True),
        pytest.raises(NotReady, match=r"in use by another server.*--data"),
        held(database, alone=True),
    ):
        pass
    with held(database, alone=True) as is_held:
        assert is_held


def test_a_command_runs_beside_a_server(database: Path) -> None:
    with held(database, alone=True), held(database, alone=False) as is_held:
        assert not is_held


def test_a_server_waits_for_a_command(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = held(database, alone=False)
    assert command.__enter__()

    def end(seconds: float) -> None:
        command.__exit__(None, None, None)

    monkeypatch.setattr("time.sleep", end)
    with held(database, alone=True) as is_held:
        assert is_held


def test_who_is_killed_holds_nothing(database: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with held(database, alone=False) as is_held:
            assert not is_held
        holder.send_signal(signal.SIGKILL)
    with held(database, alone=False) as is_held:
        assert is_held


def test_a_disk_that_knows_no_locks(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(number: int, operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(NotReady, match=r"can't be locked: Operation not supported.*--data"):
        held(database, alone=False).__enter__()
