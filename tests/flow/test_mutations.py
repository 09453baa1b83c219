"""Requests with faults thrown at a server that runs: it answers in HTTP or closes, and goes on."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sockets.line import Line, Session, request
from tests.sockets.process import Server

pytestmark = pytest.mark.slow

PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b" ",
    b":",
    b"\xff",
    b"%00",
    b"//",
    b"?",
    b"#",
    b"*",
    b"http://a",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HTTP/1.0",
    b"Content-Length: 5\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: Upgrade\r\nUpgrade: h2c\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Content-Type: multipart/form-data; boundary=\r\n",
    b"Expect: 100-continue\r\n",
    b"Host: b\r\n",
    b"If-Match: *\r\n",
    b"X: " + b"x" * 70_000 + b"\r\n",
    b"5\r\n{}   \r\n0\r\n\r\n",
    b"{",
)
LONGEST = 200_000
"""Bytes that are sent on one connection."""

mutations = st.lists(
    st.tuples(
        st.sampled_from(("insert", "replace", "delete", "double", "cut")),
        st.integers(0, 10_000),
        st.integers(0, 40),
        st.sampled_from(PIECES) | st.binary(max_size=4),
    ),
    max_size=5,
)


def mutated(sent: bytes, changes: list[tuple[str, int, int, bytes]]) -> bytes:
    for kind, at, length, piece in changes:
        start = at % (len(sent) + 1)
        end = start + length
        sent = {
            "insert": sent[:start] + piece + sent[start:],
            "replace": sent[:start] + piece + sent[end:],
            "delete": sent[:start] + sent[end:],
            "double": sent[:end] + sent[start:],
            "cut": sent[:start],
        }[kind]
    return sent[:LONGEST]


def answers(received: bytes, asked: bytes) -> list[int]:
    """The statuses of the answers that came. Raises AssertionError for what is not HTTP."""
    statuses = []
    while received:
        head, blank, rest = received.partition(b"\r\n\r\n")
        assert blank, head
        first, *lines = head.decode("latin-1").split("\r\n")
        found = re.fullmatch(r"HTTP/1\.1 ([1-5][0-9][0-9]) [A-Za-z -]+", first)
        assert found, first
        headers = [re.fullmatch(r"([A-Za-z0-9-]+): ([^\r\n]*)", line) for line in lines]
        values = {one[1].lower(): one[2] for one in headers if one}
        assert len(values) >= len(lines) - 1, lines  # a challenge has two lines of one name
        status = int(found[1])
        received = rest
        if status == 100:
            continue
        statuses.append(status)
        assert values["x-ms-ucwaversion"] == "2.0"
        has_body = b"HEAD" not in asked or rest.startswith(b"{")
        length = int(values.get("content-length", 0)) if has_body else 0
        assert len(rest) >= length
        received = rest[length:]
    return statuses


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=mutations, which=st.integers(0, 4), parts=st.integers(1, 3))
def test_whatever_comes_is_answered_or_closed(
    server: Server,
    dana: Session,
    changes: list[tuple[str, int, int, bytes]],
    which: int,
    parts: int,
) -> None:
    """Never with a 500, and the next client is served.

    That nothing was logged as an error, the fixture sees to.
    """
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    sent = (
        dana.get(dana.meetings),
        dana.post(dana.meetings, {"subject": "x"}),
        request("POST", "/WebTicket/oauthtoken", form, b"grant_type=nonsense&username=a"),
        request("HEAD", "/?originalDomain=contoso.com"),
        dana.get(dana.meetings) + dana.post(dana.meetings, {"subject": "y"}),
    )[which]
    sent = mutated(sent, changes)
    received = b""
    with Line(server) as line:
        try:
            for at in range(parts):
                size = -(-len(sent) // parts)
                line.send(sent[at * size : (at + 1) * size])
            line.socket.settimeout(0.2)  # it may wait for more: that is fair
            while more := line.socket.recv(65536):
                received += more
        except OSError:  # closed in the middle of what was sent, or waiting
            pass
    assert all(status < 500 for status in answers(received, sent))
    with Line(server) as line:
        assert line.ask(request("GET", "/")).status == 200
