"""HTTP on a connection: uvicorn's, with limits, and with answers of our own to what is no request.

Whatever can't be carried out is handed to the application with the error to answer: it is told in
UCWA's form, in its turn, and logged as any other request.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from openucwa.http import head, refusals
from openucwa.http.closing import Closing
from openucwa.http.connections import Connections, Slot
from openucwa.http.head import LARGEST_HEAD
from openucwa.http.request import HANG_UP, LARGEST_BODY, LAST, MOST_READ, REFUSAL, WHEN_GONE
from openucwa.http.unread import Unread
from openucwa.wire.errors import UcwaError

MOST_PIPELINED = 16
"""Requests that a client sends before it has the answers to those before them.

They are parsed as they come, for which all other connections wait.
"""
PATIENCE = 30.0
"""Seconds within which a request's head has to come, and then some part of its body."""
LEAST_RATE = 4096
"""Bytes of a body that have to come in each second after the first PATIENCE."""
LAST_PATIENCE = 2.0
"""Seconds within which the rest of a request has to come when the server stops."""

# A head that is too large is read to its end all the same, within limits: see read_body. What
# frames a body counts, too: the lengths of chunks, with what may follow them, and trailers.
_MOST_FRAMING = 8 * LARGEST_HEAD
# What the objects take that stand for a request, however short it is.
_REQUEST = 4096


class Protocol(HttpToolsProtocol):
    """A connection, which has a slot among the others."""

    _refused = False
    """True if an error has ended the input of the client."""
    _in_head = True
    """True if a request's head comes next, or goes on."""
    _read = 0
    """Bytes since the current request began that were not of its body, or a few more: all that
    came with its beginning counts."""
    _came = 0
    """Bytes that came last."""
    _body = 0
    """Bytes that have come of the current request's body."""
    _held = 0
    """Bytes that are counted for a request while its head comes."""
    _clock: asyncio.TimerHandle | None = None
    _turn_began = 0.0
    """The time at which the server began to wait for the body, by the clock of the event loop."""
    _running: RequestResponseCycle | None = None
    """The request that is carried out. `cycle` is the last that has come."""
    _has_ended = False
    """True when the client has closed its side of the connection. It may still read."""
    _is_stopping = False
    _gone: Callable[[], None] | None = None
    """Called when the client hangs up, by which the request that is carried out stops waiting."""

    def __init__(self, *given: Any, slot: Slot | None = None, **named: Any) -> None:
        super().__init__(*given, **named)
        self._slot = slot or Slot(Connections())
        self._held_of: dict[RequestResponseCycle, int] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._unread = Unread(self.loop, transport, self._slot)
        self._closing = Closing(self.loop, transport, self._slot, self._is_sending)
        self._slot.works()  # the handshake is done: from now on the client owes a request
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clock()
        self._unread.stop()
        self._closing.stop()
        self._slot.leave()
        self.pipeline.clear()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
            self._tell_gone()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override] # as asyncio's
        """Let a client that has closed its side read the answers to what it has asked.

        It may as well have gone. So a pending GET is told, which then does not wait any longer.
        """
        self._has_ended = True
        if self._closing.has_begun:
            return False
        if not self._in_head:
            self._refuse(refusals.unfinished())
        if self.scheme == "https" or not self._is_answering():
            return False
        assert self._running is not None
        self._running.message_event.set()
        self._tell_gone()
        self.cycle.keep_alive = False
        self.cycle.scope["state"][LAST] = True
        return True

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread.stalls()

    def resume_writing(self) -> None:
        self._slot.was_read()
        super().resume_writing()
        self._closing.was_read()

    def data_received(self, data: bytes) -> None:
        if self._closing.has_begun:
            self._closing.discards(len(data))
            return
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
                self._refuse(refusals.malformed(error))
        if self._read > _MOST_FRAMING:
            self._refuse(head.too_large())
        if self._held:
            self._hold(self._read)
            if self._slot.lacks_memory():
                self._refuse(refusals.busy())
        self._watch()

    def on_message_begin(self) -> None:
        is_one_too_many = len(self.pipeline) >= MOST_PIPELINED
        if (is_one_too_many or self._slot.lacks_memory()) and not self._refused:
            self._refuse(refusals.too_many(MOST_PIPELINED) if is_one_too_many else refusals.busy())
            raise OverflowError  # so that the parser does not go on
        super().on_message_begin()
        self._read, self._body = self._came, 0
        self._hold(_REQUEST)

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        self.url = head.target(self.url, self.parser.get_method(), self.headers)
        error = head.problem(self.url, self.headers, self._read)
        if self._slot.is_beyond:
            error = refusals.crowded()
        if error:
            self.url = b"/"
        super().on_headers_complete()
        self.cycle.scope["state"][HANG_UP] = self.transport.abort
        self.cycle.scope["state"][WHEN_GONE] = self._when_gone
        self._in_head = False
        self._held_of[self.cycle], self._held = self._held, 0
        self._turn_began = self.loop.time()
        self._slot.gets_body(self.transport.abort)
        self._stop_clock()
        self.headers = []  # for trailers, which are no headers
        if error:
            self._refuse(error)

    def on_body(self, body: bytes) -> None:
        size = len(body)
        self._read -= size
        self._body += size
        if self._body > MOST_READ:
            self._refuse(refusals.endless_body())
        if self.cycle.response_complete or REFUSAL in self.cycle.scope["state"]:
            return  # it is read to its end all the same: see read_body
        if self._body <= LARGEST_BODY:
            self._slot.hold(size)
            self._held_of[self.cycle] += size
        if self._slot.lacks_memory():
            self._drop(refusals.busy())
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()
            self._in_head = True
            self._stop_clock()  # which ran for the body
            self._slot.works()

    def on_response_complete(self) -> None:
        self._gone = None
        if self._running is not None:
            self._slot.release(self._held_of.pop(self._running, 0))
        self._unread.answered()
        if self._closing.has_begun:
            self._stop_clock()
            self.pipeline.clear()
            self.flow.resume_reading()
            return
        super().on_response_complete()
        if not self._in_head:  # now it is the turn of the request whose body is coming
            self._turn_began = self.loop.time()
            self._watch()
        elif not self._is_answering():
            self._slot.waits(self.transport.abort)
            if self._has_ended:
                self.transport.close()

    def shutdown(self) -> None:
        """The server stops. Let the answer say so: uvicorn would, but not in canonical case.

        Who is idle does not read, so takes no leave either. TLS would wait half a minute for it.
        A request that is still coming, or an answer that is being read, has little time to end.
        """
        if self._closing.has_begun:
            self._unread.hurry(LAST_PATIENCE)
            return
        is_idle = getattr(self.cycle, "response_complete", True)  # there may be no cycle yet
        is_idle = is_idle and not self.transport.get_write_buffer_size()
        super().shutdown()
        if self.cycle is not None:
            self.cycle.scope["state"][LAST] = True
        if is_idle:
            self.transport.abort()
            return
        self._is_stopping = True
        self._unread.hurry(LAST_PATIENCE)
        if not self._in_head:
            self._turn_began = self.loop.time()
            self._watch()

    def _not_upgraded(self) -> bytes:
        """The head of a request that offers another protocol, without the offer.

        Some HTTP libraries offer HTTP/2 with every request. The parser takes the offer as accepted,
        and what follows, the request's own body even, as of the other protocol.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version()
        if method == b"CONNECT":
            self._refuse(refusals.of_proxy())
            return b""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        kept = (line for line in self.headers if line[0] != b"upgrade")
        lines = (b"%s: %s\r\n" % line for line in kept)
        return b"%s %s HTTP/%s\r\n%s\r\n" % (method, self.url, version.encode(), b"".join(lines))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        cycle.transport = self._closing
        super()._start_asgi_task(cycle, app)

    def _when_gone(self, call: Callable[[], None]) -> None:
        self._gone = call
        if self._has_ended or self.transport.is_closing():
            self._tell_gone()

    def _tell_gone(self) -> None:
        if self._gone is not None:
            self._gone()

    def _is_answering(self) -> bool:
        """Return whether a request has come that has not been answered."""
        return self._running is not None and not self._running.response_complete

    def _is_sending(self) -> bool:
        """Return whether more may come after the last answer.

        Clients on TLS can't be told that no other answer will come without closing the connection,
        so they get the time only for the rest of a request.
        """
        is_unfinished = self._refused or not self._in_head
        return not self._has_ended and (self.scheme != "https" or is_unfinished)

    def _hold(self, size: int) -> None:
        """Count so many bytes for the request whose head is coming."""
        if size > self._held:
            self._slot.hold(size - self._held)
            self._held = size

    def _drop(self, error: UcwaError) -> None:
        """Let the answer be an error when the body has come, of which nothing is kept."""
        self.cycle.scope["state"][REFUSAL] = error
        self.cycle.body.clear()
        self.cycle.message_event.set()  # so that the application lets go of what it has
        self._slot.release(self._held_of[self.cycle])
        self._held_of[self.cycle] = 0

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
            self._closing.close()
            return
        self.cycle.keep_alive = False
        self.cycle.scope["state"].setdefault(REFUSAL, error)
        self.cycle.scope["state"][LAST] = True
        self.cycle.more_body = False
        self.cycle.message_event.set()
        self._slot.works()

    def _watch(self) -> None:
        """Start the clock where it is the client's turn: once for a head, anew within a body."""
        if self._in_head:
            is_done = getattr(self.cycle, "response_complete", True)  # there may be no cycle yet
            if self._clock or not is_done:
                return
        self._stop_clock()
        if not self._refused:
            self._clock = self.loop.call_later(self._patience(), self._lose_patience)
            self._slot.waits(self.transport.abort)

    def _patience(self) -> float:
        """Seconds that the server waits for what comes next of a request."""
        is_short = self._is_stopping or self._slot.is_beyond
        patience = LAST_PATIENCE if is_short else PATIENCE
        if self._in_head:
            return patience
        earned = 0.0 if is_short else min(self._body, LARGEST_BODY) / LEAST_RATE
        return min(patience, max(0.0, self._turn_began + patience + earned - self.loop.time()))

    def _lose_patience(self) -> None:
        self._clock = None
        if self._in_head:
            self.transport.close()
        elif self.flow.read_paused:  # it was not the client's turn: an earlier request is answered
            self._turn_began = self.loop.time()
            self._watch()
        elif self._is_stopping:
            self._refuse(refusals.stopping())
        else:
            self._refuse(refusals.slow_body(LEAST_RATE))

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
