"""The benchmark runs, finds no wrong answer, and reports."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.options import SECTIONS

ROOT = Path(__file__).parents[2]
SHORT = """--quick --markdown --connections 2 --processes 1 --seconds 0.1 --warmup 0.05 --imports 1
    --meetings 10 --pending 10 --idle 0.1 --waiting 3 --changes 2 --listeners 3 --sizes 50,150"""


@pytest.mark.slow
def test_a_quick_run_measures_every_section_and_finds_no_error() -> None:
    """One run of all, so that they share PostgreSQL; each server starts as seldom as it can.

    What growth fills in can be signed in to, listed, and updated with its ETag.
    """
    sections = ",".join(name for name in SECTIONS if name != "peers")  # they may not be set up
    # Stores are where they are by default: root's PostgreSQL runs as nobody, and pytest's folders
    # are not for that user.
    done = subprocess.run(
        [sys.executable, "-m", "bench", *SHORT.split(), "--only", sections],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout
    assert "Errors: 0." in told
    assert "times python -c pass |" in told
    assert "times import httpx2 |" in told
    assert "| SQLite | 2 | " in told
    assert "| PostgreSQL, 1 process | 2 | " in told
    assert "| constant | 2 | " in told
    assert "| bare | 2 | " in told
    assert "| etcd | 2 | " in told or "etcd is left out: etcd is not installed" in told
    assert "| pgbench | 2 | " in told
    assert "10 pending GETs" in told
    assert "| 3 | 1 | " in told
    assert "| 3 users | 16/s | " in told
    assert "| Prosody, 3 in a room | 16/s | " in told or "Prosody is left out: " in told
    assert "| 20 ms | 16 | " in told or "A slow disk is left out: " in told
    assert "From the PUT at one process to the event at another" in told
    assert "| updates in XML | 16 | " in told
    assert "| SQLite | 150 | 150 | " in told
    assert "| PostgreSQL | 50 | 50 | " in told
