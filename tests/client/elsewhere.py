"""Another UCWA server: a small one, in memory, that follows the documentation and adds nothing.

It differs from OpenUCWA wherever the documentation leaves it free to: all addresses are absolute
and of another shape, user and applications are on a host of their own, the application and the list
of meetings lead to what OpenUCWA embeds, etags are quoted in bodies, too, the random member stands
first, dates have their slashes unescaped, a token that does not hold is 403, errors have no subcode
where none is documented, and no event tells of meetings.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.passwords import PASSWORD

DOMAIN = "fabrikam.com"
POOL = "https://pool7.fabrikam.com"
APPS = f"{POOL}/reach/v2/apps"
PLAY_BACK = "e7c4e0a2-8f53-4f0c-9f5b-0d4f7a1b2c3d"
WRITABLE = {
    "accessLevel": "SameEnterprise",
    "attendees": [],
    "automaticLeaderAssignment": "Disabled",
    "description": "",
    "entryExitAnnouncement": "Disabled",
    "expirationTime": "/Date(1798761600000)/",
    "leaders": [],
    "lobbyBypassForPhoneUsers": "Disabled",
    "phoneUserAdmission": "Disabled",
    "roomNumber": "",  # which no client knows of: a later version may have it
    "subject": "",
}
_ERRORS = {400: "BadRequest", 404: "NotFound", 405: "MethodNotAllowed", 410: "Gone", 429: "TooMany"}


@dataclass
class Meeting:
    """A meeting as it is stored."""

    id: str
    tag: int
    properties: dict[str, Any]


@dataclass
class Elsewhere:
    """The server as an ASGI application, with one user: dana@fabrikam.com."""

    user: str = "dana@fabrikam.com"
    meetings: dict[str, Meeting] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    applications: dict[str, dict[str, Any]] = field(default_factory=dict)
    most_in_a_batch: int = 100
    requests: list[tuple[str, str]] = field(default_factory=list)
    resync: bool = False
    """True if the channel is to say, once, that events are missing."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(7001))
    _packages: list[list[dict[str, Any]]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            response = await self._answer(
                request.method, str(request.url), request.headers, await request.body()
            )
            await response(scope, receive, send)

    # What tests do to it.

    def expire_tokens(self) -> None:
        """From now on, no token holds."""
        self.tokens.clear()

    def expire_applications(self) -> None:
        """End all applications."""
        self.applications.clear()

    def change(self, meeting_id: str, **properties: Any) -> None:
        """Somebody else changes a meeting."""
        meeting = self.meetings[meeting_id]
        meeting.properties |= properties
        meeting.tag = next(self._numbers)

    def tell(self, *senders: dict[str, Any]) -> None:
        """Have the event channel tell something: the senders of one package."""
        self._packages.append(list(senders))

    # What it answers.

    async def _answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        self.requests.append((method, url))
        parts = urlsplit(url)
        path = [one for one in parts.path.split("/") if one]
        if parts.hostname in (f"lyncdiscover.{DOMAIN}", f"lyncdiscoverinternal.{DOMAIN}"):
            if parts.hostname.startswith("lyncdiscoverinternal") or parts.scheme == "http":
                return Response("not here", 404, media_type="text/plain")
            return self._root(url)
        if path == ["sts", "token"]:
            return self._token(body)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if not token:
            return _challenge()
        if token not in self.tokens:
            diagnostics = '28055;source="pool7";reason="The OAuth token is invalid."'
            return _failure(403, "Forbidden", headers={"X-Ms-diagnostics": diagnostics})
        if path == ["who"]:
            links = {"self": f"{POOL}/who", "applications": APPS}
            return _resource({"_links": _links(links)})
        if path[:3] != ["reach", "v2", "apps"]:
            return _failure(404)
        return await self._below(method, path[3:], parts.query, headers, body)

    def _root(self, url: str) -> Response:
        links = {"self": url, "user": f"{POOL}/who", "xframe": f"{POOL}/frame"}
        return _resource({"_links": _links(links)})

    def _token(self, body: bytes) -> Response:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if form.get("grant_type") != "password":
            return _json({"error": "unsupported_grant_type"}, 400)
        if form.get("username") != self.user or form.get("password") != PASSWORD:
            return _json({"error": "invalid_grant"}, 400)
        token = f"cwt={next(self._numbers)}"
        self.tokens.add(token)
        return _json({"access_token": token, "expires_in": "28800", "token_type": "Bearer"}, 200)

    async def _below(
        self, method: str, path: list[str], query: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        if not path:
            return self._create(method, body)
        if path[0] not in self.applications:
            return _failure(404, "NotFound", "ApplicationNotFound")
        here = f"{APPS}/{path[0]}"
        match (method, *path[1:]):
            case ("GET",):
                return _resource(self._application(path[0]))
            case ("DELETE",):
                del self.applications[path[0]]
                return Response(status_code=204)
            case ("GET", "self"):
                return _resource(
                    {
                        "name": "Dana",
                        "uri": f"sip:{self.user}",
                        "rel": "me",
                        "_links": _links({"self": f"{here}/self"}),
                    }
                )
            case ("GET", "conf"):
                links = {"self": f"{here}/conf", "myOnlineMeetings": f"{here}/conf/mine"}
                return _resource({"rel": "onlineMeetings", "_links": _links(links)})
            case ("GET", "conf", "mine"):
                return _resource(self._list(here))
            case ("POST", "conf", "mine"):
                return self._schedule(here, body)
            case (_, "conf", "mine", meeting_id):
                return self._meeting(method, here, meeting_id, headers, body)
            case ("GET", "channel"):
                return await self._channel(here, parse_qs(query))
            case ("POST", "many"):
                return await self._many(headers, body)
        return _failure(404)

    def _create(self, method: str, body: bytes) -> Response:
        if method != "POST":
            return _failure(405)
        wanted = json.loads(body)
        for number, known in self.applications.items():
            if known["endpointId"] == wanted["endpointId"]:
                return _resource(self._application(number))
        number = str(next(self._numbers))
        self.applications[number] = wanted
        return _resource(self._application(number), 201)

    def _application(self, number: str) -> dict[str, Any]:
        here = f"{APPS}/{number}"
        links = {
            "self": here,
            "me": f"{here}/self",
            "onlineMeetings": f"{here}/conf",
            "events": f"{here}/channel?at=0",
            "batch": f"{here}/many",
        }
        return {"culture": "en-US", "rel": "application", "_links": _links(links)}

    def _list(self, here: str) -> dict[str, Any]:
        """Links only. One link is an object, as the documentation has it; several are an array."""
        found = [{"href": f"{here}/conf/mine/{one}"} for one in self.meetings]
        links: dict[str, Any] = _links({"self": f"{here}/conf/mine"})
        if found:
            links["myOnlineMeeting"] = found if len(found) > 1 else found[0]
        return {"rel": "myOnlineMeetings", "_links": links}

    def _shown(self, here: str, meeting: Meeting) -> dict[str, Any]:
        uri = f"sip:{self.user};gruu;opaque=app:conf:focus:id:{meeting.id}"
        return {
            PLAY_BACK: "please pass this in a PUT request",
            **meeting.properties,
            "joinUrl": f"https://meet.{DOMAIN}/dana/{meeting.id}",
            "onlineMeetingId": meeting.id,
            "onlineMeetingRel": "myOnlineMeetings",
            "onlineMeetingUri": uri,
            "organizerUri": f"sip:{self.user}",
            "legacyOnlineMeetingUri": f"conf:{uri}?conversation-id=1",
            "_links": _links({"self": f"{here}/conf/mine/{meeting.id}"}),
            "rel": "myOnlineMeeting",
            "etag": f'"{meeting.tag}"',
        }

    def _schedule(self, here: str, body: bytes) -> Response:
        number = next(self._numbers)
        meeting = Meeting(f"X{number}", number, WRITABLE | _given(json.loads(body)))
        self.meetings[meeting.id] = meeting
        return _resource(self._shown(here, meeting), 201)

    def _meeting(
        self, method: str, here: str, meeting_id: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        meeting = self.meetings.get(meeting_id)
        if meeting is None:
            return _failure(404)
        condition = headers.get("if-match")
        if method != "GET" and condition not in (None, "*", f'"{meeting.tag}"'):
            return _failure(412, "PreconditionFailed")
        match method:
            case "PUT":
                wanted = json.loads(body)
                if condition is None:
                    return _failure(428, "PreconditionRequired")
                if PLAY_BACK not in wanted:
                    return _failure(400, "BadRequest", "ParameterValidationFailure")
                meeting.properties = WRITABLE | _given(wanted)
                meeting.tag = next(self._numbers)
            case "DELETE":
                del self.meetings[meeting_id]
                return Response(status_code=204)
            case "GET":
                pass
            case _:
                return _failure(405)
        return _resource(self._shown(here, meeting))

    async def _channel(self, here: str, query: Mapping[str, list[str]]) -> Response:
        """What was told after the place that the client names, once there is something."""
        place = int(query["at"][0])
        for _ in range(int(query.get("timeout", ["180"])[0]) * 100):
            if len(self._packages) > place or self.resync or not self.applications:
                break
            await asyncio.sleep(0.01)
        senders = self._packages[place : place + 1]
        links = {
            "self": f"{here}/channel?at={place}",
            "next": f"{here}/channel?at={place + len(senders)}",
        }
        if self.resync:
            self.resync = False
            links["resync"] = links.pop("next")
        return _resource({"_links": _links(links), "sender": senders[0] if senders else []})

    async def _many(self, headers: Mapping[str, str], body: bytes) -> Response:
        """A batch. All goes by the token of the batch itself."""
        head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + body).get_payload()
        assert isinstance(parts, list)
        if len(parts) > self.most_in_a_batch:
            return _failure(429, "TooManyRequests", headers={"Retry-After": "1"})
        answers = [await self._part(part, headers) for part in parts]
        text = b"".join(
            b"--3968fb75\r\nContent-Type: application/http; msgtype=response\r\n\r\n%b\r\n" % one
            for one in answers
        )
        return Response(text + b"--3968fb75--\r\n", 200, {"Content-Type": _BATCH})

    async def _part(self, part: object, outer: Mapping[str, str]) -> bytes:
        assert isinstance(part, Message)
        text = part.get_payload(decode=True)
        assert isinstance(text, bytes)
        line, _, rest = text.lstrip().partition(b"\r\n")
        inner = message_from_bytes(rest)
        method, target, _ = line.decode().split(" ")
        headers = {name.lower(): str(value) for name, value in inner.items()}
        headers.setdefault("authorization", outer.get("authorization", ""))
        body = inner.get_payload(decode=True)
        assert isinstance(body, bytes)
        url = target if "://" in target else POOL + target
        answer = await self._answer(method, url, headers, body)
        head = f"HTTP/1.1 {answer.status_code} Some Phrase\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in answer.headers.items()
        )
        marked = b"\xef\xbb\xbf" + bytes(answer.body) if answer.body else b""  # as documented
        return head.encode() + b"\r\n" + marked


_BATCH = 'multipart/batching; boundary="3968fb75"'


def _given(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if name in WRITABLE}


def _links(hrefs: Mapping[str, str]) -> dict[str, Any]:
    return {rel: {"href": href} for rel, href in hrefs.items()}


def _json(found: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(found), status, headers, "application/json; charset=utf-8")


def _resource(found: Mapping[str, Any], status: int = 200) -> Response:
    etag = {"ETag": found["etag"]} if "etag" in found else {}
    return _json(found, status, {"Cache-Control": "no-cache", **etag})


def _failure(
    status: int,
    code: str | None = None,
    subcode: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    members = {"code": code or _ERRORS[status], "message": "The request can't be done."}
    return _json(members | ({"subcode": subcode} if subcode else {}), status, headers)


def _challenge() -> Response:
    """As AuthenticationInUCWA.md shows it: without quotes; and the scheme Bearer comes first."""
    page = "<html><head><title>401 - Unauthorized</title></head><body>Access is denied.</body>"
    response = Response(page, 401, media_type="text/html")
    issuer = "00000002-0000-0ff1-ce00-000000000000@fabrikam.com"
    grants = "urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting,password"
    response.headers.append("WWW-Authenticate", f'Bearer trusted_issuers="{issuer}", client_id="0"')
    response.headers.append(
        "WWW-Authenticate", f'MsRtcOAuth href={POOL}/sts/token,grant_type="{grants}"'
    )
    return response
