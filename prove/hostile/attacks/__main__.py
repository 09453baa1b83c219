"""Attack the target that is read from standard input, and write what came of it.

It runs at a low priority, so that on few cores it is the server that is slow, if anything is.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress

import msgspec

from bench.line import room_for
from prove.hostile.attacks import ATTACKS
from prove.hostile.target import Answers, Target

_MOST_CONNECTIONS = 1000
_NICENESS = 15


async def _attack(name: str) -> Answers:
    target = msgspec.json.decode(sys.stdin.buffer.read(), type=Target)
    outcome = Answers()
    await ATTACKS[name](target, outcome)
    return outcome


if __name__ == "__main__":
    os.nice(_NICENESS)
    with suppress(ValueError):
        room_for(_MOST_CONNECTIONS)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(_attack(sys.argv[1]))))
