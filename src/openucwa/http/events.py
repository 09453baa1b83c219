"""The event channel: requests that are answered when there is something to tell (events_ref.md)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from openucwa.delivery.channel import Delivery, Wait
from openucwa.delivery.tail import Outcome, Tail
from openucwa.domain.channels import Channel, Timers
from openucwa.http.answer import NEGOTIATED, Answer
from openucwa.http.formats import Format
from openucwa.http.request import Call
from openucwa.http.room import Room
from openucwa.http.site import Site
from openucwa.http.viewer import note_use, viewer_of
from openucwa.resources.application.events import events
from openucwa.resources.viewer import Me
from openucwa.store.database import Database
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import Package
from openucwa.wire.errors import ApplicationNotFound, ParameterValidationFailure, PGetReplaced

_SHORTEST = Timers(low=5, medium=5, timeout=180)
_LONGEST = Timers(low=1800, medium=1800, timeout=1800)


@dataclass(frozen=True)
class Asked:
    """What a request asks for: the package `ack`, within timers that are given or remembered."""

    ack: int
    priority: int
    timers: Mapping[str, int]

    def over(self, remembered: Timers) -> Timers:
        """The timers, each within the limits that its page tells."""
        wanted = {
            name: min(max(seconds, getattr(_SHORTEST, name)), getattr(_LONGEST, name))
            for name, seconds in self.timers.items()
        }
        return msgspec.structs.replace(remembered, **wanted)


@dataclass(frozen=True)
class EventsEndpoint:
    """The pending GET."""

    site: Site
    database: Database
    delivery: Delivery
    tail: Tail
    room: Room
    methods: Sequence[str] = ("GET",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        """The next package, when there is one. Raises PGetReplaced and what others raise."""
        me, channel, asked, wait = await self.database.read(lambda tx: self._look(tx, call, keys))
        await note_use(self.database, call)  # before it waits: an application in use can't expire
        if call.method == "HEAD":  # which may not acknowledge anything
            return _answer(call.format, self.delivery.nothing(me, channel, asked.ack))
        self.tail.replace(channel, asked.ack, asked.priority)
        if wait is not None:
            outcome = await self._wait(call, asked, channel, wait)
            if outcome is Outcome.REPLACED:
                raise PGetReplaced("A later request is waiting for these events.")
            if outcome is not Outcome.DUE:
                return _answer(call.format, self.delivery.nothing(me, channel, asked.ack))
        return await self.database.write(lambda tx: self._package(tx, call, keys, asked))

    def _look(
        self, tx: Transaction, call: Call, keys: Mapping[str, str]
    ) -> tuple[Me, Channel, Asked, Wait | None]:
        me, channel = self._channel(tx, call, keys)
        asked = _asked(call)
        if me.application.last_seen_at <= channel.opened_at:  # who follows events is at work
            call.unnoted = me.application
        wait = self.delivery.look(tx, channel, asked.ack, asked.over(channel.timers))
        return me, channel, asked, wait

    async def _wait(self, call: Call, asked: Asked, channel: Channel, wait: Wait) -> Outcome:
        gone = asyncio.ensure_future(call.receive())
        try:
            return await self.tail.wait(
                wait, asked.over(channel.timers), priority=asked.priority, gone=gone
            )
        finally:
            gone.cancel()

    def _package(
        self, tx: Transaction, call: Call, keys: Mapping[str, str], asked: Asked
    ) -> Answer:
        self.room.check(call)
        me, channel = self._channel(tx, call, keys)
        package = self.delivery.package(tx, me, channel, asked.ack, asked.over(channel.timers))
        answer = _answer(call.format, package)
        self.room.hold(call, len(answer.body))
        return answer

    def _channel(self, tx: Transaction, call: Call, keys: Mapping[str, str]) -> tuple[Me, Channel]:
        me = viewer_of(tx, call, keys, self.site.deployment, events)
        channel = tx.of(Channels).get(me.application)
        if channel is None or channel.instance_id != me.application.instance_id:
            raise ApplicationNotFound(
                "The application no longer has this instance. Create it again."
            )
        return me, channel


def _answer(format: Format, package: Package) -> Answer:
    return Answer(200, format.write_package(package), format.content_type, vary=NEGOTIATED)


def _asked(call: Call) -> Asked:
    """Read the query. Raises ParameterValidationFailure."""
    given = call.parameters()
    numbers: dict[str, int] = {}
    wrong: dict[str, str] = {}
    for name in ("ack", "priority", "low", "medium", "timeout"):
        text = given.get(name, "").strip()
        if text.removeprefix("-").isdigit() and text.isascii() and len(text) <= 12:
            numbers[name] = int(text)
        elif text:
            wrong[name] = "must be a whole number"
    if "ack" not in numbers:
        wrong.setdefault("ack", "is missing: follow the link that the server sent")
    if wrong:
        raise ParameterValidationFailure(wrong)
    return Asked(numbers.pop("ack"), numbers.pop("priority", 0), numbers)
