"""The log."""

import json
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

FULL = Path("/dev/full")
PATIENCE = 30.0


def test_a_pipe_that_nobody_reads_loses_lines_and_stops_nothing() -> None:
    program = """
import structlog
from openucwa.http import log
log.configure()
say = structlog.get_logger().warning
for number in range(2000):
    say("event", number=number, text="\u00e9" * 1000)
print("goes on", flush=True)
input()
say("event", number=2000)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        stuck = threading.Timer(PATIENCE, child.kill)
        stuck.start()
        assert child.stdout.readline() == "goes on\n"
        stuck.cancel()
        read = [child.stderr.readline() for _ in range(10)]  # which makes room
        child.stdin.write("\n")
        child.stdin.close()
        lines = [json.loads(one) for one in (*read, *child.stderr)]
    (notice,) = (one for one in lines if one["event"] == "log_lines_lost")
    assert notice["lines"] + len(lines) - 1 == 2001
    assert lines[-1]["number"] == 2000


def test_a_terminal_that_nobody_reads_loses_lines_and_stops_nothing() -> None:
    program = """
import structlog
from openucwa.http import log
log.configure()
for number in range(1000):
    structlog.get_logger().warning("event", number=number, text="x" * 1000)
print("goes on", flush=True)
"""
    ours, its = pty.openpty()
    with (
        open(ours, "rb"),
        open(its, "wb") as terminal,
        subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=terminal, text=True
        ) as child,
    ):
        assert child.stdout
        stuck = threading.Timer(PATIENCE, child.kill)
        stuck.start()
        assert child.stdout.readline() == "goes on\n"
        stuck.cancel()


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
def test_a_full_disk_loses_lines_and_stops_nothing() -> None:
    program = """
import structlog
from openucwa.http import log
log.configure()
for number in range(1000):
    structlog.get_logger().warning("event", number=number)
print("goes on")
"""
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=full, text=True
        )
    assert done.stdout == "goes on\n"
