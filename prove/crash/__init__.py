"""Crash: what was acknowledged is durable, whatever breaks; see docs/proof/crash.md."""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.__main__ import disk, say
from bench.http import UnexpectedAnswer
from bench.servers import ServerFailed
from prove import options
from prove.crash import backend, clock, damage, failover, full, kill, locked, power, readonly
from prove.crash.disks import Skipped
from prove.crash.scene import Scene
from prove.options import POSTGRESQL, SQLITE, Place

SCENARIOS: Mapping[str, Mapping[str, Callable[[Scene], None]]] = {
    SQLITE: {
        "kill": kill.prove_sqlite,
        "power": power.prove_sqlite,
        "full": full.prove_sqlite,
        "readonly": readonly.prove,
        "damage": damage.prove,
        "clock": clock.prove,
    },
    POSTGRESQL: {
        "kill": kill.prove_postgres,
        "backend": backend.prove,
        "failover": failover.prove,
        "power": power.prove_postgres,
        "full": full.prove_postgres,
        "locked": locked.prove,
    },
}
"""The scenarios by engine. Each breaks something and notes its findings."""
_SHOWN = 2000
"""Characters of what a server has said when it failed."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of this proof to those that all have."""
    names = sorted({name for scenarios in SCENARIOS.values() for name in scenarios})
    parser.add_argument("--only", choices=names, help="one scenario alone (default: all)")


def prove(arguments: argparse.Namespace) -> int:
    """Play the scenarios wherever the arguments ask for it; return 1 if a claim did not hold."""
    held = []
    for place in options.places(arguments):
        for name, play in SCENARIOS.get(place.engine, {}).items():
            if arguments.only in (None, name):
                held.append(_held(name, play, place, arguments))
    return int(not all(held))


def _held(
    name: str, play: Callable[[Scene], None], place: Place, arguments: argparse.Namespace
) -> bool:
    what = f"crash, {name}: {place}"
    say(what)
    folder = Path(tempfile.mkdtemp(prefix="openucwa-prove-crash-", dir=disk()))
    folder.chmod(0o755)  # so that PostgreSQL's user can reach its own folder in it
    scene = Scene(folder, place, arguments.seconds, random.Random(f"{arguments.seed} {name}"))
    try:
        play(scene)
    except Skipped as reason:
        say("")
        print(f"{what}: skipped: {reason}", flush=True)
        shutil.rmtree(folder)
        return True
    except (ServerFailed, UnexpectedAnswer, RuntimeError) as failure:  # the last is PostgreSQL's
        said, _, log = str(failure).partition("\n")
        scene.expect(False, f"{said}\n{log[-_SHOWN:]}")
    say("")
    found = scene.verdict()
    print(f"{what}: {found}", flush=True)
    for violation in found.violations[:5]:
        print(f"  {violation}", file=sys.stderr)
    if found.violations:
        print(f"  The files are kept in {folder}; --seed was {arguments.seed}.", flush=True)
        return False
    shutil.rmtree(folder)
    return True
