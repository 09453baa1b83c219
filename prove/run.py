"""Proving something in one place after the other."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.__main__ import disk, say
from bench.http import NoAnswer, UnexpectedAnswer
from bench.servers import ServerFailed
from prove import options, servers
from prove.options import POSTGRESQL
from prove.servers import Installation
from prove.verdict import Verdict
from tools import postgres

_SHOWN = 5
"""Violations that are printed; the first one tells most."""


@dataclass(frozen=True)
class Run:
    """The input of a proof: an installation that is not started, and the time for it.

    `chance` is what it draws from, and `history` the file in which it keeps what happened.
    """

    installation: Installation
    seconds: float
    chance: random.Random
    history: Path


def everywhere(
    name: str,
    arguments: argparse.Namespace,
    prove: Callable[[Run], Verdict],
    settings: dict[str, str] | None = None,
) -> int:
    """Prove it wherever the arguments ask for it, and print what was found; return 1 if it failed.

    The files of a run that failed are kept, and it is said where.
    """
    places = options.places(arguments)
    with ExitStack() as stack:
        database = None
        if any(place.engine == POSTGRESQL for place in places):
            database = stack.enter_context(postgres.running(postgres.FORGETFUL))
        held = []
        for place in places:
            folder = Path(tempfile.mkdtemp(prefix=f"openucwa-prove-{name}-", dir=disk()))
            say(f"{name}: {place}")
            with servers.installed(folder / "server", place, database, settings) as installation:
                chance = random.Random(f"{arguments.seed} {place}")
                run = Run(installation, arguments.seconds, chance, folder / "history.jsonl")
                held.append(_held(name, prove, run, arguments.seed))
            if held[-1]:
                shutil.rmtree(folder)
    return int(not all(held))


def _held(name: str, prove: Callable[[Run], Verdict], run: Run, seed: int) -> bool:
    """Prove it in one place, and print what was found; whether it held."""
    what = f"{name}: {run.installation.place}"
    try:
        found = prove(run)
    except (ServerFailed, UnexpectedAnswer, NoAnswer) as failure:
        say("")
        print(f"{what}: {failure}", file=sys.stderr)
        print(f"The files are kept in {run.history.parent}.", file=sys.stderr)
        return False
    say("")
    print(f"{what}: {found}", flush=True)
    for violation in found.violations[:_SHOWN]:
        print(f"  {violation}")
    if found.violations:
        print(f"  The whole history is in {run.history}; --seed was {seed}.", flush=True)
    return not found.violations
