"""The ASGI application in front of the server: it serves the controls and injects faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openucwa.domain.deployment import Deployment
from openucwa.http.request import REFUSAL
from openucwa.testing.controlled import operations
from openucwa.testing.controlled.clock import Clock
from openucwa.testing.controlled.connection import transport_of
from openucwa.testing.controlled.controls import PREFIX, Controls, die
from openucwa.testing.controlled.data import Data
from openucwa.testing.controlled.faults import Fault, Faults, Kind, When, place, read_changes
from openucwa.testing.controlled.wrong import Wrong
from openucwa.wire.errors import BadRequest, ServiceUnavailable, UcwaError


class ControlledApp:
    """An ASGI application around the server's."""

    def __init__(self, app: ASGIApp, data: Data, clock: Clock, deployment: Deployment) -> None:
        self._app = app
        self._data = data
        self._clock = clock
        self._deployment = deployment
        self._faults = Faults()
        self._under_way: dict[object, Scope] = {}
        self._controls = Controls(
            data, clock, self._faults, deployment, self._under_way.values(), self._reset
        )
        self._all_ended = asyncio.Event()
        self._breaking_off = asyncio.Event()
        self._open = asyncio.Event()
        self._open.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._data.keep(again=False)
            await self._app(scope, receive, send)
        elif f"{scope['path']}/".startswith(f"{PREFIX}/"):
            await self._controls(scope, receive, send)
        else:
            while not self._open.is_set():
                await self._open.wait()
            async with self._counted(scope):
                await self._serve(scope, receive, self._dated(send))

    async def _reset(self) -> None:
        """Go back to the data that were kept, at the system's time; break off what is under way."""
        self._open.clear()
        self._breaking_off.set()
        try:
            for scope in self._under_way.values():
                transport_of(scope).abort()
            while self._under_way:
                self._all_ended.clear()
                await self._all_ended.wait()
            self._faults.clear()
            self._clock.reset()
            await self._data.go_back()
        finally:
            self._breaking_off.clear()
            self._open.set()

    @asynccontextmanager
    async def _counted(self, scope: Scope) -> AsyncIterator[None]:
        """The time for which a request is under way."""
        key = object()
        self._under_way[key] = scope
        try:
            yield
        finally:
            del self._under_way[key]
            self._all_ended.set()

    def _dated(self, send: Send) -> Send:
        """Sends answers with the date that the clock shows."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock(), usegmt=True).encode()
                message["headers"] = [
                    (name, date if name == b"Date" else value) for name, value in message["headers"]
                ]
            await send(message)

        return dated

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._faults.take(scope["method"], scope["raw_path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.when is When.BEFORE:
            await self._fail_before(fault, scope, receive, send)
        else:
            await self._fail_after(fault, scope, receive, send)

    async def _fail_before(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.fault is Kind.KILL:
            die()
        elif fault.fault is Kind.DROP:
            await _hang_up(scope, receive)
            return
        elif fault.fault is Kind.UNAVAILABLE:
            _refuse(scope, _unavailable(fault))
        elif fault.fault is Kind.DELAY:
            await self._pause(fault)
        else:
            await self._let_compete(fault, scope)
        await self._app(scope, receive, send)

    async def _fail_after(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer comes when all is durable: what has to happen after that happens then."""

        async def late(message: Message) -> None:
            if fault.fault is Kind.KILL:
                die()
            elif fault.fault is Kind.DELAY:
                if message["type"] == "http.response.start":
                    await self._pause(fault)
                await send(message)

        await self._app(scope, receive, late)
        if fault.fault is Kind.DROP:
            await _hang_up(scope, receive)
        elif fault.fault is Kind.UNAVAILABLE:
            _refuse(scope, _unavailable(fault))
            await self._app(scope, receive, send)

    async def _pause(self, fault: Fault) -> None:
        """Wait; advancing the clock shortens it, and a reset ends it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(fault.seconds):
                await self._breaking_off.wait()

    async def _let_compete(self, fault: Fault, scope: Scope) -> None:
        """Change the meeting that the request is about; it then meets the 412 of the server."""
        _, keys = place(scope["raw_path"])
        changes = read_changes(fault.changes)
        try:
            await self._data.write(
                lambda tx: operations.compete(
                    tx, keys, changes, by=fault.by, deployment=self._deployment
                )
            )
        except UcwaError as error:
            _refuse(scope, error)
        except Wrong as wrong:
            _refuse(scope, BadRequest(str(wrong)))


def _refuse(scope: Scope, error: UcwaError) -> None:
    """Let the server answer a request with an error, in its own terms."""
    scope["state"][REFUSAL] = error


def _unavailable(fault: Fault) -> ServiceUnavailable:
    return ServiceUnavailable(
        "The test controls have made the service unavailable.",
        headers={"Retry-After": str(fault.retry_after)},
    )


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Break the connection of a request, and wait until the server knows."""
    transport_of(scope).abort()
    while (await receive())["type"] != "http.disconnect":
        pass
