"""The command line of the proofs; see README.md in this folder."""

from __future__ import annotations

import argparse
import importlib
import sys

PROOFS = {
    "linearizability": "one of many writers wins, and every read sees a link of the chain",
    "events": "a channel's events, folded, always equal what a GET shows",
    "crash": "what was acknowledged is durable, whatever breaks",
    "race": "the same race against any server that offers ETag and If-Match",
}
"""Each is a folder here, with `add_options(parser)` and `prove(arguments) -> int` in it."""


def main() -> int:
    """Run one proof, or all of them, each with its defaults; return 1 if any of them failed."""
    parser = argparse.ArgumentParser(prog="python -m prove", description=__doc__)
    commands = parser.add_subparsers(dest="proof", metavar="PROOF")
    for name, claim in PROOFS.items():
        folder = importlib.import_module(f"prove.{name}")
        own = commands.add_parser(name, help=claim, description=claim)
        folder.add_options(own)
        own.set_defaults(prove=folder.prove)
    asked = sys.argv[1:]
    if asked and asked[0] != "all":
        arguments = parser.parse_args(asked)
        return int(arguments.prove(arguments))
    failed = False
    for name in PROOFS:
        arguments = parser.parse_args([name, *asked[1:]])
        failed |= bool(arguments.prove(arguments))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
