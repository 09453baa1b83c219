"""A connection's patience: how long it waits for its client, and what it does for one that left."""

import asyncio
import logging
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from pathlib import Path

import pytest
import uvicorn
import uvloop
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from openucwa.http import closing, connections, protocol, unread
from openucwa.http.accepting import Accepting
from openucwa.http.app import App
from openucwa.http.connections import Connections
from openucwa.http.protocol import Protocol
from openucwa.http.site import Site
from openucwa.store.sqlite import SQLite
from tests.installation import DEPLOYMENT, Clock

pytestmark = pytest.mark.slow

SHORT = 0.4
ENDLESS = 60.0
LARGE = 32 * 1024 * 1024
"""Bytes of an answer for which the system has no room, so that the server has to keep them."""

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Run = Callable[[Client], None]


@pytest.fixture
def crowd() -> Connections:
    """The connections of the server."""
    return Connections()


@pytest.fixture
def run(tmp_path: Path, clock: Clock, crowd: Connections, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a client of a server whose patience is short.

    Its answers to /slow are late, those to /large and /last are large, the latter in one piece, and
    /wait waits until its client has gone.
    """
    monkeypatch.setattr(protocol, "PATIENCE", SHORT)
    monkeypatch.setattr(unread, "PATIENCE", SHORT)

    @asynccontextmanager
    async def serving() -> AsyncIterator[int]:
        database = SQLite(tmp_path / "openucwa.sqlite3", clock)
        app = App(Site(DEPLOYMENT), database)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "/slow":
                await asyncio.sleep(2 * SHORT)
            elif scope["path"] == "/large":
                await send_large(send)
                return
            elif scope["path"] == "/last":
                await send_large(send, pieces=1)
                return
            elif scope["path"] == "/wait":
                body = await receive()
                await receive()
                receive = again(body)
            await app(scope, receive, send)

        config = uvicorn.Config(answer, log_config=None, ws="none", lifespan="off")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            accepting = Accepting(
                listener,
                crowd,
                lambda slot: Protocol(config, ServerState(), {}, slot=slot),
                None,
            )
            try:
                yield listener.getsockname()[1]
            finally:
                accepting.close()
                await database.close()

    async def meet(client: Client) -> None:
        async with (
            serving() as port,
            asyncio.timeout(ENDLESS),
            connected("127.0.0.1", port) as (reader, writer),
        ):
            await client(reader, writer)

    def run(client: Client) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(meet(client))

    return run


@asynccontextmanager
async def connected(host: str, port: int) -> AsyncIterator[Ends]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def another(writer: asyncio.StreamWriter) -> AbstractAsyncContextManager[Ends]:
    """Another connection to the same server."""
    return connected(*writer.get_extra_info("peername"))


def again(message: Message) -> Receive:
    async def receive() -> Message:
        return message

    return receive


async def send_large(send: Send, pieces: int = 2) -> None:
    length = str(LARGE).encode()
    headers = [(b"Content-Length", length), (b"Connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": bytes(LARGE), "more_body": pieces > 1})
    if pieces > 1:
        await send({"type": "http.response.body", "body": b""})


async def until_left(crowd: Connections, count: int) -> None:
    while crowd.count > count:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)


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


def test_a_body_comes_slowly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it comes at the least rate, it may take longer in all."""
    monkeypatch.setattr(protocol, "LEAST_RATE", 20 / ENDLESS)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(POST)
        for _ in range(4):
            await asyncio.sleep(SHORT / 2)
            writer.write(b"a=b&c")
        assert await answer_of(reader) == b"HTTP/1.1 400 Bad Request"
        writer.write(GET % b"/")  # the form was wrong, the connection was not
        assert await answer_of(reader) == b"HTTP/1.1 200 OK"

    run(client)


def test_a_body_comes_drop_by_drop(run: Run) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(POST.replace(b"20", b"100000"))
        answer = asyncio.create_task(answer_of(reader))
        drops = 0
        while not answer.done():
            writer.write(b"a")
            drops += 1
            await asyncio.wait([answer], timeout=SHORT / 4)
        assert await answer == b"HTTP/1.1 400 Bad Request"
        assert drops > 2

    run(client)


def test_an_answer_is_not_read(run: Run, crowd: Connections) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/large")
        await reader.readexactly(1)
        await until_left(crowd, 0)
        with suppress(ConnectionError):
            assert len(await reader.read()) < LARGE

    run(client)


def test_a_last_answer_that_is_not_read_takes_up_a_place(run: Run, crowd: Connections) -> None:
    """Or a client has as many connections as it likes: the server is done with each of them."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/last")
        await reader.readexactly(1)
        await asyncio.sleep(SHORT / 4)
        assert crowd.count == 1
        await until_left(crowd, 0)
        with suppress(ConnectionError):
            assert len(await reader.read()) < LARGE

    run(client)


def test_a_last_answer_is_read(run: Run, crowd: Connections) -> None:
    """The client that has read all of it takes up no place any longer."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/last")
        assert len(await reader.read()) > LARGE
        await until_left(crowd, 0)
        writer.write(b"more")  # the connection is still there
        await writer.drain()

    run(client)


def test_an_answer_is_read_slowly(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "LEAST_RATE", 1)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/large")
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(4):
            await reader.readexactly(LARGE // 4)
            await asyncio.sleep(0.9 * SHORT)
        assert await reader.read() == b""

    run(client)


def test_answers_that_nobody_reads_have_a_limit_together(
    run: Run, crowd: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has not read for the longest time makes room."""
    monkeypatch.setattr(unread, "PATIENCE", 2 * ENDLESS)
    monkeypatch.setattr(connections, "ANSWERS", LARGE)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/large")
        await reader.readexactly(1)
        async with another(writer) as (later, its_writer):
            its_writer.write(GET % b"/large")
            await until_left(crowd, 1)
            with suppress(ConnectionError):
                assert len(await reader.read()) < LARGE
            assert len(await later.read()) > LARGE

    run(client)


def test_bodies_have_a_limit_together(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond it is read and not kept; small ones are always taken."""
    monkeypatch.setattr(protocol, "PATIENCE", ENDLESS)
    monkeypatch.setattr(connections, "REQUESTS", 500_000)
    size = 400_000

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        half = b"a" * (size // 2)
        async with AsyncExitStack() as stack:
            others = [await stack.enter_async_context(another(writer)) for _ in range(3)]
            for _, one in others:
                one.write(POST.replace(b"20", b"%d" % size) + half)
            for _ in range(2):
                writer.write(POST + b"grant_type=password&")
                assert await answer_of(reader) == b"HTTP/1.1 400 Bad Request"
            answers = []
            for its_reader, one in others:
                one.write(half)
                answers.append(await answer_of(its_reader))
                one.write(POST + b"grant_type=password&")  # the connection goes on
                assert await answer_of(its_reader) == b"HTTP/1.1 400 Bad Request"
        taken, refused = b"HTTP/1.1 400 Bad Request", b"HTTP/1.1 503 Service Unavailable"
        assert sorted(answers) == [taken, refused, refused]

    run(client)


def test_too_many_requests_come_before_their_answers(run: Run) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/slow" + GET % b"/" * 5000)
        answers = [await answer_of(reader) for _ in range(protocol.MOST_PIPELINED + 2)]
        assert answers[-2:] == [b"HTTP/1.1 200 OK", b"HTTP/1.1 429 Too Many Requests"]
        assert await reader.read() == b""

    run(client)


@pytest.mark.parametrize("requests", [1, 3])
def test_a_client_closes_its_side(run: Run, requests: int) -> None:
    """Whatever has come whole is answered."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/slow" * requests + b"GET / HT")
        writer.write_eof()
        for _ in range(requests):
            assert await answer_of(reader) == b"HTTP/1.1 404 Not Found"
        assert await reader.read() == b""

    run(client)


def test_a_client_closes_its_side_within_a_body(run: Run) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(POST + b"a=b")
        writer.write_eof()
        assert await answer_of(reader) == b"HTTP/1.1 400 Bad Request"
        assert await reader.read() == b""

    run(client)


def test_a_client_closes_its_side_and_waits(run: Run) -> None:
    """It may have gone, so nobody waits for it any longer."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/wait")
        writer.write_eof()
        assert await answer_of(reader) == b"HTTP/1.1 404 Not Found"
        assert await reader.read() == b""

    run(client)


@pytest.mark.parametrize("path", [b"/slow", b"/large", b"/wait"])
def test_a_client_asks_on_and_on_and_hangs_up(
    run: Run, crowd: Connections, path: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Its other requests are not carried out, and the log has nothing to tell."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % path * 20)
        await asyncio.sleep(SHORT / 2)
        at_once = struct.pack("ii", 1, 0)
        its_socket = writer.get_extra_info("socket")
        its_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()
        await until_left(crowd, 0)
        await asyncio.sleep(3 * SHORT)  # for what would go on by mistake

    run(client)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_there_is_a_limit_to_connections(run: Run, crowd: Connections) -> None:
    """Who waits for nothing makes room, others are told so, and many more are not heard at all."""
    crowd.most = 2

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GET % b"/wait")
        async with another(writer) as (idle, _), another(writer) as (_, busy):
            assert await idle.read() == b""
            busy.write(GET % b"/wait")
            await asyncio.sleep(SHORT / 4)
            async with another(writer) as (refused, its_writer):
                its_writer.write(GET % b"/")
                head = await refused.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 503 ")
                assert b"\r\nRetry-After: " in head

    run(client)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400 Bad Request"),
        (GET % b"/" + b"nonsense\r\n\r\n", b"200 OK"),
        (GET % b"/" + GET.replace(b"Host", b"Connection: close\r\nHost") % b"/", b"200 OK"),
        (GET.replace(b"a\r", b"a" * 99_999 + b"\r") % b"/", b"413 Request Entity Too Large"),
    ],
)
def test_a_client_goes_on_sending(run: Run, crowd: Connections, sent: bytes, status: bytes) -> None:
    """It can read the last answer all the same, and takes up no place meanwhile."""

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as its_own:
            its_own.setblocking(False)
            await loop.sock_connect(its_own, writer.get_extra_info("peername"))
            while crowd.count < 2:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0.01)
            await loop.sock_sendall(its_own, sent)
            await until_left(crowd, 1)
            for _ in range(5):
                await loop.sock_sendall(its_own, b"more")
                await asyncio.sleep(0.02)
            answers = b""
            while some := await loop.sock_recv(its_own, 4096):
                answers += some
        assert answers.startswith(b"HTTP/1.1 " + status)
        assert answers.endswith(b"}")

    run(client)


def test_a_client_does_not_close_its_side(
    run: Run, crowd: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server closes the connection after a while, and earlier if there are many."""
    monkeypatch.setattr(connections, "MOST_LINGERING", 2)

    async def until_closed(writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while True:
                writer.write(b"more")
                await writer.drain()
                await asyncio.sleep(0.02)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with AsyncExitStack() as stack:
            writers = [writer]
            while len(writers) < 4:
                writer.write(b"nonsense\r\n\r\n")
                await reader.read()
                reader, writer = await stack.enter_async_context(another(writer))
                writers.append(writer)
            began = time.monotonic()
            await until_closed(writers[0])
            assert time.monotonic() - began < closing.PATIENCE / 2
            await until_closed(writers[1])
            await until_closed(writers[2])
            assert time.monotonic() - began < 2 * closing.PATIENCE

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
