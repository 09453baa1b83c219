"""Transports that replace the network: a server in this process, and recorded exchanges.

Pass one as `transport` to a client of either kind.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlencode

import httpx2

from openucwa.client.errors import ConnectionFailed
from openucwa.client.options import authorities

if TYPE_CHECKING:
    import asyncio

    from anyio.from_thread import BlockingPortal

__all__ = ["InProcess", "Recorder", "Replay"]

_Message = MutableMapping[str, Any]
_App = Callable[
    [_Message, Callable[[], Awaitable[_Message]], Callable[[_Message], Awaitable[None]]],
    Awaitable[None],
]

REDACTED = "REDACTED"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization"})
_SECRET_MEMBERS = frozenset({"access_token", "password", "refresh_token", "ms_rtc_renew"})
_UNKEPT_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "date"})
_SECRET_JSON = re.compile(
    rf'"({"|".join(sorted(_SECRET_MEMBERS))})"\s*:\s*"(?:[^"\\]|\\.)*"', re.IGNORECASE
)
_SECRET_LINE = re.compile(r"^(Authorization|Cookie) *:[^\r\n]*", re.IGNORECASE | re.MULTILINE)
"""In the parts of a batch."""
_LIKE_A_TOKEN = re.compile(r"\bcwt=[\w+/=.-]+")
_ENDPOINT = re.compile(r'"(endpointId|userAgent)"\s*:\s*"[^"]*"', re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary *= *"?([^";]+)', re.IGNORECASE)


class InProcess(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """An ASGI application as the server of every host, in a thread of its own.

    The application starts with the `with` block and stops with it, and so do requests that still
    wait for an answer then. Clients of both kinds may share it, from any thread.
    """

    def __init__(self, app: _App) -> None:
        self._app = app
        self._transport = httpx2.ASGITransport(app)
        self._entered = 0
        self._lock = Lock()
        self._portal: BlockingPortal | None = None
        self._running = ExitStack()
        self._asking: set[asyncio.Task[object]] = set()

    def __enter__(self) -> Self:
        from anyio.from_thread import start_blocking_portal

        with self._lock:
            self._entered += 1
            if self._portal is None:
                with ExitStack() as starting:
                    portal = starting.enter_context(start_blocking_portal())
                    starting.callback(portal.call, self._hang_up)
                    living: AbstractContextManager[None] = portal.wrap_async_context_manager(
                        _lifespan(self._app)
                    )
                    starting.enter_context(living)
                    self._running = starting.pop_all()
                self._portal = portal
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._entered -= 1
            if self._entered == 0:
                self._portal = None
                self._running.close()

    async def __aenter__(self) -> Self:
        from anyio.to_thread import run_sync

        return await run_sync(self.__enter__)

    async def __aexit__(self, *exception: object) -> None:
        from anyio.to_thread import run_sync

        await run_sync(self.__exit__)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Have the application answer."""
        if self._portal is None:
            raise RuntimeError("The application is not running: use InProcess in a with block.")
        request.read()
        try:
            return self._portal.call(self._answered, request)
        except CancelledError as error:
            raise httpx2.ReadError("The application has stopped.", request=request) from error

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Have the application answer."""
        from anyio import CapacityLimiter
        from anyio.to_thread import run_sync

        await request.aread()
        # A limit of its own: requests that wait for events keep their threads for long.
        return await run_sync(
            self.handle_request, request, abandon_on_cancel=True, limiter=CapacityLimiter(1)
        )

    async def _answered(self, request: httpx2.Request) -> httpx2.Response:
        import asyncio

        task = asyncio.current_task()
        assert task is not None
        self._asking.add(task)
        try:
            response = await self._transport.handle_async_request(request)
            return await _whole(response)
        finally:
            self._asking.discard(task)

    async def _hang_up(self) -> None:
        """End the requests that nobody answers any more, like those that wait for events."""
        for task in self._asking:
            task.cancel()


@asynccontextmanager
async def _lifespan(app: _App) -> AsyncIterator[None]:
    """The life of an ASGI application; one that knows nothing of it just goes on."""
    import asyncio

    told: asyncio.Queue[_Message] = asyncio.Queue()
    said: asyncio.Queue[_Message] = asyncio.Queue()
    task = asyncio.ensure_future(
        app({"type": "lifespan", "asgi": {"version": "3.0"}}, told.get, said.put)
    )
    await told.put({"type": "lifespan.startup"})
    answer = asyncio.ensure_future(said.get())
    await asyncio.wait([task, answer], return_when=asyncio.FIRST_COMPLETED)
    if not answer.done():
        answer.cancel()
    elif answer.result()["type"] == "lifespan.startup.failed":
        raise RuntimeError(f"The application can't start: {answer.result().get('message', '')}")
    yield
    if not task.done():
        await told.put({"type": "lifespan.shutdown"})
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()  # looked at: one without a life may say so by an exception


async def _whole(response: httpx2.Response) -> httpx2.Response:
    """A response whose stream either kind of client can read."""
    stream = response.stream
    if isinstance(stream, httpx2.AsyncByteStream):
        content = b"".join([chunk async for chunk in stream])
        await stream.aclose()
    else:
        raise TypeError("the transport returned a stream that can't be awaited")
    # Bytes pure and simple: a server may have names that insist on their spelling.
    headers = [(bytes(name), bytes(value)) for name, value in response.headers.raw]
    return httpx2.Response(response.status_code, headers=headers, stream=httpx2.ByteStream(content))


class Recorder(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A transport that writes down what passes, for `Replay`: to try tests on a real server once.

    `transport` is what it goes through: the network, without a proxy, unless you say otherwise. The
    file is written when the `with` block ends, as JSON. Tokens, passwords and cookies are left out;
    look through it for what else is nobody's business: names, subjects, addresses.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        transport: httpx2.BaseTransport | httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._path = Path(path)
        self._transport = transport
        self._lock = Lock()
        self._exchanges: list[dict[str, object]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.save()

    def save(self) -> None:
        """Write the file with all that has passed so far."""
        with self._lock:
            text = json.dumps({"exchanges": self._exchanges}, indent=1, ensure_ascii=False)
        self._path.write_text(text + "\n", encoding="utf-8")

    def close(self) -> None:
        """Close what it goes through."""
        if isinstance(self._transport, httpx2.BaseTransport):
            self._transport.close()

    async def aclose(self) -> None:
        """Close what it goes through."""
        if isinstance(self._transport, httpx2.AsyncBaseTransport):
            await self._transport.aclose()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass a request on, and keep it with its answer."""
        request.read()
        transport = self._transport
        if transport is None:
            transport = self._transport = httpx2.HTTPTransport(verify=authorities(trust_env=True))
        if not isinstance(transport, httpx2.BaseTransport):
            raise TypeError("The transport of this Recorder supports AsyncClient only.")
        response = transport.handle_request(request)
        assert isinstance(response.stream, httpx2.SyncByteStream)
        content = b"".join(response.stream)
        response.stream.close()
        return self._kept(request, response, content)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass a request on, and keep it with its answer."""
        await request.aread()
        transport = self._transport
        if transport is None:
            transport = self._transport = httpx2.AsyncHTTPTransport(
                verify=authorities(trust_env=True)
            )
        if not isinstance(transport, httpx2.AsyncBaseTransport):
            raise TypeError("The transport of this Recorder supports Client only.")
        response = await _whole(await transport.handle_async_request(request))
        return self._kept(request, response, await _packed(response))

    def _kept(
        self, request: httpx2.Request, response: httpx2.Response, content: bytes
    ) -> httpx2.Response:
        again = httpx2.Response(
            response.status_code, headers=response.headers.raw, stream=httpx2.ByteStream(content)
        )
        unpacked = httpx2.Response(
            response.status_code, headers=response.headers.raw, content=content
        )
        exchange: dict[str, object] = {
            "request": {
                "method": request.method,
                "url": _redacted(str(request.url)),
                "body": _body_of(request),
            },
            "response": {
                "status": response.status_code,
                "headers": [
                    [name, REDACTED if name.lower() in _SECRET_HEADERS else _redacted(value)]
                    for name, value in response.headers.multi_items()
                    if name.lower() not in _UNKEPT_HEADERS
                ],
                "body": _redacted(unpacked.text),
            },
        }
        with self._lock:
            self._exchanges.append(exchange)
        return again


async def _packed(response: httpx2.Response) -> bytes:
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    return b"".join([chunk async for chunk in response.stream])


class Replay(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A transport that answers with what a `Recorder` has written, and nothing else.

    A request is known by its method, address and body. Asked again it gets the next answer that was
    recorded for it, and in the end the last one again. Raises ConnectionFailed for a request that
    was never recorded.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        try:
            found = json.loads(Path(path).read_text(encoding="utf-8"))
            exchanges = found["exchanges"]
            self._answers: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
            for one in exchanges:
                asked = one["request"]
                key = (asked["method"], asked["url"], asked["body"])
                self._answers.setdefault(key, []).append(one["response"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is not a recording of a Recorder.") from error
        self._path = Path(path)
        self._lock = Lock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded answer."""
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The recorded answer."""
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        key = (request.method, _redacted(str(request.url)), _body_of(request))
        with self._lock:
            answers = self._answers.get(key)
            if not answers:
                raise ConnectionFailed(self._unknown(key))
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return httpx2.Response(
            answer["status"],
            headers=[(name, value) for name, value in answer["headers"]],
            stream=httpx2.ByteStream(answer["body"].encode()),
        )

    def _unknown(self, key: tuple[str, str, str]) -> str:
        method, url, body = key
        has = any((method, url) == known[:2] for known in self._answers)
        what = f" with the body {body[:200]}" if has and body else ""
        return f"{self._path.name} has no {method} {url}{what}. Record it again, with this request."


def _body_of(request: httpx2.Request) -> str:
    """The body as it is recorded and compared: without secrets and what each client makes up."""
    text = request.content.decode("utf-8", "replace")
    if boundary := _BOUNDARY.search(request.headers.get("Content-Type", "")):
        text = text.replace(boundary[1], "BOUNDARY")
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return urlencode(
            [
                (name, REDACTED if name in _SECRET_MEMBERS else value)
                for name, value in parse_qsl(text, keep_blank_values=True)
            ]
        )
    return _ENDPOINT.sub(rf'"\1": "{REDACTED}"', _redacted(text))


def _redacted(text: str) -> str:
    text = _SECRET_JSON.sub(rf'"\1": "{REDACTED}"', text)
    text = _SECRET_LINE.sub(rf"\1: {REDACTED}", text)
    return _LIKE_A_TOKEN.sub(REDACTED, text)
