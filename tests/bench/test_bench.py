"""The benchmark runs, finds no wrong answer, and reports."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHORT = "--quick --markdown --connections 2 --processes 1 --seconds 0.3 --warmup 0.1"


def bench(options: str) -> str:
    # Stores are where they are by default: root's PostgreSQL runs as nobody, and pytest's folders
    # are not for that user.
    done = subprocess.run(
        [sys.executable, "-m", "bench", *options.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Errors: 0." in done.stdout
    return done.stdout


@pytest.mark.slow
def test_a_quick_run_measures_and_finds_no_error() -> None:
    told = bench(f"{SHORT} --meetings 20 --pending 20 --idle 0.2 --waiting 1,3 --changes 3")
    assert "times python -c pass |" in told
    assert "times import httpx2 |" in told
    assert "| SQLite | 2 | " in told
    assert "| PostgreSQL, 1 process | 2 | " in told
    assert "| constant | 2 | " in told
    assert "| pgbench | 2 | " in told
    assert "20 pending GETs" in told
    assert "| 3 | 1 | " in told
    assert "From the PUT at one process to the event at another" in told
    assert "| updates in XML | 16 | " in told
    assert "| even | 100 | " in told


@pytest.mark.slow
def test_updates_are_measured_while_meetings_are_filled_in() -> None:
    """What is filled in can be signed in to, listed, and updated with its ETag."""
    told = bench(f"{SHORT} --only growth --sizes 50,250")
    assert "| SQLite | 250 | 250 | " in told
    assert "| PostgreSQL | 50 | 50 | " in told
    assert "Conditional updates" not in told
