"""The ASGI application."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from typing import Protocol

import structlog
from starlette.types import Receive, Scope, Send

from openucwa.delivery.channel import Delivery
from openucwa.delivery.tail import Tail
from openucwa.http import due, revocation
from openucwa.http.answer import Answer, compressed, refusal
from openucwa.http.authentication import (
    TOKEN_PATH,
    InvalidToken,
    Unauthenticated,
    challenge,
    rejection,
)
from openucwa.http.batch import BatchEndpoint
from openucwa.http.discovery import RedirectEndpoint, RootEndpoint, UserEndpoint
from openucwa.http.events import EventsEndpoint
from openucwa.http.frame import FRAME_PATHS, FrameEndpoint
from openucwa.http.health import LIVE, READY, Health, LiveEndpoint, ReadyEndpoint, is_of_health
from openucwa.http.negotiation import accepts_gzip
from openucwa.http.openapi import entrance
from openucwa.http.openapi.endpoint import OpenAPIEndpoint
from openucwa.http.origins import Origins, is_preflight
from openucwa.http.outstanding import Outstanding
from openucwa.http.reading import Readers
from openucwa.http.request import (
    HANG_UP,
    LAST,
    Call,
    call_of,
    check_coding,
    check_host,
    check_readable,
    read_body,
)
from openucwa.http.resources import ResourceEndpoint
from openucwa.http.room import Room
from openucwa.http.routes import Routes
from openucwa.http.site import Site
from openucwa.http.spelling import spelled
from openucwa.http.tokens import TokenEndpoint, grants
from openucwa.http.versions import check_version
from openucwa.resources.all import REGISTRY
from openucwa.resources.path import ROOT
from openucwa.resources.registry import Registry
from openucwa.resources.root import redirect, root, user
from openucwa.store.database import Database
from openucwa.store.sweep import sweep
from openucwa.store.turns import asking
from openucwa.wire.errors import (
    MethodNotAllowed,
    NotFound,
    ServiceFailure,
    ServiceUnavailable,
    UcwaError,
)

SWEEP_EVERY = 60.0
"""Seconds."""
MANY_SWEPT = 50
"""Where so much of a kind has gone at once, there may be more."""

_AT_ONCE = 64 * 1024
"""Bytes that are compressed on the event loop, or handed to a connection at once."""
_SERVER = b"OpenUCWA"
_POLICY = (spelled("Content-Security-Policy"), b"default-src 'none'; frame-ancestors 'none'")
_REFERRER = (spelled("Referrer-Policy"), b"no-referrer")
_HSTS = (spelled("Strict-Transport-Security"), b"max-age=31536000")

_log = structlog.get_logger("openucwa.http")


class Endpoint(Protocol):
    """An object that answers at a path."""

    @property
    def methods(self) -> Sequence[str]: ...
    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer: ...


class App:
    """The server as an ASGI application, which serves the resources of a registry."""

    def __init__(self, site: Site, database: Database, registry: Registry = REGISTRY) -> None:
        self._site = site
        self._database = database
        self._log = _log.bind()  # the proxy itself looks up its logger at every line
        self._grants = grants(site, database)
        deployment = site.deployment
        lifetimes = deployment.lifetimes
        delivery = Delivery(registry)
        self._tail = Tail(
            database,
            delivery,
            # Or the application ends meanwhile, or others' facts are forgotten after its own place.
            longest=min(lifetimes.pending_get, lifetimes.application / 2, lifetimes.fact / 2),
            most=deployment.limits.pending_gets_per_user,
        )
        self._outstanding = outstanding = Outstanding(deployment.limits.requests_per_user)
        self._room = room = Room()
        readers = Readers()
        own: Mapping[str, Endpoint] = {
            "events": EventsEndpoint(site, database, delivery, self._tail, room),
            "batch": BatchEndpoint(site, database, outstanding, room, readers, self.answer),
        }
        self._health = Health(database)
        self._origins = Origins(site.allowed_origins)
        frame = FrameEndpoint(site.allowed_origins)
        self._routes: Routes[Endpoint] = Routes(
            [
                (_segments("/"), RootEndpoint(site)),
                (_segments(root.PATH), RootEndpoint(site)),
                (_segments(user.PATH), UserEndpoint(site, database)),
                (_segments(root.PATH + "/user"), UserEndpoint(site, database)),
                (_segments(redirect.PATH), RedirectEndpoint(site)),
                (_segments(entrance.PATH), OpenAPIEndpoint(registry)),
                (_segments(revocation.PATH), revocation.RevocationEndpoint(database)),
                (_segments(TOKEN_PATH), TokenEndpoint(site, database, self._grants)),
                (_segments(LIVE), LiveEndpoint()),
                (_segments(READY), ReadyEndpoint(self._health)),
                *((_segments(path), frame) for path in FRAME_PATHS),
                *(
                    (
                        (*_segments(ROOT), *path.segments),
                        own.get(resource.rel)
                        or ResourceEndpoint(
                            resource, registry, site, database, outstanding, room, readers
                        ),
                    )
                    for resource in registry.resources
                    for path in resource.templates
                ),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._respond(scope, receive, send)

    def stop_waiting(self) -> None:
        """Answer all pending GETs, and hold no more: the server is about to stop."""
        self._health.stop()
        self._tail.stop()

    async def answer(self, call: Call) -> Answer:
        """Answer a request whose body has been read. What goes wrong is an answer, too."""
        try:
            return await self._dispatch(call)
        except UcwaError as error:
            return refusal(call.format, error)
        except Unauthenticated as error:
            issuer = self._site.issuer.name if self._site.issuer else None
            return challenge(self._site.base_url(call), self._grants, issuer, str(error))
        except InvalidToken:
            return rejection(call.format, self._site.name(call))
        except Exception:  # whatever it is, the client is told in its own terms and nothing more
            _log.exception("failure", request_id=call.id)
            return refusal(
                call.format,
                ServiceFailure(
                    "The server failed to process this request. Its log has the details under the "
                    f"request id {call.id}."
                ),
            )

    async def _dispatch(self, call: Call) -> Answer:
        if call.method == "OPTIONS" and call.path == b"*":
            return _options_of_server()
        check_version(call)
        check_coding(call)
        match = self._routes.match(call.path)
        if match is None:
            raise NotFound("There is no resource at this address.")
        call.notes.route = match.template
        methods = match.endpoint.methods
        if call.method == "OPTIONS" and (is_preflight(call) or "OPTIONS" not in methods):
            return self._options(call, methods)
        if call.verb not in methods:
            allowed = _allowed(methods)
            raise MethodNotAllowed(
                f"This address accepts only {', '.join(allowed)}.",
                headers={"Allow": ", ".join(allowed)},
            )
        if self._site.issuer:  # before the transaction, since it may have to ask over the network
            call.assertion = await self._site.issuer.assertion(call.header("authorization"))
        return await match.endpoint.answer(call, match.keys)

    def _options(self, call: Call, methods: Sequence[str]) -> Answer:
        """Return the methods that are allowed here. Nobody needs a token for that."""
        allowed = _allowed(methods)
        answer = Answer(204, headers=[("Allow", ", ".join(allowed))])
        if is_preflight(call):
            answer.headers += self._origins.preflight(call, allowed)
        return answer

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        call = call_of(scope, receive)
        call.line = self._outstanding.line(call)
        asking.set(call.line)
        try:
            check_readable(scope)
            check_host(call)
            await read_body(call, scope)
            check_readable(scope)
        except UcwaError as error:
            answer = refusal(call.format, error)
        else:
            answer = await self.answer(call)
        if self._origins.allowed:
            if origin := call.header("origin"):
                answer.headers += self._origins.headers(origin)
            answer.vary += ("Origin",)
        if call.verb == "GET":
            # Whether packed, plain or 304: caches tell answers apart by it (RFC 9110, 15.4.5).
            answer.vary += ("Accept-Encoding",)
            if answer.body and accepts_gzip(call.header("accept-encoding")):
                large = len(answer.body) > _AT_ONCE
                answer = (
                    await asyncio.to_thread(compressed, answer) if large else compressed(answer)
                )
        is_last = call.is_last or scope.get("state", {}).get(LAST)
        if is_last and ("Connection", "close") not in answer.headers:
            answer.headers.append(("Connection", "close"))
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (spelled(name), value.encode("latin-1", "replace"))
                    for name, value in answer.lines()
                ]
                + _guards(call, answer)
                + [
                    (spelled("X-Request-Id"), call.id.encode()),
                    (spelled("Date"), _http_date(int(time.time()))),
                    (spelled("Server"), _SERVER),
                ],
            }
        )
        if hang_up := scope.get("state", {}).get(HANG_UP):
            self._room.sends(call, hang_up)
        await self._send_body(call, answer.body, send)
        if is_of_health(call.notes.route):
            return
        self._log.info(
            "request",
            request_id=call.id,
            method=call.method,
            route=call.notes.route,  # never the path: ids in it open meetings
            status=answer.status,
            bytes=len(answer.body),
            ms=round((time.perf_counter() - started) * 1000, 1),
            client=call.client,
            user=call.notes.user,
            application=call.notes.application,
            **({"parts": call.notes.parts} if call.notes.parts else {}),
        )

    async def _send_body(self, call: Call, body: bytes, send: Send) -> None:
        """Send a body in pieces, each when the client has read most of those before.

        Until the client has read all but the last, the answer takes room.
        """
        try:
            start, last = 0, len(body) - _AT_ONCE
            while start < last:
                piece = body[start : start + _AT_ONCE]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                start += _AT_ONCE
            await send({"type": "http.response.body", "body": body[start:] if start else body})
        finally:
            self._room.free(call)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        going_on = (
            self._sweep(),
            self._tail.follow(),
            due.follow(self._database, self._site.deployment.lifetimes),
        )
        tasks = [asyncio.create_task(one) for one in going_on]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await send({"type": "lifespan.shutdown.complete"})

    async def _sweep(self) -> None:
        while True:
            pause = SWEEP_EVERY
            try:
                swept = await self._database.chore(
                    lambda tx: sweep(tx, self._site.deployment.lifetimes)
                )
                if swept and any(swept.values()):
                    _log.info("sweep", **swept)
                if swept and max(swept.values()) >= MANY_SWEPT:
                    pause = 0.1
            except ServiceUnavailable:
                pass  # the store has said why
            except Exception:  # it must go on: without it nothing expires any more
                _log.exception("sweep")
            await asyncio.sleep(pause)


def _guards(call: Call, answer: Answer) -> list[tuple[bytes, bytes]]:
    """Return the headers that tell browsers what this is not for.

    An answer is data: no page, no script, and nothing to be framed. Those that are pages say
    otherwise themselves.
    """
    has_policy = any(name == "Content-Security-Policy" for name, _ in answer.headers)
    guards = [_REFERRER] if has_policy else [_POLICY, _REFERRER]
    return [*guards, _HSTS] if call.scheme == "https" else guards


def _options_of_server() -> Answer:
    """Name what any resource here may take (RFC 9110, section 9.3.7)."""
    return Answer(204, headers=[("Allow", "DELETE, GET, HEAD, OPTIONS, POST, PUT")])


def _allowed(methods: Sequence[str]) -> Sequence[str]:
    """The methods of an endpoint, with those that every one has."""
    return sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())})


def _segments(path: str) -> Sequence[str]:
    return [segment for segment in path.split("/") if segment]


@lru_cache(maxsize=1)
def _http_date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
