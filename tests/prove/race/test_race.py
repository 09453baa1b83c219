"""The command races, prints a table, and tells by its status whether all went right."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.prove.race import store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def race(*options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "prove", "race", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_openucwa_lets_one_writer_win() -> None:
    done = race("--engine", "sqlite", "--races", "5")
    assert done.returncode == 0, done.stderr
    assert "| OpenUCWA, sqlite, 1 process |" in done.stdout


@pytest.mark.parametrize(("how", "status"), [(store.RIGHT, 0), (store.UNLOCKED, 1)])
def test_any_other_server_can_be_asked(how: str, status: int) -> None:
    with store.serving(how) as document:
        done = race("--url", document.url, "--body", document.body, "--races", "5")
    assert done.returncode == status, done.stderr
    assert f": {document.url}." in done.stdout


def test_a_command_line_that_can_not_be_followed_is_explained() -> None:
    done = race("--url", "weekly.ics", "--body", "{serial}")
    assert done.returncode == 1
    assert done.stderr == "race: --url weekly.ics does not begin with http:// or https://.\n"
