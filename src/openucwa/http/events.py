"""The event channel: requests that are answered when there is something to tell (events_ref.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from openucwa.delivery.channel import EXTENDED, Delivery, Wait
from openucwa.delivery.pending import Asked, Ending
from openucwa.delivery.tail import Tail
from openucwa.domain.channels import Channel, Step, Timers
from openucwa.http.answer import NEGOTIATED, Answer
from openucwa.http.authentication import InvalidToken, Unauthenticated
from openucwa.http.formats import Format
from openucwa.http.parsed import ParsedRequest, checked, parse
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
from openucwa.wire.errors import (
    ApplicationNotFound,
    ParameterValidationFailure,
    PGetReplaced,
    UcwaError,
)

_SHORTEST = Timers(low=5, medium=5, timeout=180)
_LONGEST = Timers(low=1800, medium=1800, timeout=1800)


@dataclass(frozen=True)
class Query:
    """The query: the package `ack`, within timers that are given or remembered."""

    ack: int
    priority: int
    extended: bool
    timers: Mapping[str, int]

    def over(self, remembered: Timers) -> Timers:
        """The timers, each within the limits that its page tells."""
        if not self.timers:
            return remembered
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
        request, query = parse(call, keys, events), _query(call)
        channel, asked, wait = await self.database.read(
            lambda tx: self._look(tx, call, request, query)
        )
        # Before it waits: an application in use can't expire.
        await note_use(self.database, request)
        if call.method == "HEAD":  # which may not acknowledge anything
            return self._nothing(call, channel, asked)
        self.tail.replace(channel, asked.ack, asked.priority)
        if wait is None:
            return await self.database.read(lambda tx: self._repeated(tx, call, request, asked))
        found = await self.tail.answer(asked, channel, wait, call.when_gone)
        if found is Ending.REPLACED:
            raise PGetReplaced("A later request is waiting for these events.")
        if isinstance(found, Ending):
            return self._nothing(call, channel, asked)
        return _answer(call.format, found)

    def _look(
        self,
        tx: Transaction,
        call: Call,
        request: ParsedRequest,
        query: Query | ParameterValidationFailure,
    ) -> tuple[Channel, Asked, Wait | None]:
        """Return what is asked for, and what it has to wait for; None if it is no next package."""
        me, channel = self._channel(tx, request)
        if isinstance(query, Exception):
            raise query
        if me.application.last_seen_at <= channel.opened_at:  # who follows events is at work
            request.notes.unnoted = me.application
        asked = Asked(
            ack=query.ack,
            priority=query.priority,
            timers=query.over(channel.timers),
            extended=query.extended,
            sender=(call.header("authorization"), channel.application_id),
            viewer=lambda tx: self._still(tx, request),
            written=lambda package: self._written(call, package),
        )
        is_next = channel.step(asked.ack) is Step.NEXT
        return channel, asked, self.delivery.look(tx, channel, asked) if is_next else None

    def _viewer(self, tx: Transaction, request: ParsedRequest) -> Me:
        """Return who asks, in an application whose channel is looked for with the instance."""
        request = msgspec.structs.replace(request, instance_id="")
        return viewer_of(tx, request, self.site.deployment, events)

    def _still(self, tx: Transaction, request: ParsedRequest) -> Me | Exception:
        """Return who asked, as she is now, or why she is told nothing any more."""
        try:
            return self._viewer(tx, request)
        except (UcwaError, Unauthenticated, InvalidToken) as error:
            return error

    def _written(self, call: Call, package: Package) -> bytes:
        """Return the bytes of an answer, for which there must be room."""
        self.room.check(call)
        body = call.format.write_package(package)
        self.room.hold(call, len(body))
        return body

    def _repeated(
        self, tx: Transaction, call: Call, request: ParsedRequest, asked: Asked
    ) -> Answer:
        me, channel = self._channel(tx, request)
        package = self.delivery.repeated(tx, me, channel, asked)
        return _answer(call.format, self._written(call, package))

    def _nothing(self, call: Call, channel: Channel, asked: Asked) -> Answer:
        package = self.delivery.nothing(channel, asked)
        return _answer(call.format, call.format.write_package(package))

    def _channel(self, tx: Transaction, request: ParsedRequest) -> tuple[Me, Channel]:
        me, instance_id = self._viewer(tx, request), checked(request.instance_id)
        channel = tx.of(Channels).current(me.user.id, me.application.id, instance_id)
        if channel is None:
            raise ApplicationNotFound(
                "The application no longer has this instance. Create it again."
            )
        return me.within(me.application.instance(instance_id)), channel


def _answer(format: Format, package: bytes) -> Answer:
    return Answer(200, package, format.content_type, vary=NEGOTIATED)


def _query(call: Call) -> Query | ParameterValidationFailure:
    """Read the query; return what is wrong with it, since other errors come first."""
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
    extended = given.get(EXTENDED, "").strip().lower()
    if extended not in ("", "true", "false"):
        wrong[EXTENDED] = "must be true or false"
    if wrong:
        return ParameterValidationFailure(wrong)
    return Query(numbers.pop("ack"), numbers.pop("priority", 0), extended == "true", numbers)
