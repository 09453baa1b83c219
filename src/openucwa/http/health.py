"""Health, for load balancers and supervisors: that the process lives, and that it can serve.

Anybody may ask, so an answer has no details, costs next to nothing, and leaves no line in the log.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from openucwa.http.answer import PLAIN, Answer
from openucwa.http.request import Call
from openucwa.store.database import Database
from openucwa.store.turns import asking

LIVE, READY = "/health/live", "/health/ready"

_TIME_LIMIT = 2.0
"""Seconds in which the database has to answer."""
_HOLDS_FOR = 1.0
"""Seconds for which an answer of the database holds, however many ask."""

_log = structlog.get_logger("openucwa.http")


class Health:
    """The readiness of this process. It asks the database once at a time, for all who want it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asking: asyncio.Task[int] | None = None
        self._known: tuple[float, str | None] | None = None
        self._is_stopping = False
        self._trouble: str | None = None

    def stop(self) -> None:
        """Be ready no more: the server is about to stop."""
        self._is_stopping = True

    async def trouble(self) -> str | None:
        """Return why this process can't serve, or None."""
        if self._is_stopping:
            return "stopping"
        loop = asyncio.get_running_loop()
        if self._known is None or self._known[0] <= loop.time():
            found = await self._ask()
            self._known = loop.time() + _HOLDS_FOR, found
            if found != self._trouble:
                self._trouble = found
                _log.warning("not_ready", reason=found) if found else _log.info("ready_again")
        return self._known[1]

    async def _ask(self) -> str | None:
        # A database that hangs has one question to answer, and not another at each look.
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._read())
        done, _ = await asyncio.wait([self._asking], timeout=_TIME_LIMIT)
        if not done:
            return "the database does not answer in time"
        return "the database can't be used" if self._asking.exception() else None

    async def _read(self) -> int:
        # In the line of whoever happened to ask, it would wait for that one's other requests.
        asking.set("health")
        return await self._database.read(lambda tx: tx.facts.forgotten())


@dataclass(frozen=True)
class LiveEndpoint:
    """Answers as long as the process does. It asks nobody else."""

    methods: Sequence[str] = ("GET",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        return _answer(200, "live")


@dataclass(frozen=True)
class ReadyEndpoint:
    """Tells whether requests that need the database can be sent here."""

    health: Health
    methods: Sequence[str] = ("GET",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        trouble = await self.health.trouble()
        return _answer(503, f"not ready: {trouble}") if trouble else _answer(200, "ready")


def is_of_health(route: str | None) -> bool:
    """Return whether a route is asked every few seconds, which would only fill the log."""
    return route in (LIVE, READY)


def _answer(status: int, text: str) -> Answer:
    return Answer(status, f"{text}\n".encode(), media_type=PLAIN, cache="no-store")
