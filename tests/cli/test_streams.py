"""Standard streams that are closed, full, or read by somebody who has had enough."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.sockets.process import PROGRAM

pytestmark = pytest.mark.slow

COMMANDS = ("--version", "serve --help", "config")


UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"])
"""An output without a buffer tells at another moment that it takes nothing."""


def run(
    command: str, redirection: str, folder: Path, unbuffered: str = ""
) -> "subprocess.CompletedProcess[str]":
    """The exit status is that of the program, whatever it is piped to."""
    return subprocess.run(
        ["/bin/bash", "-c", f'set -o pipefail; "$0" {command} {redirection}', str(PROGRAM)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "PYTHONUNBUFFERED": unbuffered},
        check=False,
    )


@UNBUFFERED
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_had_enough_hears_no_complaint(
    command: str, unbuffered: str, tmp_path: Path
) -> None:
    done = run(command, "| head -c0", tmp_path, unbuffered)
    assert done.stderr == ""
    assert done.returncode in (0, 1)  # it may have been written before the pipe was closed


@UNBUFFERED
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_told(command: str, unbuffered: str, tmp_path: Path) -> None:
    done = run(command, "> /dev/full", tmp_path, unbuffered)
    assert done.stderr == "Error: Standard output can't be written: No space left on device.\n"
    assert done.returncode == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_what_is_closed_is_not_needed(command: str, redirection: str, tmp_path: Path) -> None:
    done = run(command, redirection, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_input_is_needed(tmp_path: Path) -> None:
    done = run(COMMANDS[0], "<&-", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_question_without_an_input_is_not_answered(tmp_path: Path) -> None:
    done = run("login dana@contoso.com", "<&-", tmp_path)
    assert done.returncode != 0
    assert "Internal error" not in done.stderr
