"""HTTP on a connection: uvicorn's, with limits, and with answers of our own to what is no request.

Whatever can't be carried out is handed to the application with the error to answer: it is told in
UCWA's form, in its turn, and logged as any other request.
"""

import asyncio
import re

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from openucwa.http.request import LAST, REFUSAL
from openucwa.wire.errors import BadRequest, EntityTooLarge, UcwaError

LARGEST_HEAD = 64 * 1024
"""Bytes of the target and the headers together. A Kerberos ticket, the largest, has 64,000."""
MOST_HEADERS = 200
PATIENCE = 30.0
"""Seconds within which a request's head has to come, and then some part of its body."""

# A head that is too large is read to its end all the same, within limits: see read_body. What
# frames a body counts, too: the lengths of chunks, with what may follow them, and trailers.
_MOST_READ = 8 * LARGEST_HEAD

_ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_CLOSE = {"Connection": "close"}


class Protocol(HttpToolsProtocol):
    """A connection."""

    _refused = False
    """Whether an error has ended what the client can say."""
    _in_head = True
    """Whether a request's head comes next, or goes on."""
    _read = 0
    """Bytes since the current request began that were not of its body, or a few more: all that
    came with its beginning counts."""
    _came = 0
    """Bytes that came last."""
    _clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._came = len(data)
        self._read += self._came
        while data and not self._refused:
            try:
                self.parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                data = self._not_upgraded() + data[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                self._refuse(_malformed(error))
        if self._read > _MOST_READ:
            self._refuse(_too_large())
        self._watch()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._read = self._came

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        is_absolute = not self.url.startswith(b"/")
        if is_absolute and (found := _ABSOLUTE.fullmatch(self.url)):  # RFC 9112, section 3.2.2
            host, rest = found.groups()
            self.url = rest if rest.startswith(b"/") else b"/" + rest
            self.headers[:] = [one for one in self.headers if one[0] != b"host"]
            self.headers.append((b"host", host))
        is_too_large = self._is_too_large()
        if is_too_large:
            self.url = b"/"
        super().on_headers_complete()
        self._in_head = False
        self._stop_clock()
        self.headers = []  # for trailers, which are no headers
        if is_too_large:
            self._refuse(_too_large())

    def _is_too_large(self) -> bool:
        """Whether the head is. It is not weighed where all that came is too small for that."""
        if len(self.headers) > MOST_HEADERS:
            return True
        if self._read <= LARGEST_HEAD:
            return False
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        return size > LARGEST_HEAD

    def on_body(self, body: bytes) -> None:
        self._read -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()
            self._in_head = True
            self._stop_clock()  # which ran for the body

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_head:  # now it is the turn of the request whose body is coming
            self._watch()

    def shutdown(self) -> None:
        """The server stops. Let the answer say so: uvicorn would, but not in canonical case.

        Who is idle does not read, so takes no leave either. TLS would wait half a minute for it.
        """
        is_idle = getattr(self.cycle, "response_complete", True)  # there may be no cycle yet
        is_idle = is_idle and not self.transport.get_write_buffer_size()
        super().shutdown()
        if self.cycle is not None:
            self.cycle.scope["state"][LAST] = True
        if is_idle:
            self.transport.abort()

    def _not_upgraded(self) -> bytes:
        """The head of a request that offers another protocol, without the offer.

        Some HTTP libraries offer HTTP/2 with every request. The parser takes the offer as accepted,
        and what follows, the request's own body even, as of the other protocol.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            self._refuse(BadRequest("This is a server, not a proxy.", headers=_CLOSE))
            return b""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        kept = (line for line in self.headers if line[0] != b"upgrade")
        lines = (b"%s: %s\r\n" % line for line in kept)
        return b"%s %s HTTP/%s\r\n%s\r\n" % (method, self.url, version.encode(), b"".join(lines))

    def _refuse(self, error: UcwaError) -> None:
        """Let the answer to the request that is coming be an error, and hear no more."""
        if self._refused:
            return
        self._refused = True
        self._stop_clock()
        if self._in_head:
            self.on_message_begin()
            self.url = b"/"
            super().on_headers_complete()
            self.scope["method"] = "-"  # what was read of it may be anything
        if self.cycle.response_complete:  # it had its answer before all of it had come
            self.transport.close()
            return
        self.cycle.scope["state"][REFUSAL] = error
        self.cycle.more_body = False
        self.cycle.message_event.set()

    def _watch(self) -> None:
        """Start the clock where it is the client's turn: once for a head, anew within a body."""
        if self._in_head:
            is_done = getattr(self.cycle, "response_complete", True)  # there may be no cycle yet
            if self._clock or not is_done:
                return
        self._stop_clock()
        if not self._refused:
            self._clock = self.loop.call_later(PATIENCE, self._lose_patience)

    def _lose_patience(self) -> None:
        self._clock = None
        if self._in_head:
            self.transport.close()
        elif self.flow.read_paused:  # it was not the client's turn: an earlier request is answered
            self._watch()
        else:
            self._refuse(BadRequest("The body did not come. Send all of it.", headers=_CLOSE))

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None


def _malformed(error: httptools.HttpParserError) -> BadRequest:
    is_ours = isinstance(error, httptools.HttpParserCallbackError)
    reason = "Its target is no address" if is_ours else str(error)
    return BadRequest(f"This is no request in HTTP/1.1: {reason}.", headers=_CLOSE)


def _too_large() -> EntityTooLarge:
    return EntityTooLarge(
        f"The request's address and headers have more than {LARGEST_HEAD // 1024} KiB, or there "
        f"are more than {MOST_HEADERS} headers. Send less.",
        headers=_CLOSE,
    )
