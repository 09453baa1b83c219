"""Requests over HTTP: sent again where that is safe, and answered whole or not at all."""

import time

import httpx2

from openucwa.client._async.concurrency import sleep
from openucwa.client.backoff import backoff
from openucwa.client.errors import AnswerLost, CertificateRefused, ConnectionFailed, NotUcwa
from openucwa.client.failures import (
    NOT_DONE,
    REPEATED,
    TRANSIENT,
    retry_after,
    unconnected,
    unsent,
)
from openucwa.client.options import LONGEST

LARGEST = 64 * 1024 * 1024
"""The largest number of bytes of an answer, unpacked."""
_CONNECT = 10.0
"""A host that does not take a connection for so many seconds is not there."""
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 3.0
_PACKING = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class AsyncConnection:
    """The connection that a client sends through.

    `timeout` is how many seconds each step of a request may take, `patience` how many are spent on
    trying again: while the server restarts, for example.
    """

    def __init__(self, http: httpx2.AsyncClient, *, timeout: float, patience: float) -> None:
        self._http = http
        self._timeout = timeout
        self._patience = patience
        self._known: set[tuple[str, str, int | None]] = set()

    def request(
        self,
        method: str,
        url: httpx2.URL,
        *,
        headers: dict[str, str],
        content: bytes | None = None,
        within: float | None = None,
        limit: float = LONGEST,
    ) -> httpx2.Request:
        """A request that may take `within` seconds to be answered, or as long as any other.

        `limit` is how many seconds each of its steps may take at most.
        """
        timeout = min(self._timeout, limit)
        limits = httpx2.Timeout(
            timeout, connect=min(timeout, _CONNECT), read=min(within or timeout, LONGEST)
        )
        return self._http.build_request(
            method,
            url,
            headers=httpx2.Headers(headers, encoding="utf-8"),  # an ETag may be more than ASCII
            content=content,
            timeout=limits,
        )

    async def send(
        self, request: httpx2.Request, *, safe: bool, changes: bool = False, patient: bool = True
    ) -> httpx2.Response:
        """Send a request and read the whole answer, whatever its status.

        `safe` tells that to do it twice is as good as once: then it is sent again when no answer
        came, or one that is good only for now. Anything else is sent again only if it is certain
        that it was not done; and nothing is without `patient`. Raises ConnectionFailed; that is
        AnswerLost for what is not safe, or what `changes` something, if it may have been done.
        """
        ends = time.monotonic() + (self._patience if patient else 0.0)
        repeated = False
        failures = 0
        while True:
            wait = backoff(failures, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE)
            try:
                response = await self._once(request)
            except UnicodeError as error:  # of a host whose name can't be
                raise ConnectionFailed(f"There is no host named {request.url.host!r}.") from error
            except httpx2.RequestError as error:
                failure = unconnected(error, request, safe=safe and not changes)
                if changes and repeated and not isinstance(failure, AnswerLost):
                    failure = AnswerLost(
                        f"{failure} An earlier try of this request may have been executed. Check "
                        "before you repeat it."
                    )
                if not self._is_worth_repeating(error, failure, request, safe=safe):
                    raise failure from error
                if time.monotonic() + wait > ends:
                    raise failure from error
                repeated = repeated or not unsent(error)
            else:
                self._known.add(_origin(request.url))
                if repeated:
                    response.extensions[REPEATED] = True
                if not _is_for_now(response, safe=safe):
                    return response
                wait = max(wait, retry_after(response) or 0.0)
                if time.monotonic() + wait > ends:
                    return response
                repeated = repeated or response.status_code not in NOT_DONE
            await sleep(wait)
            failures += 1

    def _is_worth_repeating(
        self,
        error: httpx2.RequestError,
        failure: ConnectionFailed,
        request: httpx2.Request,
        *,
        safe: bool,
    ) -> bool:
        """Return whether a retry is safe, and may succeed: not at a server that never answered."""
        if isinstance(failure, CertificateRefused) or _origin(request.url) not in self._known:
            return False
        return safe or unsent(error)

    async def _once(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._http.send(request, stream=True)
        try:
            content = await self._content(response)
        finally:
            await response.aclose()
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in _PACKING
        ]
        phrase = response.extensions.get("reason_phrase", b"")
        return httpx2.Response(
            response.status_code,
            headers=headers,
            content=content,
            request=request,
            extensions={"reason_phrase": phrase} if phrase else {},
        )

    async def _content(self, response: httpx2.Response) -> bytes:
        """The body, unpacked. A server that sends it drop by drop has as long as for an answer."""
        ends = time.monotonic() + self._timeout
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > LARGEST:
                raise NotUcwa(
                    f"{response.request.url.host} sent more than {LARGEST // 2**20} MiB in one "
                    "answer. Check that it is a UCWA server."
                )
            if time.monotonic() > ends:
                raise httpx2.ReadTimeout("the answer did not end", request=response.request)
        return bytes(content)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_for_now(response: httpx2.Response, *, safe: bool) -> bool:
    """Return whether the same request may get another answer soon."""
    return response.status_code in (TRANSIENT if safe else NOT_DONE)
