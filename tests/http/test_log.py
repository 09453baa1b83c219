"""The log."""

import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


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
