"""Batches over real connections."""

import time

import pytest

from tests.conformance.batches import messages
from tests.sockets.line import Line, Session
from tests.sockets.process import PATIENCE, Server

pytestmark = pytest.mark.slow


def starts(dana: Session, line: Line, *requests: bytes) -> list[bytes]:
    answer = line.ask(dana.batch(requests))
    assert answer.status == 200, answer
    return [part.start for part in messages(answer.header("Content-Type"), answer.body)]


def test_hundred_at_once(line: Line, dana: Session) -> None:
    """The limit. One more is too many, and nothing of that is executed."""
    me = dana.get(dana.application["_embedded"]["me"]["_links"]["self"]["href"])
    assert starts(dana, line, *[me] * 100) == [b"HTTP/1.1 200 OK"] * 100
    before = line.ask(dana.get(dana.meetings)).json
    refused = line.ask(dana.batch([dana.post(dana.meetings, {"subject": "new"})] * 101))
    assert (refused.status, refused.json["code"]) == (429, "TooManyRequests")
    assert refused.header("Retry-After") is not None
    assert line.ask(dana.get(dana.meetings)).json == before


def test_clients_that_vanish_leave_nothing_outstanding(
    server: Server, line: Line, dana: Session
) -> None:
    """However many batches nobody waits for, there is room for the next."""
    batch = dana.batch([dana.post(dana.meetings, {"subject": "new"})] * 2)
    for _ in range(100):
        with Line(server) as vanishing:
            vanishing.send(batch)
    me = dana.get(dana.application["_embedded"]["me"]["_links"]["self"]["href"])
    patience = time.monotonic() + PATIENCE
    while line.ask(dana.batch([me] * 100)).status != 200:
        assert time.monotonic() < patience
