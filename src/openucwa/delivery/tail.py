"""The tail of the fact log: wakes the channels that wait for what has happened.

There is one in a process. It reads each fact once, however many channels wait, and remembers none.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import msgspec
import structlog

from openucwa.delivery.channel import Delivery, Wait
from openucwa.delivery.pending import Asked, Ending, Pending
from openucwa.delivery.rounds import Rounds
from openucwa.domain.channels import Channel, Step
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
        self._waiting: Counter[int] = Counter()
        """The number of waiting requests of each user."""
        self._followers: dict[str, dict[Pending, set[str]]] = {}
        """The requests that wait for facts of a topic, each with the parts that concern it."""
        self._rounds = Rounds(database, delivery)
        self._news = asyncio.Event()
        self._stopped = False
        database.watch(self._wake)
        database.hear(self._heard)

    async def answer(
        self, asked: Asked, channel: Channel, wait: Wait, gone: Callable[[Callable[[], None]], None]
    ) -> bytes | Ending:
        """Return the next package, when there is something to tell or the time is out.

        `gone` is told what to call when the client hangs up. Raises TooManyRequests, PGetReplaced,
        and why the viewer may not be told any more.
        """
        pending = Pending(asked, channel, wait.topics, wait.position)
        if wait.seconds is not None and wait.seconds <= 0:
            self._rounds.add(pending)
            return await pending.answer
        if self._stopped:
            return Ending.STOPPED
        self._enter(pending)
        self._database.tell(
            msgspec.json.encode((_key(channel), asked.priority, pending.turn)).decode()
        )
        self._end_within(pending, min(asked.timers.timeout, self._longest))
        if wait.seconds is not None:
            self._end_within(pending, wait.seconds)
        gone(lambda: self._end(pending, Ending.GONE))
        try:
            return await pending.answer
        finally:
            self._leave(pending)

    def _end(self, pending: Pending, outcome: Ending) -> None:
        """End a wait without a package. Who is about to get one, gets it."""
        if self._leave(pending):
            pending.settle(outcome)

    def _give(self, pending: Pending) -> None:
        if self._leave(pending):
            self._rounds.add(pending)

    def _end_within(self, pending: Pending, seconds: float) -> None:
        """Let a wait end after so long with a package, or earlier if that was said before."""
        if seconds <= 0:
            self._give(pending)
            return
        loop = asyncio.get_running_loop()
        if pending.alarm is not None:
            if pending.alarm.when() <= loop.time() + seconds:
                return
            pending.alarm.cancel()
        pending.alarm = loop.call_later(seconds, self._give, pending)

    def replace(self, channel: Channel, ack: int, priority: int) -> None:
        """End the request that waits on a channel in this process, for a later one.

        Raises PGetReplaced where the one that waits has the same `ack` and a higher priority.
        """
        there = self._pending.get(_key(channel))
        if there is None:
            return
        if there.channel.step(ack) is Step.NEXT and there.asked.priority > priority:
            raise PGetReplaced(
                "A request of a higher priority is already waiting for these events."
            )
        self._end(there, Ending.REPLACED)

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
        for pending in [*self._pending.values()]:
            self._end(pending, Ending.STOPPED)

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
            for pending, parts in [*self._followers.get(fact.topic, {}).items()]:
                is_followed = "" in parts or fact.part in parts
                if is_followed and fact.position > pending.position:
                    held = self._delivery.held(fact, pending.channel, pending.asked)
                    if held is not None:
                        self._end_within(pending, held.total_seconds())
        if facts and self._position == after:  # else somebody has come who needs earlier ones, too
            self._position = facts[-1].position
        return more

    def _wake(self) -> None:
        if self._pending:  # the log grows with every change, mostly while nobody waits
            self._news.set()

    def _enter(self, pending: Pending) -> None:
        channel = pending.channel
        if self._waiting[channel.user_id] >= self._most:
            raise TooManyRequests(
                f"You have reached the limit of {self._most} requests that wait for events. End "
                "some of your applications.",
                headers={"Retry-After": str(RETRY_AFTER)},
            )
        # What was written since its transaction has been read already, or is read soon.
        if not self._pending or pending.position < self._position:
            self._position = pending.position
            self._news.set()
        self._pending[_key(channel)] = pending
        self._waiting[channel.user_id] += 1
        for topic, part in pending.topics:
            self._followers.setdefault(topic, {}).setdefault(pending, set()).add(part)

    def _leave(self, pending: Pending) -> bool:
        """Let it wait no more. False if it did not."""
        channel = pending.channel
        if self._pending.get(_key(channel)) is not pending:
            return False
        del self._pending[_key(channel)]
        if pending.alarm is not None:
            pending.alarm.cancel()
        self._waiting[channel.user_id] -= 1
        if not self._waiting[channel.user_id]:
            del self._waiting[channel.user_id]
        for topic in {topic for topic, _ in pending.topics}:
            followers = self._followers[topic]
            del followers[pending]
            if not followers:
                del self._followers[topic]
        return True


def _key(channel: Channel) -> tuple[int, str]:
    """A channel has one pending GET at most."""
    return channel.application_id, channel.instance_id
