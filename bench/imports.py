"""The time that the command line takes to start, and the client to be imported."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.options import Options

LIBRARY, CLIENT = "import httpx2", "from openucwa.client import Client"


@dataclass(frozen=True)
class Imported:
    """Seconds that something takes, beside those of what it can't be faster than."""

    name: str
    seconds: float
    floor: str = ""
    ratio: float | None = None


def measure(options: Options, say: Callable[[str], None]) -> list[Imported]:
    """Run them all in turn, again and again, each time in a new process."""
    python, openucwa = str(options.openucwa.with_name("python")), str(options.openucwa)
    bare = "python -c pass"
    programs: dict[str, tuple[str, Callable[[], float]]] = {
        bare: ("", lambda: _whole(python, "-c", "pass")),
        "openucwa --version": (bare, lambda: _whole(openucwa, "--version")),
        "openucwa --help": (bare, lambda: _whole(openucwa, "--help")),
        LIBRARY: ("", lambda: _within(python, LIBRARY)),
        CLIENT: (LIBRARY, lambda: _within(python, CLIENT)),
    }
    found: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(options.imports):
        say(f"imports {number + 1}/{options.imports}")
        for name, (_, run) in programs.items():
            found[name].append(run())
    seconds = {name: median(times) for name, times in found.items()}
    return [
        Imported(name, seconds[name], floor, seconds[name] / seconds[floor] if floor else None)
        for name, (floor, _) in programs.items()
    ]


def _whole(*command: str) -> float:
    """Seconds from the start of a process to its end."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _within(python: str, statement: str) -> float:
    """Seconds that a statement takes in a new process, without the process's own start."""
    code = f"from time import perf_counter as t; start = t(); {statement}; print(t() - start)"
    done = subprocess.run([python, "-c", code], stdout=subprocess.PIPE, check=True)
    return float(done.stdout)
