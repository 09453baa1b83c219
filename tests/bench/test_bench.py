"""The benchmark runs, finds no wrong answer, and reports."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_quick_run_measures_and_finds_no_error(tmp_path: Path) -> None:
    options = "--quick --markdown --connections 2 --seconds 0.3 --warmup 0.1 --meetings 20"
    options += " --pending 20 --idle 0.2 --waiting 1,3 --changes 3"
    done = subprocess.run(
        [sys.executable, "-m", "bench", *options.split(), "--directory", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "| Connections | Updates/s |" in done.stdout
    assert "20 pending GETs" in done.stdout
    assert "| 3 | 1 | " in done.stdout
    assert "| updates in XML | 16 | " in done.stdout
    assert "Errors: 0." in done.stdout
