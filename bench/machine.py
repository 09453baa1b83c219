"""The machine a run was made on: what a reader needs to judge the figures."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools.postgres import binaries

FSYNC_BYTES = 4096
FSYNC_COUNT = 200


@dataclass(frozen=True)
class Machine:
    """Facts about the machine and the software the servers ran on."""

    processor: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    sqlite: str
    postgresql: str
    uvicorn: str
    filesystem: str
    fsync_p50_ns: int
    fsync_p99_ns: int


def describe(directory: Path) -> Machine:
    """Describe this machine; `directory` is where the servers keep their data."""
    p50, p99 = fsync_latency(directory)
    return Machine(
        processor=processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        sqlite=sqlite3.sqlite_version,
        postgresql=postgresql(),
        uvicorn=version("uvicorn"),
        filesystem=filesystem(directory),
        fsync_p50_ns=p50,
        fsync_p99_ns=p99,
    )


def processor() -> str:
    """Name the processor as the kernel does, or its architecture where the kernel names none."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.machine()


def postgresql() -> str:
    """Return the version of the PostgreSQL that is measured."""
    told = subprocess.run(
        [binaries() / "postgres", "-V"], capture_output=True, text=True, check=True
    )
    return told.stdout.split()[2]


def filesystem(directory: Path) -> str:
    """Return the type of the filesystem that holds `directory`, such as `ext4`."""
    place = directory.resolve()
    kind, longest = "unknown", -1
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, mounted, found, *_ = line.split(" ")
        mount = Path(mounted.replace("\\040", " "))
        # A later mount over the same folder hides the earlier one, hence >=.
        if place.is_relative_to(mount) and len(mount.parts) >= longest:
            kind, longest = found, len(mount.parts)
    return kind


def fsync_latency(directory: Path) -> tuple[int, int]:
    """Time an append of 4 KiB and its fsync, as a commit does; return p50 and p99 in ns."""
    block = os.urandom(FSYNC_BYTES)
    times: list[int] = []
    with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
        for _ in range(FSYNC_COUNT):
            started = time.perf_counter_ns()
            file.write(block)
            os.fsync(file.fileno())
            times.append(time.perf_counter_ns() - started)
    times.sort()
    return percentile(times, 50), percentile(times, 99)


def percentile(ordered: list[int], percent: int) -> int:
    """Return the nearest-rank percentile of an ascending list, 0 when it is empty."""
    if not ordered:
        return 0
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]
