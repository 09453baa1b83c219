"""A UCWA client for what comes before and after a load: it signs in, schedules and reads.

It knows one address, the server's root; every other one it takes from an answer's links.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit

from bench.http import TIMEOUT_SECONDS, Answer, Connection, UnexpectedAnswer
from bench.load import ETAG, SUBJECT, Target

JSON = "application/json"
XML = "application/xml"
FORM = "application/x-www-form-urlencoded"
CREATORS = 8
MEETING = {
    "attendees": ["sip:chris@contoso.com", "sip:alex@contoso.com"],
    "subject": "Weekly meeting",
    "description": "Weekly meeting",
}


class Client:
    """One keep-alive connection to a server at `root`, such as `http://127.0.0.1:8080/`."""

    def __init__(
        self, root: str, token: str = "", *, timeout: float = TIMEOUT_SECONDS, source: str = ""
    ) -> None:
        self.root = root
        self.token = token
        self.applications = ""  # until it has signed in
        self.tokens = ""  # as well
        self.application: dict[str, Any] = {}
        self.endpoint_id = str(uuid.uuid4())
        self.connection = Connection(root, timeout, source)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def headers(self) -> dict[str, str]:
        """Return the headers of a request with a JSON body."""
        headers = {"Accept": JSON, "Content-Type": JSON}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers

    def path(self, href: str) -> str:
        """Return the request target of `href`, absolute or relative to the root."""
        parts = urlsplit(urljoin(self.root, href))
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def ask(
        self,
        method: str,
        href: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        expect: tuple[int, ...] = (200,),
    ) -> Answer:
        """Send a request and return its answer; a status not in `expect` raises UnexpectedAnswer.

        `headers` are added to the usual ones. Raises NotSent and NoAnswer.
        """
        path = self.path(href)
        self.connection.send(method, path, self.headers() | dict(headers or {}), body)
        answer = self.connection.answer()
        if answer.status not in expect:
            said = answer.body[:500].decode("utf-8", "replace")
            raise UnexpectedAnswer(f"{method} {path}: {answer.status} {said}")
        return answer

    def sign_in(self, username: str, password: str) -> str:
        """Go from the root to a token and an application; return myOnlineMeetings' href."""
        user = _link(self.ask("GET", "/").resource(), "user")
        challenge = self.ask("GET", user, expect=(401,))
        offered = ", ".join(v for n, v in challenge.headers if n.lower() == "www-authenticate")
        found = re.search(r'MsRtcOAuth\b.*?\bhref="([^"]+)"', offered, re.IGNORECASE)
        if found is None:
            raise UnexpectedAnswer(f"no MsRtcOAuth href in {offered!r}")
        form = {"grant_type": "password", "username": username, "password": password}
        self.tokens = self.path(found[1])
        ticket = self.ask("POST", found[1], urlencode(form).encode(), {"Content-Type": FORM})
        self.token = ticket.resource()["access_token"]
        self.applications = _link(self.ask("GET", user).resource(), "applications")
        self.application = self._register({})
        return _link(self.application["_embedded"]["onlineMeetings"], "myOnlineMeetings")

    def register(self, applications: str) -> None:
        """Register an application, with the token that it has."""
        self.applications = applications
        self.application = self._register({})

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def add_instance(self) -> str:
        """Open the application once more, as in another tab; return its events' href."""
        return _link(self._register({"instanceId": str(uuid.uuid4())}), "events")

    def add_application(self) -> str:
        """Create another application, as on another device; return its events' href."""
        return _link(self._register({"endpointId": str(uuid.uuid4())}), "events")

    def _register(self, more: dict[str, str]) -> dict[str, Any]:
        wanted = {"userAgent": "bench", "endpointId": self.endpoint_id, "culture": "en-US", **more}
        return self.ask("POST", self.applications, _compact(wanted), expect=(201,)).resource()

    def create(self, meetings: str) -> str:
        """Schedule one meeting and return its href."""
        answer = self.ask("POST", meetings, _compact(MEETING), expect=(200, 201))
        return _link(answer.resource(), "self")

    def target(self, href: str) -> Target:
        """Prepare the repeated update of the meeting at `href`, as it is now."""
        answer = self.ask("GET", href)
        resource = answer.resource()
        etag = answer.etag
        resource["subject"] = SUBJECT
        # The body carries the ETag without its quotes, as the resource came with it.
        if "etag" in resource and f'"{resource["etag"]}"' == etag:
            resource["etag"] = ETAG
        return Target(
            path=self.path(href),
            headers=[[name, value] for name, value in self.headers().items()],
            body=_compact(resource).decode(),
            etag=etag,
        )

    def target_in_xml(self, href: str) -> Target:
        """Prepare the same update in XML."""
        answer = self.ask("GET", href, None, {"Accept": XML})
        body = answer.body.decode().replace(
            f">{MEETING['subject']}</property>", f">{SUBJECT}</property>", 1
        )
        headers = self.headers() | {"Accept": XML, "Content-Type": XML}
        return Target(
            path=self.path(href),
            headers=[[name, value] for name, value in headers.items()],
            body=body,
            etag=answer.etag,
        )

    def read(self, href: str, media_type: str = JSON) -> Target:
        """Prepare the repeated GET of what is at `href`."""
        headers = {"Accept": media_type, "Authorization": f"Bearer {self.token}"}
        return Target(self.path(href), [[*line] for line in headers.items()], "", "", method="GET")

    def batch_of(self, hrefs: list[str]) -> Target:
        """Prepare the repeated batch that reads what is at `hrefs`."""
        boundary = str(uuid.uuid4())
        host = urlsplit(self.root).netloc
        part = (
            f"--{boundary}\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
            f"GET %s HTTP/1.1\r\nHost: {host}\r\nAccept: {JSON}\r\n\r\n\r\n"
        )
        headers = {
            "Accept": "multipart/batching",
            "Content-Type": f"multipart/batching;boundary={boundary}",
            "Authorization": f"Bearer {self.token}",
        }
        return Target(
            path=self.path(_link(self.application, "batch")),
            headers=[[*line] for line in headers.items()],
            body="".join(part % self.path(href) for href in hrefs) + f"--{boundary}--\r\n",
            etag="",
            method="POST",
            parts=len(hrefs),
        )

    def update(self, target: Target, subject: str, *, expect: int = 200) -> Answer:
        """Send a target's update once, with `subject`."""
        body = target.body.replace(SUBJECT, subject).replace(ETAG, target.etag[1:-1])
        headers = {"If-Match": target.etag}
        return self.ask("PUT", target.path, body.encode(), headers, expect=(expect,))


def create_meetings(root: str, token: str, meetings: str, count: int) -> None:
    """Schedule `count` meetings over a few connections at a time."""
    shares = [count // CREATORS + (n < count % CREATORS) for n in range(CREATORS)]

    def create_share(share: int) -> None:
        with Client(root, token) as client:
            for _ in range(share):
                client.create(meetings)

    with ThreadPoolExecutor(CREATORS) as pool:
        for _ in pool.map(create_share, shares):
            pass


def _link(resource: dict[str, Any], name: str) -> str:
    try:
        return str(resource["_links"][name]["href"])
    except KeyError as missing:
        raise UnexpectedAnswer(f"no link {name!r} in {resource}") from missing


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
