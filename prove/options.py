"""The options that the proofs share."""

from __future__ import annotations

import argparse
import random
import re
from dataclasses import dataclass

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ENGINES = (SQLITE, POSTGRESQL)


@dataclass(frozen=True)
class Place:
    """The engine and the number of server processes of a proof."""

    engine: str
    workers: int

    def __str__(self) -> str:
        return f"{self.engine}, {self.workers} process{'es' if self.workers > 1 else ''}"


def common() -> argparse.ArgumentParser:
    """A parser of the shared options, for the parser of a proof to have as its parent."""
    made = argparse.ArgumentParser(add_help=False)
    made.add_argument("--engine", choices=(*ENGINES, "both"), default="both", help="(default both)")
    made.add_argument(
        "--workers",
        type=counts,
        default=[1, 4],
        metavar="N,N,…",
        help="server processes on PostgreSQL, a run for each; SQLite has one (default 1,4)",
    )
    made.add_argument(
        "--seconds", type=float, default=6.0, help="how long each run lasts (default 6)"
    )
    made.add_argument(
        "--seed",
        type=int,
        default=random.getrandbits(32),
        help="what is drawn follows from it, though not when it happens (default: by chance)",
    )
    return made


def places(arguments: argparse.Namespace) -> list[Place]:
    """The places that were asked for."""
    found = []
    if arguments.engine != POSTGRESQL:
        found.append(Place(SQLITE, 1))
    if arguments.engine != SQLITE:
        found += [Place(POSTGRESQL, workers) for workers in arguments.workers]
    return found


def counts(text: str) -> list[int]:
    """Read numbers of processes, such as `1,4`."""
    if not re.fullmatch("[1-9][0-9]*(,[1-9][0-9]*)*", text):
        raise argparse.ArgumentTypeError(f"{text} is no list of numbers such as 1,4")
    return [int(part) for part in text.split(",")]
