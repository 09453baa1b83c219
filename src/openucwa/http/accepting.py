"""Accepting connections: each takes a slot among the others before anything is read from it."""

import asyncio
import errno
import resource
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog

from openucwa.http.connections import MOST_LINGERING, Connections, Slot

_AT_ONCE = 64
"""Connections that are accepted before others get their turn."""
_PAUSE = 0.25
"""Seconds until it is tried again where there was no descriptor for a connection."""
_HANDSHAKE = 15.0
"""Seconds for a TLS handshake."""
_GOODBYE = 5.0
"""Seconds for the end of a TLS connection, and for what is to be sent before it."""
_RESERVED = 64 + MOST_LINGERING
"""Descriptors for the rest: the database, the log, what libraries open, and connections that are
being closed."""

_MOST_UNSENT = 64 * 1024
"""Bytes that the system keeps for a client before it sends them."""
_UNSENT: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)

_GONE = (errno.ECONNABORTED, errno.EPROTO, errno.ECONNRESET)
"""The client has hung up before its connection was accepted."""
_log = structlog.get_logger("openucwa.http.connections")


class Accepting:
    """Accepts connections from a socket, until it is closed.

    `serve` gives what speaks on a connection. Does for uvicorn what an asyncio.Server does.
    """

    def __init__(
        self,
        listening: socket.socket,
        connections: Connections,
        serve: Callable[[Slot], asyncio.Protocol],
        tls: ssl.SSLContext | None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = listening
        self._connections = connections
        self._serve = serve
        self._tls = tls
        self._opening: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listening.setblocking(False)
        self._begin()

    def close(self) -> None:
        """Accept no more, and end handshakes that are under way."""
        self._end()
        for task in self._opening:
            task.cancel()

    async def wait_closed(self) -> None:
        """There is nothing to wait for."""

    def _begin(self) -> None:
        self._pause = None
        self._loop.add_reader(self._socket.fileno(), self._accept)

    def _end(self) -> None:
        if self._pause:
            self._pause.cancel()
        else:
            self._loop.remove_reader(self._socket.fileno())

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                accepted, address = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _GONE:
                    continue
                self._wait(error)
                return
            slot = self._connections.enter(address[0])
            if slot is None:
                accepted.close()
            else:
                task = self._loop.create_task(self._open(accepted, slot))
                self._opening.add(task)
                task.add_done_callback(self._opening.discard)

    async def _open(self, accepted: socket.socket, slot: Slot) -> None:
        try:
            accepted.setblocking(False)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if _UNSENT:  # left to itself, the system takes megabytes that nobody reads
                accepted.setsockopt(socket.IPPROTO_TCP, _UNSENT, _MOST_UNSENT)
            if self._tls:  # until the handshake is done, this connection may have to make room, too
                slot.waits(partial(_end, accepted))
            await self._loop.connect_accepted_socket(
                lambda: self._serve(slot),
                accepted,
                ssl=self._tls,
                ssl_handshake_timeout=_HANDSHAKE if self._tls else None,
                ssl_shutdown_timeout=_GOODBYE if self._tls else None,
            )
        except (OSError, asyncio.CancelledError):  # it never spoke, or no TLS
            slot.leave()
            accepted.close()
        except BaseException:
            slot.leave()
            accepted.close()
            raise

    def _wait(self, error: OSError) -> None:
        """Try again later. Clients wait meanwhile, with the system, until there is room."""
        self._end()
        self._pause = self._loop.call_later(_PAUSE, self._begin)
        self._connections.make_room()
        self._connections.say(
            "no_connection_accepted",
            error=error.strerror,
            advice="The process or the system has no file descriptors or no memory left. Raise "
            "the number of files that the process may open (LimitNOFILE), or lower "
            "limits.connections. The server goes on by itself.",
        )


def _end(accepted: socket.socket) -> None:
    """End a connection whose handshake is under way: what reads from it then finds its end."""
    with suppress(OSError):
        accepted.shutdown(socket.SHUT_RDWR)


def most_connections(wanted: int, others: int) -> int:
    """Return the number of connections that a process may have: `wanted`, or what its files allow.

    It raises its limit of open files as far as the system lets it. `others` are files that it opens
    beside those that any server does.
    """
    needed = wanted + wanted // 10 + 1 + others + _RESERVED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    is_enough = soft == resource.RLIM_INFINITY or soft >= needed
    if not is_enough:
        raised = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with suppress(OSError, ValueError):  # the system has a limit of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        is_enough = soft >= needed
    if is_enough:
        return wanted
    most = max(1, (soft - others - _RESERVED) * 10 // 11 - 1)
    _log.warning(
        "connections_limited",
        connections=most,
        files=soft,
        advice=f"The process may open {soft} files, so it has fewer connections than "
        f"limits.connections allows. Let it open {needed} (LimitNOFILE).",
    )
    return most
