"""A server in this process, as a client reaches it; the oracle watches what passes."""

from collections.abc import Callable
from functools import partial

import httpx2
from anyio import CapacityLimiter, to_thread

from tests.conformance.oracle import Exchange, Oracle
from tests.installation import Installation


class Watched(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Requests go to the server of an installation, and every exchange past the oracle.

    `seen` are the requests in their order. `before` may answer one instead, or raise what a broken
    network does; `after` may do so once the server has answered.
    """

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.seen: list[httpx2.Request] = []
        self.before: Callable[[httpx2.Request], httpx2.Response | None] = lambda _: None
        self.after: Callable[[httpx2.Request, httpx2.Response], httpx2.Response] = (
            lambda _, response: response
        )
        self._server = httpx2.ASGITransport(installation.client.app)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.seen.append(request)
        if (instead := self.before(request)) is not None:
            return instead
        portal = self.installation.client.portal
        assert portal is not None
        exchange: Exchange = portal.call(self._answered, request)
        self.installation.findings.extend(map(str, Oracle.load().check(exchange)))
        response = httpx2.Response(
            exchange.status,
            headers=exchange.response_headers,
            stream=httpx2.ByteStream(exchange.response_body),
        )
        return self.after(request, response)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        return await to_thread.run_sync(
            partial(self.handle_request, request),
            abandon_on_cancel=True,
            limiter=CapacityLimiter(1),
        )

    async def _answered(self, request: httpx2.Request) -> Exchange:
        response = await self._server.handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        return Exchange(
            method=request.method,
            url=str(request.url),
            request_headers=request.headers.multi_items(),
            request_body=request.content,
            status=response.status_code,
            response_headers=[
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in response.headers.raw
            ],
            response_body=b"".join([chunk async for chunk in response.stream]),
            raw_header_case=True,
        )

    def count(self, method: str, ending: str) -> int:
        """How many requests of that method went to a path with that ending."""
        return sum(
            one.method == method and one.url.path.lower().endswith(ending.lower())
            for one in self.seen
        )
