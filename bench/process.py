"""The memory and the processor time of a process, from the kernel (Linux)."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Memory:
    """Resident memory in bytes: now (`VmRSS`) and at its highest so far (`VmHWM`)."""

    resident: int
    peak: int


def memory(pid: int) -> Memory:
    """Read the resident memory of process `pid`."""
    fields: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key in ("VmRSS", "VmHWM"):
            fields[key] = int(value.split()[0]) * 1024
    return Memory(resident=fields["VmRSS"], peak=fields["VmHWM"])


def cpu_seconds(pid: int) -> float:
    """Return the processor time, user and system, of `pid` and of all processes that it has
    started, directly or not, in seconds; those that have ended are included.
    """
    return sum(map(_ticks, family(pid))) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return `pid` and the processes that it has started, directly or not."""
    found = [pid]
    for one in found:  # which grows meanwhile
        with suppress(OSError):  # it has ended
            for tasks in Path(f"/proc/{one}/task").glob("*/children"):
                found += map(int, tasks.read_text(encoding="utf-8").split())
    return found


def _ticks(pid: int) -> int:
    """The processor time of all threads of a process, and of its children that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:  # it has ended, and counts for its parent from now on
        return 0
    # The name in parentheses may hold spaces; utime, stime, cutime and cstime are the 12th to 15th
    # after it.
    return sum(map(int, stat.rpartition(")")[2].split()[11:15]))
