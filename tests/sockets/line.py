"""A connection to a running server, under the test's full control, and a user who is signed in."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPResponse
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode
from uuid import uuid4

from tests.passwords import PASSWORD
from tests.sockets.process import PATIENCE, USERNAME, Server


@dataclass(frozen=True)
class Answer:
    """An answer as it came: header names are spelled as on the wire."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The value of the header that is spelled exactly so."""
        return next((value for key, value in self.headers if key == name), None)


class Line:
    """A keep-alive connection. A request can be held: sent, but for its last byte."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection((server.host, server.port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, request: bytes) -> None:
        self.socket.sendall(request)

    def hold(self, request: bytes) -> None:
        """Send all of a request but its last byte."""
        self.send(request[:-1])
        self._held = request[-1:]

    def release(self) -> None:
        """Send the byte that was held back: now the server can answer."""
        self.send(self._held)

    def begin(self, request: bytes) -> bytes:
        """Send half of a request, of which the server has verifiably begun to read the body.

        Returns the other half.
        """
        head, _, body = request.partition(b"\r\n\r\n")
        self.send(head + b"\r\nExpect: 100-continue\r\n\r\n")
        go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert self.socket.recv(len(go_on), socket.MSG_WAITALL) == go_on
        half = len(body) // 2
        self.send(body[:half])
        return body[half:]

    def answer(self, method: str = "GET") -> Answer:
        """Wait for an answer. Raises OSError or HTTPException when none comes, or half of one."""
        with HTTPResponse(self.socket, method=method) as response:
            response.begin()
            body = response.read()
            return Answer(response.status, response.getheaders(), body)

    def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer."""
        self.send(request)
        return self.answer(request.partition(b" ")[0].decode())


@dataclass(frozen=True)
class Session:
    """A signed-in user with an application of her own. It writes requests; it sends none."""

    token: str
    application: Mapping[str, Any]

    @property
    def meetings(self) -> str:
        """Where meetings are scheduled."""
        found: str = self.application["_embedded"]["onlineMeetings"]["_links"]["myOnlineMeetings"][
            "href"
        ]
        return found

    def here(self, href: str) -> str:
        """The same resource, as this session's application sees it."""
        own: str = self.application["_links"]["self"]["href"]
        return own + href[len(own) :]

    def get(self, href: str) -> bytes:
        return self._request("GET", href)

    def post(self, href: str, content: Mapping[str, Any]) -> bytes:
        return self._request("POST", href, content)

    def put(self, resource: Mapping[str, Any], **changes: Any) -> bytes:
        """Put a resource back with changes, if it is still in the version that was read."""
        href, etag = self.here(resource["_links"]["self"]["href"]), resource["etag"]
        return self._request("PUT", href, {**resource, **changes}, f'"{etag}"')

    def delete(self, href: str, if_match: str | None = None) -> bytes:
        return self._request("DELETE", href, if_match=f'"{if_match}"' if if_match else None)

    def batch(self, requests: Sequence[bytes]) -> bytes:
        """Send requests as one."""
        href = self.application["_links"]["batch"]["href"]
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "multipart/batching;boundary=77f2569d",
        }
        parts = (b"--77f2569d\r\n\r\n" + one + b"\r\n" for one in requests)
        return request("POST", href, headers, b"".join([*parts, b"--77f2569d--"]))

    def _request(
        self,
        method: str,
        href: str,
        content: Mapping[str, Any] | None = None,
        if_match: str | None = None,
    ) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}"}
        if if_match is not None:
            headers["If-Match"] = if_match
        body = b"" if content is None else json.dumps(content).encode()
        return request(method, href, headers, body)


def request(
    method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """A request as it is sent."""
    sent = {"Host": "localhost", "Content-Type": "application/json", **(headers or {})}
    if body or method != "GET":
        sent["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def sign_in(server: Server, username: str = USERNAME) -> Session:
    """A token and an application of its own for a user who is there."""
    form = {"grant_type": "password", "username": username, "password": PASSWORD}
    wanted = {"userAgent": "test", "endpointId": str(uuid4()), "culture": "en-US"}
    with Line(server) as line:
        granted = line.ask(
            request(
                "POST",
                "/WebTicket/oauthtoken",
                {"Content-Type": "application/x-www-form-urlencoded"},
                urlencode(form).encode(),
            )
        )
        assert granted.status == 200, granted
        token: str = granted.json["access_token"]
        registered = line.ask(Session(token, {}).post("/ucwa/oauth/v1/applications", wanted))
        assert registered.status == 201, registered
        return Session(token, registered.json)
