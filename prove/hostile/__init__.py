"""Hostile: whatever a client sends, others do not wait for it; see docs/proof/hostile.md."""

from __future__ import annotations

import argparse
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from bench.__main__ import disk, say
from bench.client import Client
from bench.http import UnexpectedAnswer
from bench.process import family, memory
from bench.servers import DOMAIN, HOST, ServerFailed
from prove import options, servers
from prove.hostile.attacker import attack
from prove.hostile.attacks import ATTACKS, account
from prove.hostile.honest import Honest
from prove.hostile.judging import Row, Waits, stop_violations, table
from prove.hostile.noise import Noise
from prove.hostile.target import Answers, Target
from prove.options import POSTGRESQL, Place
from prove.servers import PASSWORD, Installation
from prove.verdict import Verdict, Violation
from tools import postgres

_ATTACKER = "127.0.0.66"
"""The address from which the attacker comes; honest clients come from another one."""
_CALM_SECONDS = 3.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that this proof has beside those of all."""
    parser.add_argument(
        "--only", type=_names, default=list(ATTACKS), metavar="NAME,NAME,…", help=", ".join(ATTACKS)
    )
    parser.add_argument(
        "--rounds", type=int, default=1, metavar="N", help="times that each is sent (default 1)"
    )


def prove(arguments: argparse.Namespace) -> int:
    """Attack wherever the arguments ask for it; return 1 if anybody suffered from it."""
    places = options.places(arguments)
    held = []
    with ExitStack() as stack:
        database = None
        if any(place.engine == POSTGRESQL for place in places):
            database = stack.enter_context(postgres.running(folder=disk()))
        noise = stack.enter_context(Noise().measured())
        for place in places:
            folder = Path(tempfile.mkdtemp(prefix="openucwa-prove-hostile-", dir=disk()))
            with servers.installed(folder / "server", place, database) as installation:
                held.append(_held(installation, place, arguments, noise))
            if held[-1]:
                shutil.rmtree(folder)
            else:
                print(f"  The server's log is kept in {folder}.", flush=True)
    return int(not all(held))


def _held(server: Installation, place: Place, arguments: argparse.Namespace, noise: Noise) -> bool:
    what = f"hostile: {place}"
    rows: list[Row] = []
    try:
        verdict = _attacked(server, what, arguments, noise, rows)
    except (ServerFailed, UnexpectedAnswer) as failure:
        verdict = Verdict({}, [Violation(str(failure))])
    finally:  # a run that is broken off shows what it has
        say("")
        if rows:
            print(table(what, rows).aligned(), flush=True)
    print(f"{what}: {verdict}", flush=True)
    for violation in verdict.violations:
        print(f"  {violation}", flush=True)
    return not verdict.violations


def _attacked(
    server: Installation,
    what: str,
    arguments: argparse.Namespace,
    noise: Noise,
    rows: list[Row],
) -> Verdict:
    """Add a row for each attack, and at last stop the server."""
    people = {"calm", *(f"owner-{name}" for name in arguments.only)}
    people |= {f"evil-{account(name)}" for name in arguments.only}
    server.add_people([f"{name}@{DOMAIN}" for name in sorted(people)])
    server.start()
    say(f"{what}: undisturbed")
    calm = Honest(server.root, f"calm@{DOMAIN}").measured(lambda: time.sleep(_CALM_SECONDS))
    violations: list[Violation] = []
    for name in arguments.only:
        say(f"{what}: {name}")
        rows.append(_row(server, name, calm, arguments, noise))
        found = rows[-1].violations()
        violations += found
        if found:  # so that the next one starts from nothing
            server.kill()
            server.start()
    took = _stopped(server)
    figures = {"attacks": len(rows), "stopped after": f"{took:.1f} s"}
    return Verdict(figures, [*violations, *stop_violations(took, noise.taken())])


def _row(
    server: Installation,
    name: str,
    calm: Mapping[str, Waits],
    arguments: argparse.Namespace,
    noise: Noise,
) -> Row:
    """Let honest clients work while one attack is made."""
    owner = f"owner-{name}@{DOMAIN}"
    honest = Honest(server.root, owner)
    evil = f"evil-{account(name)}@{DOMAIN}"
    with Client(server.root) as client:
        meetings = client.sign_in(evil, PASSWORD)
        target = Target(
            host=HOST,
            port=server.port,
            address=_ATTACKER,
            user=evil,
            password=PASSWORD,
            token=client.token,
            tokens=client.tokens,
            applications=client.path(client.applications),
            meetings=client.path(meetings),
            batch=client.path(client.application["_links"]["batch"]["href"]),
            victim=owner,
            meeting=honest.meeting["onlineMeetingUri"],
            meeting_key=honest.meeting["onlineMeetingId"],
            seconds=arguments.seconds,
            rounds=arguments.rounds,
        )
    for pid in family(server.pid):
        with suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak starts anew
    noise.taken()
    outcomes: list[Answers] = []
    waits = honest.measured(lambda: outcomes.append(attack(name, target)))
    return Row(name, calm, waits, outcomes[0], _peak(server.pid), noise.taken())


def _peak(pid: int) -> int:
    """The memory of the server's largest process at its highest, in bytes."""
    peaks = [0]
    for one in family(pid):
        with suppress(OSError, KeyError):  # it has ended
            peaks.append(memory(one).peak)
    return max(peaks)


def _stopped(server: Installation) -> float:
    """Return the seconds that the server takes to stop while a body is unfinished."""
    head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n unfinished"
    with socket.create_connection((HOST, server.port)) as connection:
        connection.sendall(head.encode())
        time.sleep(0.2)
        started = time.monotonic()
        server.stop()
        return time.monotonic() - started


def _names(text: str) -> Sequence[str]:
    names = text.split(",")
    if unknown := set(names) - set(ATTACKS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: there is no such attack")
    return names
