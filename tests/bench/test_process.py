"""Processor time is that of a process and of all that it has started."""

import os
import subprocess
import sys

from bench.process import cpu_seconds, family

BUSY = "import time\nwhile time.process_time() < 0.2: pass\n"


def test_the_time_of_children_counts_when_they_have_ended() -> None:
    before = cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    # The kernel tells ticks of a hundredth, and cuts off; so each of the two is short by up to one.
    assert cpu_seconds(os.getpid()) - before > 0.17


def test_the_family_holds_the_children_of_children() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1); input()'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.read(1)
        assert len(family(process.pid)) == 2
        process.communicate(b"\n")
