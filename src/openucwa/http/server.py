"""Serving: the application on a socket, until it is told to stop."""

import asyncio
import ctypes
import gc
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from openucwa.domain.deployment import Deployment
from openucwa.http import listening, log
from openucwa.http.accepting import Accepting, most_connections
from openucwa.http.app import App
from openucwa.http.connections import Connections, Slot
from openucwa.http.grants.windows import Kerberos
from openucwa.http.protocol import Protocol
from openucwa.http.site import Issuer, Site
from openucwa.http.workers import Parent, Supervisor
from openucwa.settings import Settings
from openucwa.store.database import Database
from openucwa.store.opening import open_database
from openucwa.store.transaction import Transaction

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_GRACE = 30
"""Seconds that requests in flight have to finish when the server stops."""


class Footing:
    """The parts of a server: its clock, its database and its connections.

    A server that clients are tested with stands on its own ones.
    """

    protocol: type[Protocol] = Protocol
    """The protocol class of connections."""

    def loop(self) -> asyncio.AbstractEventLoop:
        """A new event loop."""
        return uvloop.new_event_loop()

    def database(self, settings: Settings) -> Database:
        """The database, opened. Raises NotReady."""
        return open_database(
            settings.database_location,
            clock=lambda: datetime.now(UTC),
            connections=settings.database_connections,
            alone=True,
        )

    def application(self, app: App) -> ASGIApp:
        """Return the ASGI application that answers requests."""
        return app


def serve(
    settings: Settings,
    *,
    ready: Callable[[str], None],
    prepare: Callable[[Transaction, Deployment], None] | None = None,
    footing: Footing | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are finished, the database is closed.

    `prepare` runs in a transaction before the first request; `ready` is told the server's address
    when it listens. Raises OSError when the address can't be had, NotReady when the database can't,
    GaveUp when workers can't start.
    """
    footing = footing or Footing()
    log.configure()
    _give_memory_back()
    with listening.take(settings.host, settings.port) as taken:
        if settings.workers == 1:
            listening.listen(taken)
            url = _url(settings, taken)
            site = _site(settings)
            _serve(settings, site, taken, footing, ready=lambda: ready(url), prepare=prepare)
        else:
            _serve_with_workers(settings, taken, footing, ready, prepare)


def _serve_with_workers(
    settings: Settings,
    taken: socket.socket,
    footing: Footing,
    ready: Callable[[str], None],
    prepare: Callable[[Transaction, Deployment], None] | None,
) -> None:
    site, url = _site(settings), _url(settings, taken)
    asyncio.run(_prepare(settings, footing, prepare))

    def work(its_own: socket.socket, parent: Parent) -> None:
        _serve(settings, site, its_own, footing, ready=parent.tell_ready, parent=parent)

    Supervisor(settings.workers, taken, work, lambda: ready(url), patience=_GRACE + 5).run()


async def _prepare(
    settings: Settings,
    footing: Footing,
    prepare: Callable[[Transaction, Deployment], None] | None,
) -> None:
    """Bring the database up to date, and prepare it, before there are workers."""
    database = footing.database(settings)
    try:
        if prepare:
            await database.write(lambda tx: prepare(tx, settings.deployment()))
    finally:
        await database.close()


def _serve(
    settings: Settings,
    site: Site,
    listener: socket.socket,
    footing: Footing,
    *,
    ready: Callable[[], None],
    prepare: Callable[[Transaction, Deployment], None] | None = None,
    parent: Parent | None = None,
) -> None:
    """Serve a socket from this process."""
    database = footing.database(settings)
    app = App(site, database)
    server = _Server(
        uvicorn.Config(
            footing.application(app),
            http=footing.protocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,  # App sends both, in canonical case
            date_header=False,
            forwarded_allow_ips=settings.trusted_proxies,
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
            timeout_graceful_shutdown=_GRACE,
        ),
        _connections(settings),
        ready=ready,
        stopping=app.stop_waiting,
    )

    async def run() -> None:
        if parent:
            parent.when_gone(lambda: server.handle_exit(signal.SIGTERM, None))
        try:
            if prepare:
                await database.write(lambda tx: prepare(tx, site.deployment))
            await server.serve(sockets=[listener])
        finally:
            await database.close()

    with asyncio.Runner(loop_factory=footing.loop) as runner:
        runner.run(run())


def _connections(settings: Settings) -> Connections:
    others = settings.database_connections + 2 if settings.database else 0
    return Connections(
        most_connections(settings.limits.connections, others),
        settings.limits.connections_per_address,
        settings.trusted_proxies,
    )


def _site(settings: Settings) -> Site:
    return Site(
        settings.deployment(),
        settings.public_url,
        settings.redirects,
        settings.allowed_origins,
        issuer=_issuer(settings),
        kerberos=kerberos(settings),
    )


def _issuer(settings: Settings) -> Issuer | None:
    if not settings.oidc.issuer:
        return None
    from openucwa.http import oidc  # whose libraries take a while to load, and memory

    return oidc.Issuer(settings.oidc)


def kerberos(settings: Settings) -> Kerberos | None:
    """Return the acceptor of tickets, if a keytab is configured. Raises NoKerberos."""
    if settings.kerberos_keytab is None:
        return None
    realm = settings.kerberos_realm or settings.domain.upper()
    return Kerberos(settings.kerberos_keytab, settings.kerberos_principal, realm)


def _give_memory_back() -> None:
    """Let what a password's hash or a long list needs go back to the system when it is freed.

    Left to itself, glibc keeps blocks of that size for the thread that has freed them. The small
    ones it is to keep: told of the one, it would give those back at every turn.
    """
    with suppress(AttributeError, OSError):  # another C library, which has no mallopt
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 1024 * 1024)
        libc.mallopt(_M_TRIM_THRESHOLD, 32 * 1024 * 1024)


class _Server(uvicorn.Server):
    """uvicorn, which limits connections, tells when it listens and stops, and ends on a signal.

    uvicorn itself raises the signal again when it has stopped, so that the process would not exit
    with status 0.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        connections: Connections,
        *,
        ready: Callable[[], None],
        stopping: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._connections = connections
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup([])
        self.servers = [self._accepting(one) for one in sockets or []]
        # What has been made so far stays: searching it for garbage would stop the server for long.
        gc.collect()
        gc.freeze()
        self._ready()

    def _accepting(self, listener: socket.socket) -> Any:
        """Return what accepts connections, in the place of an asyncio.Server."""
        protocol: Any = self.config.http_protocol_class

        def serve(slot: Slot) -> asyncio.Protocol:
            made: asyncio.Protocol = protocol(
                config=self.config,
                server_state=self.server_state,
                app_state=self.lifespan.state,
                slot=slot,
            )
            return made

        return Accepting(listener, self._connections, serve, self.config.ssl)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def _url(settings: Settings, listening: socket.socket) -> str:
    """The public URL, or else the address that is listened at."""
    if settings.public_url:
        return settings.public_url
    scheme = "https" if settings.tls_cert else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"
