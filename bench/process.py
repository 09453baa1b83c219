"""What the kernel accounts to a process: its memory and its processor time (Linux)."""

from __future__ import annotations

import os
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
    """Return the processor time, user and system, of all threads of `pid`, in seconds."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    # The name in parentheses may hold spaces; utime and stime are the 12th and 13th after it.
    after = stat.rpartition(")")[2].split()
    return (int(after[11]) + int(after[12])) / os.sysconf("SC_CLK_TCK")
