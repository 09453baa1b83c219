"""Due times: does what is due, while the server runs.

Due times are rows, so that they survive a restart, and any process can act. One look a second reads
whether something is due; only then is anything written, by one process at a time.
"""

import asyncio
from datetime import timedelta

import structlog

from openucwa.domain.deployment import Lifetimes
from openucwa.store.database import Database
from openucwa.store.due import upcoming
from openucwa.store.table import Table
from openucwa.wire.errors import ServiceUnavailable

EVERY = 1.0
"""Seconds from one look to the next, unless something is due before."""
SOON = 0.01
"""Seconds for which others have their turn, where more is due."""
_MOST_ROUNDS = 10_000
_MOST_IDLE_ROUNDS = 3

_NOW = timedelta()
_log = structlog.get_logger("openucwa.http")


async def follow(database: Database, lifetimes: Lifetimes) -> None:
    """Do what is due when it is due, for as long as this runs."""
    while True:
        try:
            pause = await _look(database, lifetimes)
        except ServiceUnavailable:  # the store has said why
            pause = EVERY
        except Exception:  # it must go on: without it nothing ends by itself any more
            _log.exception("due")
            pause = EVERY
        await asyncio.sleep(pause)


async def settle_all(database: Database, lifetimes: Lifetimes) -> None:
    """Do all that is due by now, in its order, with what is due in consequence.

    Raises what goes wrong.
    """
    idle = 0
    for _ in range(_MOST_ROUNDS):
        due = [table for span, table in await database.read(upcoming) if span <= _NOW]
        idle = 0 if due and await _settle(database, due[0], lifetimes) else idle + 1
        if not due or idle == _MOST_IDLE_ROUNDS:  # `follow` may have been first
            return


async def _look(database: Database, lifetimes: Lifetimes) -> float:
    """Do some of what is due in each table. Returns the seconds until the next look."""
    coming = await database.read(upcoming)
    settled = 0
    for span, table in coming:
        if span > _NOW:
            break
        try:
            settled += await _settle(database, table, lifetimes)
        except ServiceUnavailable:
            raise
        except Exception:  # one table's trouble is none of the others
            _log.exception("due", table=table.__name__)
    if settled:
        return SOON
    soonest = min((span.total_seconds() for span, _ in coming if span > _NOW), default=EVERY)
    return min(max(soonest, SOON), EVERY)


async def _settle(database: Database, table: type[Table], lifetimes: Lifetimes) -> int:
    """Do some of what is due in a table; 0 where another process is at it."""
    return await database.chore(lambda tx: tx.of(table).settle_due(lifetimes)) or 0
