"""One of many writers wins, nothing acknowledged is lost, and nobody is shown what is out of date.

Many clients read, change, create and delete the same meetings and their extensions, while the
server and its database are killed again and again. What each of them did and was told is the
history, which `chain.py` checks.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from bench.__main__ import say
from bench.servers import DOMAIN
from prove.client import Line, sign_in
from prove.linearizability.chain import Found, check
from prove.linearizability.load import Client, Pool
from prove.linearizability.operation import Kind, Operation, is_part
from prove.run import Run, everywhere
from prove.servers import Installation
from prove.verdict import Verdict

USERS = ("dana", "chris", "alex")
_CLIENTS = 4
"""Of each user."""
_BETWEEN_KILLS = (0.3, 1.5)
"""Seconds."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what only this proof has."""
    parser.add_argument("--check", type=Path, metavar="FILE", help="check a history that was kept")


def prove(arguments: argparse.Namespace) -> int:
    """Prove it wherever it is asked for, or check a history; return 1 if it does not hold."""
    if arguments.check:
        decoder = msgspec.json.Decoder(Operation)
        try:
            history = [decoder.decode(line) for line in arguments.check.read_bytes().splitlines()]
        except (OSError, msgspec.MsgspecError) as error:
            print(f"{arguments.check} is no history that was kept: {error}", file=sys.stderr)
            return 2
        verdict = _verdict(history, Counter())
        print(verdict, *verdict.violations, sep="\n")
        return int(bool(verdict.violations))
    return everywhere("linearizability", arguments, _prove)


def _prove(run: Run) -> Verdict:
    installation = run.installation
    installation.add_people([f"{user}@{DOMAIN}" for user in USERS])
    installation.start()
    pool = Pool()
    clients = [
        _client(installation, user, number, pool, run.chance)
        for user in USERS
        for number in range(_CLIENTS + 1)  # the last of each reads in the end
    ]
    auditors = [one for one in clients if one.name.endswith(f"-{_CLIENTS}")]
    kills = _under_load([one for one in clients if one not in auditors], run)
    say("linearizability: reading all")
    for auditor in auditors:
        auditor.read_all()
    history = sorted((one for client in clients for one in client.history), key=_invoked)
    encoder = msgspec.json.Encoder()
    run.history.write_bytes(b"".join(encoder.encode(one) + b"\n" for one in history))
    return _verdict(history, kills)


def _client(
    installation: Installation, user: str, number: int, pool: Pool, chance: random.Random
) -> Client:
    session = sign_in(installation.root, f"{user}@{DOMAIN}")
    line = Line(installation.root, session)
    return Client(f"{user}-{number}", line, pool, random.Random(chance.random()))


def _under_load(clients: Sequence[Client], run: Run) -> Counter[str]:
    """Let the clients write while things are killed; the last time when they have stopped."""
    kills: Counter[str] = Counter()
    stop = threading.Event()
    with ThreadPoolExecutor(len(clients)) as threads:
        running = [threads.submit(one.run, stop) for one in clients]
        end = time.monotonic() + run.seconds
        try:
            while time.monotonic() < end and not any(one.done() for one in running):
                time.sleep(run.chance.uniform(*_BETWEEN_KILLS))
                kills[run.installation.strike(run.chance)] += 1
                say(f"linearizability: {run.installation.place}, {kills.total()} kills")
        finally:
            stop.set()
        for one in running:
            one.result()
    run.installation.kill()
    run.installation.start()
    kills["server"] += 1
    return kills


def _verdict(history: Sequence[Operation], kills: Counter[str]) -> Verdict:
    found = check(history)
    writes = [one for one in history if one.kind is not Kind.READ]
    return Verdict(
        {
            "operations": len(history),
            "accepted": sum(one.is_accepted for one in writes),
            "refused": sum(one.status == 412 for one in writes),
            "unknown": sum(one.is_unknown for one in writes),
            "kills": kills.total(),
            "meetings": _count(found, parts=False),
            "extensions": _count(found, parts=True),
            "longest chain": max(found.lengths.values(), default=0),
        },
        found.violations,
    )


def _count(found: Found, *, parts: bool) -> int:
    return sum(
        length > 0 and is_part(key.partition("/")[2]) == parts
        for key, length in found.lengths.items()
    )


def _invoked(one: Operation) -> int:
    return one.invoked
