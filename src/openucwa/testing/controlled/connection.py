"""Connections that can be broken in the middle of a request."""

import asyncio
import socket
from typing import Any

from starlette.types import Scope

from openucwa.http.protocol import Protocol

_TRANSPORT = "transport"
_YEARS = 10**9
"""Seconds."""


class Connection(Protocol):
    """A connection which each of its requests can break.

    It stays open however long nothing is asked, or whoever advances the clock would find out by
    chance which connections that has closed.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.timeout_keep_alive = _YEARS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """asyncio leaves answers waiting for acknowledgements, 40 ms, where uvloop doesn't."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][_TRANSPORT] = self.transport


def transport_of(scope: Scope) -> asyncio.Transport:
    """The connection of a request."""
    found: asyncio.Transport = scope["state"][_TRANSPORT]
    return found
