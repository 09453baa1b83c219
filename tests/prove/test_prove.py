"""The proofs run from their command line, find nothing wrong, and say what they did.

Each runs on one engine here, and .ci/run runs all of them on both.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from prove.__main__ import parser
from prove.options import Place, places

ROOT = Path(__file__).parents[2]


def proven(*options: str) -> str:
    """Run a proof; what it found."""
    done = subprocess.run(
        [sys.executable, "-m", "prove", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def figure(name: str, found: str) -> int:
    """A figure of the line that sums up a run."""
    match = re.search(rf"\b{name} (\d+)", found)
    assert match, found
    return int(match[1])


@pytest.mark.slow
def test_linearizability() -> None:
    found = proven("linearizability", "--engine", "sqlite", "--seconds", "3")
    for name in ("accepted", "refused", "kills", "meetings", "extensions", "longest chain"):
        assert figure(name, found) > 0
    assert figure("violations", found) == 0


@pytest.mark.slow
def test_events() -> None:
    found = proven("events", "--engine", "postgresql", "--workers", "1", "--seconds", "3")
    for name in ("packages", "events", "replaced", "quiet moments"):
        assert figure(name, found) > 0
    assert figure("violations", found) == 0


def test_places() -> None:
    """By default both engines, PostgreSQL with one process and with four."""
    arguments = parser().parse_args(["linearizability"])
    assert list(map(str, places(arguments))) == [
        "sqlite, 1 process",
        "postgresql, 1 process",
        "postgresql, 4 processes",
    ]
    chosen = parser().parse_args(["events", "--engine", "postgresql", "--workers", "2"])
    assert places(chosen) == [Place("postgresql", 2)]
