"""Requests as they come: every form that HTTP allows is served, and what it does not is told so."""

import gzip
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from openucwa.http.head import LARGEST_HEAD, MOST_HEADERS
from tests.flow.test_connections import rest_of
from tests.passwords import PASSWORD
from tests.sockets.line import Answer, Line, Session, request
from tests.sockets.process import USERNAME, Server

pytestmark = pytest.mark.slow

TOKENS = "/WebTicket/oauthtoken"
FORM = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}


def refused(answer: Answer, status: int, code: str) -> None:
    """Assert that a request was refused in UCWA's form, as the last one of its connection."""
    assert (answer.status, answer.json["code"]) == (status, code)
    assert len(answer.json["message"]) > 10
    assert answer.header("Content-Type") == "application/json; charset=utf-8"
    assert answer.header("Content-Length") == str(len(answer.body))
    assert answer.header("Connection") == "close"
    assert answer.header("X-MS-UcwaVersion") == "2.0"
    assert answer.header("X-Request-Id")


class TestTargets:
    @pytest.mark.parametrize("scheme", ["http", "HTTPS"])
    def test_absolute_form(self, line: Line, scheme: str) -> None:
        """Its host is the one that counts (RFC 9112, section 3.2.2)."""
        answer = line.ask(request("GET", f"{scheme}://lync.contoso.com:81/?sipuri=x"))
        href = answer.json["_links"]["self"]["href"]
        assert href.startswith("http://lync.contoso.com:81/Autodiscover/")

    @pytest.mark.parametrize(
        "target", ["http://contoso.com", "http://contoso.com?originalDomain=x"]
    )
    def test_absolute_form_without_a_path(self, line: Line, target: str) -> None:
        answer = line.ask(request("GET", target))
        assert answer.status == 200
        links = answer.json["_links"]
        assert links["self"]["href"].startswith("http://contoso.com/Autodiscover/")
        assert links["user"]["href"].endswith("?originalDomain=x") == ("?" in target)

    @pytest.mark.parametrize("target", ["http://a b/", "http://dana@contoso.com/", "http://a,b/"])
    def test_absolute_form_with_a_host_that_is_none(self, line: Line, target: str) -> None:
        assert line.ask(request("GET", target)).status == 400

    @pytest.mark.parametrize("target", ["http:///x", "http://", "nonsense", "?x", "a/b"])
    def test_what_is_no_target(self, line: Line, target: str) -> None:
        refused(line.ask(request("GET", target)), 400, "BadRequest")

    def test_asterisk(self, line: Line) -> None:
        """It is an address as any other, at which there is nothing to get."""
        answer = line.ask(request("GET", "*"))
        assert (answer.status, answer.json["code"]) == (404, "NotFound")
        assert line.ask(request("OPTIONS", "*")).status < 500
        assert line.ask(request("GET", "/")).status == 200

    def test_connect(self, line: Line) -> None:
        refused(line.ask(request("CONNECT", "contoso.com:443")), 400, "BadRequest")

    def test_spellings_of_a_path(self, line: Line, dana: Session) -> None:
        href = f"{dana.application['_links']['self']['href']}/me"
        for path in (
            href.upper(),
            href.replace("/", "//"),
            f"/{href}/",
            href.replace("m", "%6D"),
            href.replace("v1", "%76%31"),
            f"{href}?",
            f"{href}?SessionContext=1&operationContext=2",
            f"{href}#fragment",
        ):
            answer = line.ask(dana.get(path))
            assert (answer.status, answer.json["name"]) == (200, "Dana"), path
        for path in (f"{href};x=1", f"{href}%2F", href.replace("/", "%2F"), f"{href}/%00"):
            assert line.ask(dana.get("/" + path)).status == 404


class TestBodies:
    @pytest.mark.parametrize("content_type", ["application/json", "text/plain", "nonsense", ""])
    def test_empty(self, line: Line, dana: Session, content_type: str) -> None:
        """Whatever it is said to be."""
        sent = dana.post(dana.meetings, {}).replace(b"{}", b"").replace(b": 2\r\n", b": 0\r\n")
        sent = sent.replace(b"application/json", content_type.encode())
        assert line.ask(sent).status == 200

    def test_without_a_length(self, line: Line, dana: Session) -> None:
        """A POST without a body may say so by saying nothing."""
        head, _, _ = dana.post(dana.meetings, {}).partition(b"\r\nContent-Length")
        head = head.replace(b"Content-Type: application/json\r\n", b"")
        assert line.ask(head + b"\r\n\r\n").status == 200

    def test_without_a_type(self, line: Line, dana: Session) -> None:
        sent = dana.post(dana.meetings, {"subject": "Typeless"})
        answer = line.ask(sent.replace(b"Content-Type: application/json\r\n", b""))
        assert (answer.status, answer.json["subject"]) == (200, "Typeless")

    @pytest.mark.parametrize("body", [b"{}", b"nonsense", b"x" * 100_000])
    def test_of_a_get(self, line: Line, dana: Session, body: bytes) -> None:
        """It is read and counts for nothing: the next request is understood."""
        for _ in range(2):
            headers = {"Authorization": f"Bearer {dana.token}"}
            answer = line.ask(request("GET", dana.meetings, headers, body))
            assert (answer.status, answer.json["rel"]) == (200, "myOnlineMeetings")

    def test_packed(self, line: Line, dana: Session) -> None:
        """It is refused: what is small so may be large then. `identity` is no packing."""
        for coding, status in (("gzip", 415), ("deflate", 415), ("x", 415), ("identity", 200)):
            body = b"{}" if coding == "identity" else gzip.compress(b"{}")
            headers = {"Authorization": f"Bearer {dana.token}", "Content-Encoding": coding}
            answer = line.ask(request("POST", dana.meetings, headers, body))
            assert answer.status == status
            assert status == 200 or "Content-Encoding" in answer.json["message"]

    def test_trailers_are_no_headers(self, line: Line, dana: Session) -> None:
        """Who can add to the end of a request has no say in what it is."""
        asked = b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" % (
            dana.meetings.encode()
        )
        line.send(asked + b"0\r\nAuthorization: Bearer %s\r\n\r\n" % dana.token.encode())
        assert line.answer("POST").status == 401
        assert line.ask(dana.get(dana.meetings)).status == 200


class TestTokens:
    FORMS: Mapping[str, bytes] = {
        "application/x-www-form-urlencoded": urlencode(FORM).encode(),
        "multipart/form-data; boundary=b": b"".join(
            b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (name.encode(), value.encode())
            for name, value in FORM.items()
        )
        + b"--b--\r\n",
    }

    @pytest.mark.parametrize("content_type", FORMS)
    def test_client_that_waits_to_be_told_to_go_on(self, line: Line, content_type: str) -> None:
        sent = request("POST", TOKENS, {"Content-Type": content_type}, self.FORMS[content_type])
        line.send(line.begin(sent))
        assert line.answer("POST").json["token_type"] == "Bearer"

    @pytest.mark.parametrize("content_type", FORMS)
    def test_form_in_chunks(self, line: Line, content_type: str) -> None:
        body = self.FORMS[content_type]
        line.send(
            f"POST {TOKENS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            f"Content-Type: {content_type}\r\n\r\n".encode()
        )
        for at in range(0, len(body), 7):
            chunk = body[at : at + 7]
            line.send(b"%x;extension=1\r\n%s\r\n" % (len(chunk), chunk))
        line.send(b"0\r\n\r\n")
        assert line.answer("POST").status == 200

    def test_what_is_refused_by_its_size_is_refused_at_once(self, line: Line) -> None:
        """Who waits to be told to go on hears that she need not."""
        sent = request("POST", TOKENS, {"Expect": "100-continue"})
        line.send(sent.replace(b"Content-Length: 0", b"Content-Length: 1073741824"))
        refused(line.answer("POST"), 413, "EntityTooLarge")
        assert rest_of(line) == b""


class TestHeads:
    @pytest.mark.parametrize(
        ("target", "headers"),
        [
            ("/", {"X-Large": "x" * LARGEST_HEAD}),
            ("/", {"x" * LARGEST_HEAD: "x"}),
            ("/", {f"X-{number}": "x" * 1000 for number in range(66)}),
            ("/", {f"X-{number}": "x" for number in range(MOST_HEADERS)}),
            ("/?" + "x" * LARGEST_HEAD, {}),
            ("/", {"X-Large": "x" * 4 * LARGEST_HEAD}),
        ],
        ids=["value", "name", "in all", "number", "target", "much"],
    )
    def test_too_large(
        self, server: Server, line: Line, target: str, headers: dict[str, str]
    ) -> None:
        refused(line.ask(request("GET", target, headers)), 413, "EntityTooLarge")
        with Line(server) as another:
            assert another.ask(request("GET", "/")).status == 200

    @pytest.mark.parametrize(
        ("target", "headers"),
        [
            ("/", {"X-Large": "x" * 64_000}),
            ("/", {f"X-{number}": "x" * 300 for number in range(MOST_HEADERS - 2)}),
            ("/?" + "x" * 64_000, {}),
        ],
        ids=["value", "number", "target"],
    )
    def test_large(self, line: Line, target: str, headers: dict[str, str]) -> None:
        for _ in range(2):
            assert line.ask(request("GET", target, headers)).status == 200

    @pytest.mark.parametrize(
        "start",
        [
            b"GET /?",
            b"GET / HTTP/1.1\r\nX: ",
            b"GET / HTTP/1.1\r\nX-",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        ],
        ids=["target", "value", "name", "trailer", "extension of a chunk"],
    )
    def test_that_does_not_end(self, line: Line, start: bytes) -> None:
        """It is refused before it takes much memory, whoever sends it for how long."""
        line.send(start)
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            line.send(b"x" * 64 * 2**20)

    def test_the_one_before_is_answered_first(self, line: Line, dana: Session) -> None:
        """What is wrong with a request is told in its turn."""
        line.send(dana.get(dana.meetings) + b"nonsense\r\n\r\n" + dana.get(dana.meetings))
        received = rest_of(line)
        assert re.findall(rb"HTTP/1\.1 (\d+) ", received) == [b"200", b"400"]
        assert b'{"code":"BadRequest"' in received

    def test_a_body_that_can_not_be_read(self, line: Line, dana: Session) -> None:
        head, _, _ = dana.post(dana.meetings, {"subject": "x"}).partition(b"\r\n\r\n")
        head = head.replace(b"Content-Length: 16", b"Transfer-Encoding: chunked")
        line.send(head + b"\r\n\r\n5\r\n{}   \r\n")
        line.send(b"nonsense\r\n")
        refused(line.answer("POST"), 400, "BadRequest")


class TestConnections:
    @pytest.mark.parametrize("headers", ["", "Host: x\r\n", "Connection: keep-alive\r\n"])
    def test_of_http_1_0(self, line: Line, headers: str) -> None:
        """With a Host or without, it ends with the first answer, as that announces."""
        line.send(f"GET / HTTP/1.0\r\n{headers}\r\n".encode())
        answer = line.answer()
        assert answer.status == 200
        assert [value for name, value in answer.headers if name == "Connection"] == ["close"]
        host = "x" if "Host" in headers else "localhost"
        assert answer.json["_links"]["self"]["href"].startswith(f"http://{host}/")
        assert rest_of(line) == b""

    def test_of_a_version_that_is_not_spoken(self, line: Line) -> None:
        line.send(b"GET / HTTP/2.0\r\nHost: x\r\n\r\n")
        answer = line.answer()
        assert [value for name, value in answer.headers if name == "Connection"] == ["close"]

    @pytest.mark.parametrize("protocol", ["h2c", "websocket"])
    def test_that_would_be_upgraded(self, line: Line, dana: Session, protocol: str) -> None:
        """Some HTTP libraries offer HTTP/2 with every request. It goes on as it was."""
        offer = f"Connection: Upgrade\r\nUpgrade: {protocol}\r\n\r\n".encode()
        get, post = dana.get(dana.meetings), dana.post(dana.meetings, {"subject": "Upgraded"})
        assert line.ask(get.replace(b"\r\n\r\n", b"\r\n" + offer)).status == 200
        answer = line.ask(post.replace(b"\r\n\r\n", b"\r\n" + offer))
        assert (answer.status, answer.json["subject"]) == (200, "Upgraded")
        last = get.replace(b"Host", b"Connection: close\r\nHost")
        line.send((post + get + post).replace(b"\r\n\r\n", b"\r\n" + offer) + last)
        received = rest_of(line)
        assert received.count(b"HTTP/1.1 200 OK") == 4

    def test_that_has_empty_lines_between_requests(self, line: Line) -> None:
        for _ in range(3):
            line.send(b"\r\n\r\n")
            assert line.ask(request("GET", "/")).status == 200


@pytest.mark.parametrize(
    ("accept_encoding", "packed"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("identity, *;q=0.1", True),
        ("gzip;q=1.0, *;q=0", True),
        ("gzip;q=0", False),
        ("gzip; Q = 0.000, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("br", False),
        ("", False),
        (";;,,=", False),
    ],
)
def test_answers_are_packed_for_who_accepts_that(
    line: Line, dana: Session, accept_encoding: str, packed: bool
) -> None:
    """With a 401 as with a 200, and with the length of what is sent."""
    for authorization, status in ((f"Bearer {dana.token}", 200), ("", 401)):
        headers = {"Accept-Encoding": accept_encoding, "Authorization": authorization}
        answer: Any = line.ask(request("GET", dana.meetings, headers))
        assert answer.status == status
        assert (answer.header("Content-Encoding") == "gzip") is packed
        assert answer.header("Content-Length") == str(len(answer.body))
        plain = line.ask(request("GET", dana.meetings, {"Authorization": authorization})).body
        assert (gzip.decompress(answer.body) if packed else answer.body) == plain
