"""What clients do with connections, the usual and the unusual: the server always goes on."""

import json
from typing import Any

import pytest

from tests.sockets.line import Line, Session, request
from tests.sockets.process import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def meeting(line: Line, dana: Session) -> dict[str, Any]:
    answer = line.ask(dana.post(dana.meetings, {"subject": "Weekly"}))
    assert answer.status == 200, answer
    found: dict[str, Any] = answer.json
    return found


def fetched(server: Server, dana: Session, meeting: dict[str, Any]) -> Any:
    """The meeting as it is now, on a connection of its own."""
    with Line(server) as line:
        answer = line.ask(dana.get(meeting["_links"]["self"]["href"]))
    assert answer.status == 200, answer
    return answer.json


def rest_of(line: Line) -> bytes:
    """All that still comes until the server closes the connection."""
    received = b""
    while more := line.socket.recv(65536):
        received += more
    return received


def test_expecting_to_be_told_to_go_on(line: Line, dana: Session, meeting: dict[str, Any]) -> None:
    """`Expect: 100-continue` is answered before the body, and the request after it."""
    line.send(line.begin(dana.put(meeting, subject="Moved")))
    answer = line.answer("PUT")
    assert (answer.status, answer.json["subject"]) == (200, "Moved")
    assert line.ask(dana.get(meeting["_links"]["self"]["href"])).body == answer.body


def test_http_1_0(line: Line) -> None:
    """Without keep-alive, and even without a Host: one answer, not chunked, and the end."""
    line.send(b"GET / HTTP/1.0\r\n\r\n")
    head, _, body = rest_of(line).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert f"\r\nContent-Length: {len(body)}\r\n".encode() in head
    assert body.startswith(b'{"_links":{"self":')


def test_pipelined_requests_are_answered_in_order(
    line: Line, dana: Session, meeting: dict[str, Any]
) -> None:
    """And carried out in that order: the second writer comes too late."""
    line.send(
        dana.put(meeting, subject="First")
        + dana.put(meeting, subject="Second")
        + dana.get(meeting["_links"]["self"]["href"]).replace(
            b"\r\n", b"\r\nConnection: close\r\n", 1
        )
    )
    received = rest_of(line)
    assert [part[:4] for part in received.split(b"HTTP/1.1 ")[1:]] == [b"200 ", b"412 ", b"200 "]
    assert received.count(b'"subject":"First"') == 2


def test_body_in_chunks(line: Line, dana: Session, meeting: dict[str, Any]) -> None:
    head, _, body = dana.put(meeting, subject="Moved").partition(b"\r\n\r\n")
    head = head.replace(f"Content-Length: {len(body)}".encode(), b"Transfer-Encoding: chunked")
    chunks = [body[:10], body[10:100], body[100:]]
    line.send(head + b"\r\n\r\n")
    for chunk in chunks:
        line.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
    line.send(b"0\r\n\r\n")
    assert line.answer("PUT").json["subject"] == "Moved"


def test_byte_by_byte(line: Line, dana: Session, meeting: dict[str, Any]) -> None:
    for byte in dana.put(meeting, subject="Moved"):
        line.send(bytes([byte]))
    assert line.answer("PUT").json["subject"] == "Moved"


def test_client_that_goes_away_in_the_middle_of_its_body(
    server: Server, dana: Session, meeting: dict[str, Any]
) -> None:
    """Nothing is changed, and nobody else notices."""
    for _ in range(20):
        with Line(server) as line:
            line.begin(dana.put(meeting, subject="Half"))
    assert fetched(server, dana, meeting) == meeting


def test_client_that_does_not_wait_for_its_answer(
    server: Server, dana: Session, meeting: dict[str, Any]
) -> None:
    """Its request is carried out whole or not at all."""
    for _ in range(20):
        with Line(server) as line:
            line.send(dana.put(meeting, subject="Moved", description="Moved"))
    found = fetched(server, dana, meeting)
    moved = {**meeting, "subject": "Moved", "description": "Moved", "etag": found["etag"]}
    assert found in (meeting, moved)


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n\x00\xff garbage\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
    ],
)
def test_what_is_no_http(server: Server, line: Line, sent: bytes) -> None:
    """It is refused in UCWA's form, and the connection closed."""
    line.send(sent)
    head, _, body = rest_of(line).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert f"\r\nContent-Length: {len(body)}\r\n".encode() in head
    for name in (b"Connection: close", b"X-MS-UcwaVersion: 2.0", b"X-Request-Id: "):
        assert b"\r\n" + name in head
    assert json.loads(body)["code"] == "BadRequest"
    with Line(server) as another:
        assert another.ask(request("GET", "/")).status == 200


@pytest.mark.parametrize("coding", ["gzip, chunked", "gzip\r\nTransfer-Encoding: chunked"])
def test_transfer_coding_that_is_not_known(line: Line, coding: str) -> None:
    """It is refused (RFC 9112, section 6.1): nobody here would unpack the body."""
    head = f"POST /WebTicket/oauthtoken HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {coding}\r\n\r\n"
    line.send(head.encode() + b"1\r\na\r\n0\r\n\r\n")
    answer = line.answer("POST")
    assert (answer.status, answer.json["code"]) == (501, "NotImplemented")
    assert rest_of(line) == b""


@pytest.mark.parametrize("target", ["*", "http://a"])
def test_options_of_the_server(line: Line, target: str) -> None:
    """RFC 9110, section 9.3.7."""
    for _ in range(2):
        answer = line.ask(f"OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert answer.status == 204
        assert answer.header("Allow") == "DELETE, GET, HEAD, OPTIONS, POST, PUT"


def test_the_server_itself_has_no_content(line: Line) -> None:
    assert line.ask(b"GET * HTTP/1.1\r\nHost: a\r\n\r\n").status == 404


def test_body_that_is_too_large(server: Server, line: Line) -> None:
    """It is refused before it is sent."""
    line.send(
        b"POST /WebTicket/oauthtoken HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n"
    )
    answer = line.answer("POST")
    assert answer.status == 413
    assert answer.header("Connection") == "close"
    assert rest_of(line) == b""


@pytest.mark.parametrize("host", ["[", "[::1", "a b", 'a"b', "a/b", "a@b", "a:b", "ü", "a, b"])
def test_host_that_is_none(line: Line, host: str) -> None:
    """It is refused (RFC 9112, section 3.2): links and challenges are made from it."""
    for path in ("/", "/ucwa/oauth/v1/applications", "/nothing"):
        for authorization in ("", "Bearer wrong"):
            headers = {"Host": host, "Authorization": authorization}
            assert line.ask(request("GET", path, headers)).status == 400


@pytest.mark.parametrize("host", ["contoso.com", "a-b.c_d:8080", "127.0.0.1:1", "[::1]:443", ""])
def test_host_that_is_one(line: Line, host: str) -> None:
    answer = line.ask(request("GET", "/", {"Host": host}))
    href = answer.json["_links"]["self"]["href"]
    assert href.startswith(f"http://{host or 'localhost'}/Autodiscover/")


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]
)
def test_the_end_of_a_connection_is_announced(line: Line, head: bytes) -> None:
    line.send(head)
    assert b"\r\nConnection: close\r\n" in rest_of(line)


def test_http_1_1_without_a_host(line: Line) -> None:
    line.send(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert rest_of(line).startswith(b"HTTP/1.1 400 ")


def test_a_body_that_is_much_too_large_is_answered(line: Line, dana: Session) -> None:
    """Who sends it all before reading learns why it was refused, and not of a broken connection."""
    answer = line.ask(dana.post(dana.meetings, {"subject": "x" * 20 * 2**20}))
    assert (answer.status, answer.json["code"]) == (413, "EntityTooLarge")
