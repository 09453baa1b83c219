"""Accepting connections."""

import asyncio
import socket
import ssl
from contextlib import suppress

import pytest
import uvloop

from openucwa.http.accepting import Accepting
from openucwa.http.connections import Connections

pytestmark = pytest.mark.slow


def test_connections_that_do_not_begin_with_tls_make_room_for_others() -> None:
    """The one that has waited for longest ends, and not 15 seconds later."""

    async def crowd() -> None:
        connections = Connections(2, 10, "")
        silent = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            accepting = Accepting(listener, connections, lambda _: asyncio.Protocol(), silent)
            try:
                port = listener.getsockname()[1]
                clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
                async with asyncio.timeout(5):
                    with suppress(ConnectionResetError):
                        assert await clients[0][0].read() == b""
                assert connections.count == 2
                for reader, _ in clients[1:]:
                    assert not reader.at_eof()
            finally:
                accepting.close()
                for _, writer in clients:
                    writer.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(crowd())
