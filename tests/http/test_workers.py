"""The parent of many processes, with workers that fail. How it serves is tested in tests/crash."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.patience import PATIENCE, until

pytestmark = pytest.mark.slow

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from openucwa.http import listening, log, workers

workers._FIRST_PAUSE, patience = map(float, sys.argv[1:3])

def work(socket, parent):
    (Path("started") / str(os.getpid())).touch()
    if Path("broken").exists():
        raise RuntimeError("it is broken")
    if Path("stubborn").exists():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent.tell_ready()
    while True:
        time.sleep(1)

log.configure()
ready = lambda: print("ready", flush=True)
with listening.take("127.0.0.1", 0) as taken:
    try:
        workers.Supervisor(2, taken, work, ready, patience).run()
    except workers.GaveUp as error:
        sys.exit(str(error))
"""
PAUSE = 0.01


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "started").mkdir()
    return tmp_path


@contextmanager
def watching(
    folder: Path, pause: float = PAUSE, patience: float = PATIENCE
) -> Iterator["subprocess.Popen[bytes]"]:
    """A parent with two workers, which serve nothing."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(pause), str(patience)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    with process:
        try:
            yield process
        finally:
            process.kill()


def is_ready(process: "subprocess.Popen[bytes]") -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == b"ready\n"


def started(folder: Path) -> list[int]:
    """All processes that were ever started."""
    return [int(one.name) for one in (folder / "started").iterdir()]


def events(folder: Path) -> list[object]:
    lines = (folder / "log").read_bytes().splitlines()
    return [msgspec.json.decode(line)["event"] for line in lines if line.startswith(b"{")]


def test_gives_up_when_workers_never_start(folder: Path) -> None:
    (folder / "broken").touch()
    with watching(folder, pause=0.1) as process:
        begun = time.monotonic()
        assert process.wait(PATIENCE) == 1
        assert time.monotonic() - begun > 0.1 + 0.2 + 0.4 + 0.8
        assert process.stdout is not None
        assert process.stdout.read() == b""
    assert 5 <= len(started(folder)) <= 10
    assert (
        (folder / "log")
        .read_text()
        .endswith(
            "A worker has ended 5 times in a row before it could serve. Correct the cause, "
            "which the log gives, and start the server again.\n"
        )
    )
    assert "it is broken" in (folder / "log").read_text()
    assert "worker_failed" in events(folder)


def test_waits_for_workers_that_can_start_later(folder: Path) -> None:
    (folder / "broken").touch()
    with watching(folder, pause=1.0) as process:
        until(lambda: len(started(folder)) >= 2)
        (folder / "broken").unlink()
        assert is_ready(process)
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_goes_on_while_anybody_serves(folder: Path) -> None:
    """The one that can't start is tried again and again, and comes back when it can."""
    with watching(folder) as process:
        assert is_ready(process)
        (folder / "broken").touch()
        os.kill(started(folder)[0], signal.SIGKILL)
        until(lambda: events(folder).count("worker_ended") > 6)
        assert process.poll() is None
        (folder / "broken").unlink()
        until(lambda: events(folder).count("worker_ready") == 3)
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_gives_up_when_nobody_serves_any_more(folder: Path) -> None:
    with watching(folder) as process:
        assert is_ready(process)
        (folder / "broken").touch()
        for pid in started(folder):
            os.kill(pid, signal.SIGKILL)
        assert process.wait(PATIENCE) == 1


def test_kills_workers_that_do_not_stop(folder: Path) -> None:
    (folder / "stubborn").touch()
    with watching(folder, patience=0.2) as process:
        assert is_ready(process)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    assert events(folder).count("worker_killed") == 2


def test_stops_while_workers_start(folder: Path) -> None:
    (folder / "broken").touch()
    with watching(folder, pause=PATIENCE) as process:
        until(lambda: events(folder).count("worker_ended") == 2)
        process.terminate()
        assert process.wait(PATIENCE) == 0
