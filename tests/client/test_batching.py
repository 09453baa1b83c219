"""The requests of a batch, as a client writes them and reads their answers."""

import json
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.client.batching import MOST, Part, answers_in, chunks, content_of_batch
from openucwa.client.errors import AnswerLost, ConnectionFailed, NotFound, NotUcwa
from openucwa.client.resource import Resource
from openucwa.wire import batch

HOST = "https://ucwa.contoso.com"
BASE = "/ucwa/oauth/v1/applications/102"


def answer(content: bytes, content_type: str = 'multipart/batching; boundary="b"') -> Any:
    request = httpx2.Request("POST", f"{HOST}{BASE}/batch")
    headers = {"Content-Type": content_type}
    return httpx2.Response(200, headers=headers, content=content, request=request)


def part_answered(status: int, body: bytes = b"", *, needs_content: bool = False) -> Part[Any]:
    part: Part[Any] = Part("GET", f"{BASE}/me", needs_content=needs_content)
    written = batch.write([batch.Response(status, [("ETag", '"7"')], body)], "b")
    (found,) = answers_in(answer(written), 1)
    part.take(found)
    return part


def test_requests_are_written_as_a_server_reads_them() -> None:
    """With the host that they go to, and all that their address has."""
    url = httpx2.URL(f"{HOST}{BASE}/events?ack=1&key=a%20b")
    meeting = Part[Resource | None]("PUT", "/m", {"subject": "Wöchentlich"}, if_match="7")
    content_type, body = content_of_batch(
        [(Part("GET", "/e"), url), (meeting, httpx2.URL(f"{HOST}/m"))]
    )
    first, second = [batch.read(one) for one in batch.split(content_type, body, 10)]
    assert (first.method, first.path, first.query) == (
        "GET",
        f"{BASE}/events".encode(),
        b"ack=1&key=a%20b",
    )
    assert first.headers == {"host": "ucwa.contoso.com", "accept": "application/json"}
    assert first.body == b""
    assert second.headers["if-match"] == '"7"'
    assert second.headers["content-type"] == "application/json"
    assert json.loads(second.body) == {"subject": "Wöchentlich"}


@pytest.mark.parametrize(("given_tag", "sent"), [("7", '"7"'), ('"7"', '"7"'), ("*", "*")])
def test_a_tag_is_sent_in_quotes(given_tag: str, sent: str) -> None:
    part: Part[Any] = Part("DELETE", "/m", if_match=given_tag)
    assert part.headers["if-match"] == sent


def test_the_resource_is_read_from_its_part() -> None:
    found = part_answered(200, b'\xef\xbb\xbf{"rel":"me","name":"Dana"}').result()
    assert (found.rel, found.href, found.etag) == ("me", f"{BASE}/me", "7")
    assert found.properties == {"name": "Dana"}


def test_an_answer_without_content() -> None:
    assert part_answered(204).result() is None
    assert part_answered(204, b"\r\n").result() is None
    with pytest.raises(NotUcwa, match="empty"):
        part_answered(200, needs_content=True).result()


def test_an_error_of_a_part_is_raised_by_its_result() -> None:
    part = part_answered(404, b'{"code":"NotFound","message":"There is no such meeting."}')
    with pytest.raises(NotFound, match="There is no such meeting"):
        part.result()


def test_a_part_that_is_not_ucwa() -> None:
    with pytest.raises(NotUcwa):
        part_answered(200, b"<html>").result()


def test_there_is_no_result_before_the_batch_is_sent() -> None:
    part: Part[Any] = Part("GET", "/me")
    with pytest.raises(RuntimeError, match="has not been sent"):
        part.result()
    part.fail(ConnectionFailed("No."))
    with pytest.raises(ConnectionFailed):
        part.result()


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "multipart/batching; boundary=b"),
        (b"<html>", "text/html"),
        (b"--b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\r\n--b--", "multipart/batching; boundary=b"),
        (b"--b\r\n\r\n<html>\r\n--b\r\n\r\n<html>\r\n--b--", "multipart/batching; boundary=b"),
    ],
)
def test_other_than_one_answer_for_each_request(content: bytes, content_type: str) -> None:
    """Nobody knows what belongs to what, and what was done."""
    with pytest.raises(AnswerLost, match="Check before you repeat them"):
        answers_in(answer(content, content_type), 2)


@given(
    st.lists(st.integers(0, 400), max_size=30),
    st.integers(1, 10),
)
def test_chunks_keep_order_and_limits(sizes: list[int], most: int) -> None:
    parts: list[Part[Any]] = [Part("POST", "/m", {"text": "x" * size}) for size in sizes]
    found = list(chunks(parts, most, 2000))
    assert [part for chunk in found for part in chunk] == parts
    assert all(1 <= len(chunk) <= most for chunk in found)
    assert all(len(chunk) == 1 or sum(len(p.content) for p in chunk) < 2000 for chunk in found)


def test_a_batch_is_as_large_as_documented() -> None:
    parts: list[Part[Any]] = [Part("GET", f"/m/{number}") for number in range(250)]
    assert [len(chunk) for chunk in chunks(parts, MOST)] == [100, 100, 50]
