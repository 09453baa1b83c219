"""Try to show that a promise of OpenUCWA is broken; prove/README.md tells how."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys

from prove import options

PROOFS = {
    "linearizability": "one of many writers wins, and every read sees a link of the chain",
    "events": "a channel's events, folded, always equal what a GET shows",
    "crash": "what was acknowledged is durable, whatever breaks",
    "hostile": "whatever a client sends, others do not wait for it",
    "sharing": "nobody changes a meeting after the answer to a revocation",
    "talking": "each acknowledged message is heard by all in a meeting, once, in one order",
    "race": "the same race against any server that offers ETag and If-Match",
}
"""Each is a folder here, with `add_options(parser)` and `prove(arguments) -> int` in it."""


def main() -> int:
    """Run one proof, or one after the other; return 1 if any of them failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server outlives the proof
    asked = sys.argv[1:]
    if not asked or (asked[0].startswith("-") and asked[0] not in ("-h", "--help")):
        asked = ["all", *asked]
    if asked[0] == "all":
        # All of them, which therefore take the options that they share, and nothing else.
        arguments = parser().parse_args(asked)
        shared = [f"--{name}={text(value)}" for name, value in vars(arguments).items()]
        return max([_prove([name, *shared]) for name in PROOFS])
    return _prove(asked)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m prove", description=__doc__)
    commands = made.add_subparsers(metavar="PROOF", required=True)
    commands.add_parser("all", parents=[options.common()], help="all of them (default)")
    for name, claim in PROOFS.items():
        folder = importlib.import_module(f"prove.{name}")
        own = commands.add_parser(name, parents=[options.common()], help=claim, description=claim)
        folder.add_options(own)
        own.set_defaults(prove=folder.prove)
    return made


def text(value: object) -> str:
    """Write an option's value as it is given on the command line."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _prove(asked: list[str]) -> int:
    arguments = parser().parse_args(asked)
    return int(arguments.prove(arguments))


if __name__ == "__main__":
    sys.exit(main())
