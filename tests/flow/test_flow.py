"""From discovery to signing out, over the network, as a client does it that knows only a domain."""

import json
import re
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest

from tests.flow.web import Web, header_lines, resource
from tests.http import printed
from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME, add_user, logged, serving

pytestmark = pytest.mark.slow

JSON = {"Content-Type": "application/json"}
PRINTED_ORDER = (
    *("Accept", "Content-Type", "Authorization", "If-Match", "X-Ms-Origin", "X-Requested-With"),
    *("Referer", "Accept-Language", "Accept-Encoding", "User-Agent", "Host", "Content-Length"),
    *("DNT", "Connection", "Cache-Control"),
)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_from_discovery_to_signing_out(tmp_path: Path, scheme: str) -> None:
    add_user(tmp_path)
    options, trusting = with_certificate(tmp_path) if scheme == "https" else ([], None)
    with serving(tmp_path, *options) as server:
        assert server.scheme == scheme
        with Web(server, trusting) as web:
            root = resource(web.ask("GET", f"{scheme}://lyncdiscover.contoso.com/"))
            user = root["_links"]["user"]["href"]
            assert user.startswith(f"{scheme}://lyncdiscover.contoso.com/Autodiscover/")

            token = sign_in(web, user)
            bearer = {"Authorization": f"Bearer {token}"}
            applications = resource(web.ask("GET", user, bearer))["_links"]["applications"]
            assert re.match(rf"{scheme}://(.*)/ucwa/", applications["href"])

            application = register(web, applications["href"], bearer)
            here = urljoin(applications["href"], application["_links"]["self"]["href"])
            meeting = schedule(web, here, application, bearer)

            updated = put_as_printed(web, application, meeting, token)
            resolve_conflict(web, here, meeting, updated, bearer)

            assert web.ask("DELETE", here, bearer).status == 204
            gone = web.ask("GET", urljoin(here, meeting["_links"]["self"]["href"]), bearer)
            assert gone.status == 404
            assert resource(gone)["subcode"] == "ApplicationNotFound"
        assert server.stop() == 0
        log = logged(server)

    asked = [line for line in log if line["event"] == "request"]
    answered = [exchange.response_header("X-Request-Id") for exchange in web.exchanges]
    assert [line["request_id"] for line in asked] == answered
    assert [line["status"] for line in asked] == [one.status for one in web.exchanges]
    assert {line["level"] for line in log} == {"info"}
    written = json.dumps(log)
    for secret in (
        *(token.removeprefix("cwt="), PASSWORD, meeting["onlineMeetingId"]),
        *("Important details", "Weekly meeting", "Chris@contoso.com", "Conflicting"),
    ):
        assert secret.lower() not in written.lower()


def with_certificate(folder: Path) -> tuple[list[str], ssl.SSLContext]:
    """A new certificate that signs itself: the options of a server that has it, and trust in it."""
    names = "subjectAltName=DNS:lyncdiscover.contoso.com,DNS:lyncweb.contoso.com"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2"
    subprocess.run(
        [*command.split(), "-subj", "/CN=contoso.com", "-addext", names],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    trusting = ssl.create_default_context(cafile=folder / "cert.pem")
    return ["--tls-cert", "cert.pem", "--tls-key", "key.pem"], trusting


def sign_in(web: Web, user: str) -> str:
    """Read the challenge as deployed clients do, from its raw line, and get a token."""
    path = user.partition("lyncdiscover.contoso.com")[2]
    head, _ = web.send(
        "lyncdiscover.contoso.com",
        f"GET {path} HTTP/1.1\r\nHost: lyncdiscover.contoso.com\r\n\r\n".encode(),
    )
    assert head.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    found = re.search(rb'\r\nWWW-Authenticate: MsRtcOAuth href="([^"]+)",grant_type="(.*?)"', head)
    assert found
    assert found[1].startswith(user.partition("/Autodiscover")[0].encode())
    assert b"://" not in head[: found.start()]
    assert b"password" in found[2].split(b",")
    second = re.search(rb"\r\nWWW-Authenticate: Bearer (.+)\r\n", head[found.end() :])
    assert second
    names = ("trusted_issuers", "client_id", "authorization_uri")
    assert dict(re.findall(rb'(\w+)="([^"]+)"', second[1])).keys() == {n.encode() for n in names}

    form = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    granted = web.ask(
        "POST",
        found[1].decode(),
        {"Content-Type": "application/x-www-form-urlencoded;charset='UTF-8'"},
        urlencode(form).encode(),
    )
    assert granted.status == 200
    token: str = resource(granted)["access_token"]
    return token


def register(web: Web, applications: str, bearer: dict[str, str]) -> dict[str, Any]:
    wanted = {"UserAgent": "flow", "EndpointId": "a flow", "Culture": "en-US", "instanceId": None}
    created = web.ask("POST", applications, bearer | JSON, json.dumps(wanted).encode())
    assert created.status == 201
    application = resource(created)
    assert created.response_header("Location") == application["_links"]["self"]["href"]
    return application


def schedule(
    web: Web, here: str, application: dict[str, Any], bearer: dict[str, str]
) -> dict[str, Any]:
    meetings = application["_embedded"]["onlineMeetings"]["_links"]["myOnlineMeetings"]["href"]
    wanted = {"subject": "Important details", "expirationTime": "0001-01-01T00:00:00"}
    scheduled = web.ask("POST", urljoin(here, meetings), bearer | JSON, json.dumps(wanted).encode())
    assert scheduled.status == 200
    return resource(scheduled)


def put_as_printed(
    web: Web, application: dict[str, Any], meeting: dict[str, Any], token: str
) -> dict[str, Any]:
    """Send the request of UpdateAnOnlineMeeting.md, and look at every byte that comes back.

    It is sent as printed but for what can't be: the token, the application's and the meeting's id
    and the ETag are those of here; the length is that of the body, which has 1024 bytes as printed
    and not 947; and the meeting expires in a week, since 2013 lies before the earliest time that is
    accepted today, a year ago.
    """
    expires = (datetime.now(UTC) + timedelta(days=7)).replace(microsecond=0)
    ids = {"application": application["id"], "meeting": meeting["onlineMeetingId"]}
    body = printed.here(printed.REQUEST_BODY, **ids, etag=meeting["etag"]).replace(
        "2013-02-07T01:17:18.000Z", expires.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    )
    headers = {
        **printed.REQUEST_HEADERS,
        "Authorization": f"Bearer {token}",
        "If-Match": f'"{meeting["etag"]}"',
        "Host": "lyncweb.contoso.com",
        "Content-Length": f"{len(body)}",
    }
    request = "\r\n".join(
        [
            f"PUT https://lyncweb.contoso.com{meeting['_links']['self']['href']} HTTP/1.1",
            *(f"{name}: {headers[name]}" for name in PRINTED_ORDER),
            "",
            body,
        ]
    ).encode()
    assert headers.keys() == set(PRINTED_ORDER)

    head, answered = web.send("lyncweb.contoso.com", request)
    etag = json.loads(answered)["etag"]
    assert etag != meeting["etag"]
    as_printed = printed.here(printed.RESPONSE_BODY, **ids, etag=etag).replace(
        "1360199838000", f"{int(expires.timestamp()) * 1000}"
    )
    assert printed.but_for_additions(answered.decode()) == as_printed
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    lines = header_lines(head)
    sent = dict(lines)
    assert len(sent) == len(lines)
    assert "transfer-encoding" not in [name.lower() for name in sent]
    assert sent["Content-Type"] == "application/json; charset=utf-8"
    assert sent["Content-Length"] == f"{len(answered)}"
    assert sent["ETag"] == f'"{etag}"'
    assert sent["Cache-Control"] == "no-cache, no-store"
    assert sent["Server"] == "OpenUCWA"
    assert sent["X-Request-Id"]
    age = datetime.now(UTC) - parsedate_to_datetime(sent["Date"])
    assert timedelta(seconds=-1) < age < timedelta(minutes=1)

    head, answered = web.send("lyncweb.contoso.com", request)  # the same once more: it is stale
    assert head.startswith(b"HTTP/1.1 412 Precondition Failed\r\n")
    assert json.loads(answered)["code"] == "PreconditionFailed"
    return {**meeting, "etag": etag}


def resolve_conflict(
    web: Web,
    here: str,
    meeting: dict[str, Any],
    updated: dict[str, Any],
    bearer: dict[str, str],
) -> None:
    """A client that still has the meeting as scheduled is refused, looks again, and succeeds."""
    href = urljoin(here, meeting["_links"]["self"]["href"])

    def put(wanted: dict[str, Any]) -> Any:
        headers = {**bearer, **JSON, "If-Match": f'"{wanted["etag"]}"'}
        return web.ask("PUT", href, headers, json.dumps(wanted).encode())

    assert put({**meeting, "subject": "Conflicting"}).status == 412
    fetched = web.ask("GET", href, {**bearer, "Accept-Encoding": "gzip, deflate"})
    assert fetched.response_header("Content-Encoding") == "gzip"
    current = resource(fetched)
    assert current["etag"] == updated["etag"]
    assert current["subject"] == "Important details"
    resolved = put({**current, "subject": "Conflicting"})
    assert resolved.status == 200
    assert resource(resolved) == {
        **current,
        "subject": "Conflicting",
        "etag": resource(resolved)["etag"],
    }
    assert resource(resolved)["attendees"] == ["sip:Chris@contoso.com", "sip:Alex@contoso.com"]
