"""The disk of a server is really made slow, or it is said why not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import disk
from bench.disk import CannotSlow

TIMED = """
import os, sys, time
with open(sys.argv[1], "wb") as file:
    for sync in (os.fsync, os.fdatasync):
        began = time.perf_counter()
        sync(file.fileno())
        print(time.perf_counter() - began)
"""


# CI has gcc, which it needs for Kerberos.
@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
def test_both_kinds_of_sync_take_longer(tmp_path: Path) -> None:
    slow = {"LD_PRELOAD": str(disk.compiled(tmp_path)), "SLOW_SYNC_MS": "50"}
    done = subprocess.run(
        [sys.executable, "-c", TIMED, str(tmp_path / "synced")],
        env=os.environ | slow,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert [float(took) >= 0.05 for took in done.stdout.split()] == [True, True]


def test_without_a_compiler_it_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def finds_nothing(name: str) -> None:
        """Find no program."""

    monkeypatch.setattr(shutil, "which", finds_nothing)
    with pytest.raises(CannotSlow, match="gcc is not installed"):
        disk.compiled(tmp_path)
