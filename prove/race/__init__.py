"""Writers with the same valid ETag, all at the same moment: exactly one of them may win."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from bench.__main__ import disk, say
from bench.document import Document
from bench.http import UnexpectedAnswer
from bench.peers import WITH_ETAGS, PeerFailed, running
from bench.servers import ServerFailed
from openucwa import __version__
from prove import options, servers
from prove.options import POSTGRESQL
from prove.race import elsewhere, ours
from prove.race.elsewhere import UsageError
from prove.race.probe import Unfit, races
from prove.race.tally import Tally, table
from tools import postgres

_SETUP = "its own server, with its defaults; every update synced"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that this proof has beside those of all."""
    parser.add_argument("--races", type=int, metavar="N", help="so many, instead of --seconds")
    parser.add_argument("--writers", type=int, default=8, metavar="W", help="(default 8)")
    parser.add_argument(
        "--peers",
        action="store_true",
        help="also Radicale, Xandikos and Kinto, which are installed in .peers/ when needed",
    )
    elsewhere.add_options(parser)


def prove(arguments: argparse.Namespace) -> int:
    """Race, and print the table; return 1 if a race of OpenUCWA, or at --url, went wrong."""
    try:
        judged = [_elsewhere(arguments)] if arguments.url else list(_ours(arguments))
    except (ServerFailed, UnexpectedAnswer, Unfit, UsageError) as failure:
        say("")
        print(f"race: {failure}", file=sys.stderr)
        return 1
    peers = list(_peers(arguments)) if arguments.peers else []
    say("")
    print(table([*judged, *peers]), end="")
    return int(not all(tally.right for tally in judged))


def _ours(arguments: argparse.Namespace) -> Iterator[Tally]:
    """Race for a meeting of OpenUCWA, wherever the arguments ask for it."""
    places = options.places(arguments)
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="openucwa-race-", dir=disk())
        folder = Path(stack.enter_context(made))
        database = None
        if any(place.engine == POSTGRESQL for place in places):
            database = stack.enter_context(postgres.running(folder=disk()))
        for place in places:
            with servers.installed(folder / str(place), place, database) as installation:
                tally = Tally(f"OpenUCWA, {place}", __version__, _SETUP)
                yield _raced(ours.meeting(installation), tally, arguments)


def _elsewhere(arguments: argparse.Namespace) -> Tally:
    """Race for the document that the arguments name."""
    document = elsewhere.document(arguments.url, arguments.header, arguments.body)
    return _raced(document, Tally(urlsplit(document.url).netloc, "?", document.url), arguments)


def _peers(arguments: argparse.Namespace) -> Iterator[Tally]:
    """Race at all peers that can be run here, and say in a line which can't."""
    for name in WITH_ETAGS:
        say(f"race: setting up {name}")
        try:
            with running(name, 1, disk()) as peer:
                tally = Tally(peer.name, peer.version, peer.setup)
                yield _raced(peer.documents[0], tally, arguments)
        except (PeerFailed, Unfit) as failure:
            say("")
            print(f"race: {failure}", file=sys.stderr)


def _raced(document: Document, tally: Tally, arguments: argparse.Namespace) -> Tally:
    """Race as often, or as long, as the arguments say."""
    end = time.monotonic() + arguments.seconds
    for race in races(document, arguments.writers, random.Random(arguments.seed)):
        tally.add(race)
        say(f"race: {tally.server}: {tally.races}")
        if tally.races >= arguments.races if arguments.races else time.monotonic() > end:
            break
    return tally
