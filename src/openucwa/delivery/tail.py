"""The tail of the fact log: wakes the channels that wait for what has happened.

There is one in a process. It reads each fact once, however many channels wait, and remembers none.
"""

import asyncio
import time
from asyncio import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from typing import Any

import msgspec
import structlog

from openucwa.delivery.channel import Delivery, Wait
from openucwa.domain.channels import Channel, Step, Timers
from openucwa.domain.facts import of_user
from openucwa.store.database import Database
from openucwa.wire.errors import PGetReplaced, TooManyRequests

LOOK_EVERY = 5.0
"""Seconds. A safety net: writers in this process wake the tail, those in another one may not."""
SOON, LATER = 0.005, 0.1
"""Seconds. A fact is settled when all transactions that began before it have ended: most end soon.
While one does not, the tail looks less and less often."""
RETRY_AFTER = 60
"""Seconds."""

_decode = msgspec.json.Decoder(tuple[tuple[int, str], int, tuple[int, int]]).decode
_log = structlog.get_logger("openucwa.delivery")


class Outcome(Enum):
    """Why a wait has ended."""

    DUE = auto()
    REPLACED = auto()
    GONE = auto()
    STOPPED = auto()


@dataclass(slots=True, eq=False)
class Pending:
    """A pending GET: what it waits for, and since when.

    `turn` is larger for a later request of the same channel, in whatever process: who goes on asks
    for a later package, and who asks again does so at a later time, in nanoseconds.
    """

    channel: Channel
    timers: Timers
    priority: int
    position: int
    turn: tuple[int, int]
    outcome: Future[Outcome] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    alarm: asyncio.TimerHandle | None = None

    def end(self, outcome: Outcome) -> None:
        """Stop waiting, if it still does."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def end_within(self, seconds: float) -> None:
        """Stop waiting after so long, or earlier if that was said before."""
        if seconds <= 0:
            self.end(Outcome.DUE)
            return
        loop = asyncio.get_running_loop()
        if self.alarm is not None:
            if self.alarm.when() <= loop.time() + seconds:
                return
            self.alarm.cancel()
        self.alarm = loop.call_later(seconds, self.end, Outcome.DUE)


class Tail:
    """Follows the log of facts for those who wait.

    `longest` is how long a request may be held at all, `most` how many of a user's.
    """

    def __init__(
        self, database: Database, delivery: Delivery, *, longest: timedelta, most: int
    ) -> None:
        self._database = database
        self._delivery = delivery
        self._longest = longest.total_seconds()
        self._most = most
        self._position = 0
        self._pending: dict[tuple[int, str], Pending] = {}
        self._followers: dict[str, list[Pending]] = {}
        self._news = asyncio.Event()
        self._stopped = False
        database.watch(self._wake)
        database.hear(self._heard)

    async def wait(
        self, wait: Wait, timers: Timers, *, priority: int, gone: Future[Any]
    ) -> Outcome:
        """Wait until there is something to tell, or the time is out.

        `gone` is done when the client has hung up. Raises TooManyRequests.
        """
        if self._stopped:
            return Outcome.STOPPED
        channel = wait.channel
        turn = (channel.number + 1, time.time_ns())
        pending = Pending(channel, timers, priority, wait.position, turn)
        self._enter(pending)
        self._database.tell(msgspec.json.encode((_key(channel), priority, turn)).decode())
        pending.end_within(min(timers.timeout, self._longest))
        if wait.seconds is not None:
            pending.end_within(wait.seconds)
        gone.add_done_callback(lambda _: pending.end(Outcome.GONE))
        try:
            return await pending.outcome
        finally:
            self._leave(pending)

    def replace(self, channel: Channel, ack: int, priority: int) -> None:
        """End the request that waits on a channel in this process, for a later one.

        Raises PGetReplaced where the one that waits has the same `ack` and a higher priority.
        """
        there = self._pending.get(_key(channel))
        if there is None:
            return
        if there.channel.step(ack) is Step.NEXT and there.priority > priority:
            raise PGetReplaced(
                "A request of a higher priority is already waiting for these events."
            )
        there.end(Outcome.REPLACED)

    def _heard(self, message: str) -> None:
        """A request waits on a channel in another process, and replaces an earlier one here.

        This may be heard late, when its client has gone on, and waits here.
        """
        with suppress(msgspec.MsgspecError, PGetReplaced):
            key, priority, turn = _decode(message)
            there = self._pending.get(key)
            if there is not None and turn > there.turn:
                self.replace(there.channel, turn[0], priority)

    def stop(self) -> None:
        """End all waits, and let nobody wait any more."""
        self._stopped = True
        for pending in self._pending.values():
            pending.end(Outcome.STOPPED)

    async def follow(self) -> None:
        """Read the log as it grows, for as long as the process lives."""
        pause = SOON
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._news.wait()
            self._news.clear()
            if self._pending:
                before = self._position
                try:
                    if more := await self._read():
                        asyncio.get_running_loop().call_later(pause, self._news.set)
                    is_stuck = more and self._position == before
                    pause = min(2 * pause, LATER) if is_stuck else SOON
                except Exception:  # it must go on: without it nobody is told of anything
                    _log.exception("tail")

    async def _read(self) -> bool:
        """Wake whom the new facts concern. True when there are some that are not settled."""
        after = self._position
        facts, more = await self._database.read(lambda tx: tx.facts.after(after))
        for fact in facts:
            for pending in self._followers.get(fact.topic, ()):
                if fact.position > pending.position:
                    held = self._delivery.held(fact, pending.timers)
                    pending.end_within(held.total_seconds())
        if facts and self._position == after:  # else somebody has come who needs earlier ones, too
            self._position = facts[-1].position
        return more

    def _wake(self) -> None:
        if self._pending:  # the log grows with every change, mostly while nobody waits
            self._news.set()

    def _enter(self, pending: Pending) -> None:
        others = self._followers.get(of_user(pending.channel.user_id), ())
        if sum(not one.outcome.done() for one in others) >= self._most:
            raise TooManyRequests(
                f"You have reached the limit of {self._most} requests that wait for events. End "
                "some of your applications.",
                headers={"Retry-After": str(RETRY_AFTER)},
            )
        # What was written since its transaction has been read already, or is read now.
        behind = min(self._position, pending.position) if self._pending else pending.position
        self._position = behind
        self._pending[_key(pending.channel)] = pending
        for topic in pending.channel.topics:
            self._followers.setdefault(topic, []).append(pending)
        self._news.set()

    def _leave(self, pending: Pending) -> None:
        if pending.alarm is not None:
            pending.alarm.cancel()
        key = _key(pending.channel)
        if self._pending.get(key) is pending:
            del self._pending[key]
        for topic in pending.channel.topics:
            followers = self._followers[topic]
            followers.remove(pending)
            if not followers:
                del self._followers[topic]


def _key(channel: Channel) -> tuple[int, str]:
    """A channel has one pending GET at most."""
    return channel.application_id, channel.instance_id
