"""What make tells who runs the demo."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not (ROOT / ".venv" / "ready").exists(), reason="`make setup` was not run here")
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_options_of_the_demo_are_given_as_args() -> None:
    """And when it fails, as at a port that is taken, make says how."""
    done = subprocess.run(
        ["make", "-s", "-o", ".venv/ready", "demo", "ARGS=--host contoso.com"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    assert "--host can't be contoso.com with --demo" in done.stderr
    assert 'make demo ARGS="--port 8081"' in done.stderr
