"""Rounds: all channels that are due are given their next packages together."""

import asyncio
import contextvars
import time
from collections.abc import Sequence

from openucwa.delivery.channel import Delivery, DuePackage
from openucwa.delivery.pending import Pending
from openucwa.store.database import Database
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import Sender
from openucwa.wire.errors import UcwaError

AT_ONCE = 256
"""Channels in a round. With fewer, requests for the packages after it come in between."""
_LONG = 0.02
"""Seconds after which packages are left to the next transaction: others want to read, too."""


class Rounds:
    """Gives the next packages to those who are due, at most AT_ONCE at a time.

    What each package tells is settled in a short write for all of them; its bytes are made in a
    read after that. So no listener keeps the writers waiting for more than a row.
    """

    def __init__(self, database: Database, delivery: Delivery) -> None:
        self._database = database
        self._delivery = delivery
        self._due: list[Pending] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, pending: Pending) -> None:
        """Give a request its package in the next round."""
        self._due.append(pending)
        if self._task is None:
            # Not in the context of whoever asked first: it would be her turn in the store.
            self._task = asyncio.get_running_loop().create_task(
                self._run(), context=contextvars.Context()
            )

    async def _run(self) -> None:
        try:
            while self._due:
                due, self._due = self._due[:AT_ONCE], self._due[AT_ONCE:]
                try:
                    await self._give(due)
                except Exception as error:  # each of them is told in its own terms
                    for pending in due:
                        pending.settle(error)
        finally:
            self._task = None

    async def _give(self, due: Sequence[Pending]) -> None:
        plans = await self._database.read(lambda tx: self._delivery.plan(tx, due))
        given = await self._database.write(lambda tx: self._delivery.advance(tx, plans))
        waiting: list[tuple[Pending, DuePackage]] = []
        for pending, one in zip(due, given, strict=True):
            if isinstance(one, Exception):
                pending.settle(one)
            else:
                waiting.append((pending, one))
        while waiting:
            made = await self._database.read(lambda tx, waiting=waiting: self._made(tx, waiting))  # type: ignore[misc]
            for (pending, _), answer in zip(waiting, made, strict=False):
                pending.settle(answer)
            waiting = waiting[len(made) :]

    def _made(
        self, tx: Transaction, waiting: Sequence[tuple[Pending, DuePackage]]
    ) -> list[bytes | Exception]:
        """Make the answers of as many packages as take no long time: one at least."""
        ends_at = time.monotonic() + _LONG
        told: dict[object, Sequence[Sender]] = {}
        made: list[bytes | Exception] = []
        for pending, given in waiting:
            try:
                made.append(pending.asked.written(self._delivery.package(tx, given, told)))
            except UcwaError as error:  # there is no room: the same request is answered the same
                made.append(error)
            if time.monotonic() > ends_at:
                break
        return made
