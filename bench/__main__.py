"""The benchmark's command line; see README.md in this folder."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bench import report
from bench.http import UnexpectedAnswer
from bench.load import NoAnswers
from bench.options import LONG, SECTIONS, Options
from bench.run import measure
from bench.servers import ServerFailed

QUICK = {
    "seconds": 1.0,
    "warmup": 0.3,
    "meetings": 500,
    "rounds": 1,
    "imports": 10,
    "pending": 100,
    "idle": 1.0,
    "waiting": [1, 10],
    "changes": 10,
    "listeners": 50,
    "processes": [1, 2],
    "sizes": [1000],
}


def main() -> int:
    """Run the benchmark; return 1 if any answer was wrong or a server failed."""
    reader = parser()
    if reader.parse_args().quick:
        reader.set_defaults(**QUICK)  # which other options still override
    arguments = reader.parse_args()
    options = Options(
        only=[*arguments.only, *(["peers"] if arguments.peers else [])],
        seconds=arguments.seconds,
        warmup=arguments.warmup,
        connections=arguments.connections,
        processes=arguments.processes,
        meetings=arguments.meetings,
        rounds=arguments.rounds,
        imports=arguments.imports,
        pending=arguments.pending,
        idle=arguments.idle,
        waiting=arguments.waiting,
        changes=arguments.changes,
        listeners=arguments.listeners,
        sizes=arguments.sizes,
        openucwa=arguments.openucwa,
        directory=arguments.directory,
    )
    try:
        figures = measure(options, say)
    except (NoAnswers, ServerFailed, UnexpectedAnswer) as failure:
        say("")
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    say("")
    print(report.markdown(figures) if arguments.markdown else report.terminal(figures), end="")
    return 1 if figures.errors else 0


def say(progress: str) -> None:
    """Show how far the run is on a terminal's one line, cleared by an empty text."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{progress}", end="", file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m bench", description="Benchmark OpenUCWA.")
    usual = [name for name in SECTIONS if name not in LONG]
    made.add_argument(
        "--only",
        type=sections,
        default=usual,
        metavar="SECTION,…",
        help=f"of {', '.join(SECTIONS)} (default all but {', '.join(LONG)})",
    )
    made.add_argument("--seconds", type=float, default=5.0, help="per cell (default 5)")
    made.add_argument("--warmup", type=float, default=1.0, help="seconds per cell (default 1)")
    made.add_argument(
        "--connections",
        type=counts,
        default=[1, 16, 64],
        metavar="N,N,…",
        help="one row for each (default 1,16,64)",
    )
    made.add_argument(
        "--processes",
        type=counts,
        default=[1, 2, 4],
        metavar="N,N,…",
        help="that serve from PostgreSQL, a row for each (default 1,2,4)",
    )
    made.add_argument("--meetings", type=int, default=10_000, help="stored (default 10000)")
    made.add_argument("--rounds", type=int, default=3, help="take medians of (default 3)")
    made.add_argument("--imports", type=int, default=30, help="runs of each program (default 30)")
    made.add_argument("--pending", type=int, default=2000, help="GETs held (default 2000)")
    made.add_argument("--idle", type=float, default=10.0, help="seconds they wait (default 10)")
    made.add_argument(
        "--waiting",
        type=counts,
        default=[1, 100, 1000],
        metavar="N,N,…",
        help="channels that wait for events, a row for each (default 1,100,1000)",
    )
    made.add_argument("--changes", type=int, default=200, help="to hear of (default 200)")
    made.add_argument("--listeners", type=int, default=250, help="of one change (default 250)")
    made.add_argument(
        "--peers",
        action="store_true",
        help="also Radicale, Xandikos and Kinto, installed in .peers/ when needed",
    )
    made.add_argument(
        "--sizes",
        type=counts,
        default=[1000, 10_000, 100_000, 1_000_000],
        metavar="N,N,…",
        help="meetings stored in the section growth (default 1000,10000,100000,1000000)",
    )
    made.add_argument("--quick", action="store_true", help="one short round, few meetings")
    made.add_argument("--markdown", action="store_true", help="print Markdown tables")
    made.add_argument(
        "--openucwa",
        type=Path,
        default=Path(sys.executable).with_name("openucwa"),
        metavar="FILE",
        help="the command to measure (default: beside this Python)",
    )
    made.add_argument(
        "--directory",
        type=Path,
        default=disk(),
        help=f"where the stores are made and removed (default {disk()})",
    )
    return made


def counts(text: str) -> list[int]:
    """Read numbers of connections, such as `1,16,64`."""
    found = [int(part) for part in text.split(",")]
    if min(found) < 1:
        raise ValueError(text)
    return found


def sections(text: str) -> list[str]:
    """Read names of sections, such as `updates,events`."""
    found = text.split(",")
    if not set(found) <= set(SECTIONS):
        raise ValueError(text)
    return found


def disk() -> Path:
    """Return a folder for temporary files that is on a disk: /tmp is memory on many systems."""
    lasting = Path("/var/tmp")  # noqa: S108 - the stores go into a new folder of a random name
    return lasting if os.access(lasting, os.W_OK) else Path(tempfile.gettempdir())


if __name__ == "__main__":
    sys.exit(main())
