"""A connection's patience: how long it waits for its client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from openucwa.http import protocol
from openucwa.http.app import App
from openucwa.http.protocol import Protocol
from openucwa.http.site import Site
from openucwa.store.sqlite import SQLite
from tests.installation import DEPLOYMENT, Clock

pytestmark = pytest.mark.slow

SHORT = 0.4
ENDLESS = 20 * SHORT

Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Run = Callable[[Client], None]


@pytest.fixture
def run(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a client of a server whose patience is short, and whose answers to /slow are late."""
    monkeypatch.setattr(protocol, "PATIENCE", SHORT)

    @asynccontextmanager
    async def serving() -> AsyncIterator[int]:
        database = SQLite(tmp_path / "openucwa.sqlite3", clock)
        app = App(Site(DEPLOYMENT), database)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "/slow":
                await asyncio.sleep(2 * SHORT)
            await app(scope, receive, send)

        config = uvicorn.Config(answer, log_config=None, ws="none", lifespan="off")
        server = await asyncio.get_running_loop().create_server(
            lambda: Protocol(config, ServerState(), {}), "127.0.0.1", 0
        )
        try:
            async with server:
                yield server.sockets[0].getsockname()[1]
        finally:
            await database.close()

    async def meet(client: Client) -> None:
        async with serving() as port, asyncio.timeout(ENDLESS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await client(reader, writer)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    return lambda client: asyncio.run(meet(client))


async def answer_of(reader: asyncio.StreamReader) -> bytes:
    """The first line of an answer, which is read to its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))
    return head.partition(b"\r\n")[0]


GET = b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /WebTicket/oauthtoken HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n"


def test_nothing_is_said(run: Run) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.read() == b""

    run(client)


def test_a_head_comes_drop_by_drop(run: Run) -> None:
    """However many come, and after an answer as before: there is a limit to it in all."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/")
        assert await answer_of(reader) == b"HTTP/1.1 200 OK"
        writer.write(b"GET /")
        drops = 0
        while not reader.at_eof():
            writer.write(b"a")
            drops += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), SHORT / 4)
        assert drops > 2

    run(client)


@pytest.mark.parametrize("start", [b"\r\n", b"GET / HT"])
def test_a_head_does_not_go_on(run: Run, start: bytes) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(GET % b"/")
            assert await answer_of(reader) == b"HTTP/1.1 200 OK"
        writer.write(start)
        assert await reader.read() == b""

    run(client)


def test_a_body_does_not_come(run: Run) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(POST + b"grant")
        assert await answer_of(reader) == b"HTTP/1.1 400 Bad Request"
        assert await reader.read() == b""

    run(client)


def test_a_body_comes_slowly(run: Run) -> None:
    """As long as it goes on it may take longer in all."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(POST)
        for _ in range(4):
            await asyncio.sleep(SHORT / 2)
            writer.write(b"a=b&c")
        assert await answer_of(reader) == b"HTTP/1.1 400 Bad Request"
        writer.write(GET % b"/")  # the form was wrong, the connection was not
        assert await answer_of(reader) == b"HTTP/1.1 200 OK"

    run(client)


def test_the_server_itself_takes_longer(run: Run) -> None:
    """That is no fault of the client's."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/slow")
        assert await answer_of(reader) == b"HTTP/1.1 404 Not Found"

    run(client)


def test_the_server_itself_takes_longer_after_a_body_that_came_apart(run: Run) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(POST.replace(b"/WebTicket/oauthtoken", b"/slow"))
        await asyncio.sleep(SHORT / 2)
        writer.write(b"a" * 20)
        assert await answer_of(reader) == b"HTTP/1.1 404 Not Found"

    run(client)


def test_the_server_takes_longer_than_half_a_request(run: Run) -> None:
    """The time of a request starts when the one before is answered."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/slow" + POST + b"a=b")
        assert await answer_of(reader) == b"HTTP/1.1 404 Not Found"
        writer.write(b"&" * 17 + GET % b"/")
        assert await answer_of(reader) == b"HTTP/1.1 400 Bad Request"
        assert await answer_of(reader) == b"HTTP/1.1 200 OK"

    run(client)
