"""A client that lives through the end of a server: it tells what is known of each request.

It takes every address from an answer, as clients do.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bench.client import JSON, Client
from bench.http import TIMEOUT_SECONDS, Answer, Connection, NoAnswer, NotSent
from prove.servers import PASSWORD

Resource = Mapping[str, Any]
UNAVAILABLE = 503
"""The answer of a server without a database. A write may have been carried out before."""
PAUSE = 0.02
"""Seconds to wait while the server is down, or has lost its database."""
_BATCH = "multipart/batching"
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ([^\r\n]*)")


@dataclass(frozen=True)
class Request:
    """A request of a user who is signed in; `headers` are those beside the usual."""

    method: str
    href: str
    content: Resource | str | None = None
    headers: Mapping[str, str] | None = None

    @property
    def body(self) -> bytes:
        """The content as it is sent; a text is sent as it is."""
        if isinstance(self.content, str):
            return self.content.encode()
        return b"" if self.content is None else json.dumps(self.content).encode()

    def part(self) -> bytes:
        """The request as a part of a batch."""
        sent = {"Accept": JSON, "Content-Type": JSON, **(self.headers or {})}
        lines = [f"{self.method} {self.href} HTTP/1.1", *(f"{n}: {v}" for n, v in sent.items())]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Session:
    """A user who is signed in, and an application of hers."""

    user: str
    token: str
    application: Resource

    @property
    def href(self) -> str:
        """The application's address, with which those of all that it leads to begin."""
        return str(self.application["_links"]["self"]["href"])

    @property
    def meetings(self) -> str:
        """The URL at which meetings are scheduled."""
        found = self.application["_embedded"]["onlineMeetings"]["_links"]["myOnlineMeetings"]
        return str(found["href"])


class Line:
    """A connection, opened anew whenever it has broken. `patience` is in seconds."""

    def __init__(self, root: str, session: Session, patience: float = TIMEOUT_SECONDS) -> None:
        self.session = session
        self._connection = Connection(root, patience)

    def ask(self, request: Request) -> Answer:
        """Send a request, and return its answer. Raises NotSent and NoAnswer."""
        self.send(request)
        return self.answer()

    def insist(self, request: Request) -> Answer:
        """Send a request that may be sent twice, until it is answered by who can.

        Raises NoAnswer when nobody can for long.
        """
        end = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < end:
            with suppress(NotSent, NoAnswer):
                answer = self.ask(request)
                if answer.status != UNAVAILABLE:
                    return answer
            self.close()
            time.sleep(PAUSE)
        raise NoAnswer(f"nobody answers {request.method} {request.href}")

    def ask_batch(self, requests: Sequence[Request]) -> list[Answer]:
        """Send requests as one, and return their answers. Raises NotSent and NoAnswer.

        The answer is one alone when the whole batch was refused.
        """
        boundary = str(uuid4())
        opening = f"--{boundary}\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
        parts = (opening.encode() + one.part() + b"\r\n" for one in requests)
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        headers = {"Accept": _BATCH, "Content-Type": f"{_BATCH};boundary={boundary}"}
        self._send("POST", self.session.application["_links"]["batch"]["href"], body, headers)
        whole = self.answer()
        return _parts(whole) if whole.status == 200 else [whole]

    def send(self, request: Request) -> None:
        """Send a request. Raises NotSent and NoAnswer."""
        self._send(request.method, request.href, request.body, request.headers or {})

    def answer(self) -> Answer:
        """Return the answer to what was sent. Raises NoAnswer."""
        return self._connection.answer()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _send(self, method: str, href: str, body: bytes, headers: Mapping[str, str]) -> None:
        usual = {"Accept": JSON, "Authorization": f"Bearer {self.session.token}"}
        if body:
            usual["Content-Type"] = JSON
        self._connection.send(method, href, usual | dict(headers), body or None)


def sign_in(root: str, user: str) -> Session:
    """Sign a user in, in an application of her own."""
    with Client(root) as client:
        client.sign_in(user, PASSWORD)
        return Session(user.partition("@")[0], client.token, client.application)


def _parts(whole: Answer) -> list[Answer]:
    """The answers in the answer to a batch."""
    boundary = whole.header("Content-Type").partition("boundary=")[2].strip('"')
    found = []
    for part in whole.body.split(f"--{boundary}".encode())[1:-1]:
        _, message = part.lstrip().split(b"\r\n\r\n", 1)
        head, body = message.split(b"\r\n\r\n", 1)
        start, *lines = head.split(b"\r\n")
        status = _STATUS.match(start)
        if status is None:
            raise ValueError(f"no status in {start!r}")
        headers = [line.decode("latin-1").partition(": ")[::2] for line in lines]
        found.append(Answer(int(status[1]), status[2].decode(), headers, body.rstrip(b"\r\n")))
    return found
