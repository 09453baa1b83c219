"""Batches, as clients write them and as they are answered."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from email import message_from_bytes
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openucwa.wire.batch import (
    LARGEST_HEAD,
    MOST_HEADERS,
    Request,
    Response,
    read,
    read_response,
    split,
    write,
    write_requests,
)
from openucwa.wire.errors import DeserializationFailure, UnsupportedMediaType

TYPE = "multipart/batching;boundary=b"

GROUPING = b"""
--77f2569d
Content-Type: application/http; msgtype=request

GET /ucwa/oauth/v1/applications/103/people/contacts HTTP/1.1
Host: lyncweb.contoso.com
Accept: application/json

--77f2569d
Content-Type: application/http; msgtype=request

GET /ucwa/oauth/v1/applications/103/me HTTP/1.1
Host: lyncweb.contoso.com
Accept: application/json


--77f2569d
"""
"""A batch as GroupingRequestsInABatch.md prints it: the last delimiter does not close it."""

REFERENCE = b"""--EA370946
Content-Type : application/http;msgtype=request
Content-Length : 200

GET /ucwa/v1/applications/11540713861/policies HTTP/1.1
Accept : application/vnd.microsoft.com.ucwa+json
Host : fe1.contoso.com


--EA370946--"""
"""A batch as batch_ref.md prints it, with its markup and its lost blanks mended."""


def read_all(content_type: str, body: bytes) -> list[Request]:
    return [read(part) for part in split(content_type, body, 1000)]


def test_printed_in_grouping_requests() -> None:
    headers = {"host": "lyncweb.contoso.com", "accept": "application/json"}
    path = b"/ucwa/oauth/v1/applications/103"
    assert read_all("multipart/batching;boundary=77f2569d", GROUPING) == [
        Request("GET", path + b"/people/contacts", b"", headers, b""),
        Request("GET", path + b"/me", b"", headers, b""),
    ]


def test_printed_in_the_reference() -> None:
    (found,) = read_all('multipart/batching;boundary="EA370946"', REFERENCE)
    assert found.path == b"/ucwa/v1/applications/11540713861/policies"
    assert found.headers == {
        "accept": "application/vnd.microsoft.com.ucwa+json",
        "host": "fe1.contoso.com",
    }


class Style(NamedTuple):
    """How a client writes its batches."""

    line_end: bytes
    quoted: bool
    before: bytes
    part_headers: Sequence[bytes]
    closed: bool
    colon: bytes
    origin: bytes
    blank_lines: int
    data: bool


styles = st.builds(
    Style,
    line_end=st.sampled_from([b"\r\n", b"\n"]),
    quoted=st.booleans(),
    before=st.sampled_from([b"", b"\r\n", b"\n\n", b"This is a batch.\r\n"]),
    part_headers=st.sampled_from(
        [
            [],
            [b"Content-Type: application/http; msgtype=request"],
            [b"Content-Type : application/http;msgtype=request", b"Content-Length : 9"],
            [b"Content-Transfer-Encoding: binary", b"Content-Type:application/http"],
        ]
    ),
    closed=st.booleans(),
    colon=st.sampled_from([b":", b": ", b" : ", b"\t:"]),
    origin=st.sampled_from([b"", b"https://lyncweb.contoso.com", b"HTTP://[::1]:8080"]),
    blank_lines=st.integers(0, 3),
    data=st.booleans(),
)
boundaries = st.from_regex(r"[0-9A-Za-z'()+_,./:=?-]{1,70}", fullmatch=True)
targets = st.from_regex(rb"/[!-\"$->@-~]{0,30}", fullmatch=True)
names = st.from_regex(r"x-[a-z-]{1,9}", fullmatch=True)
values = st.from_regex(r"([!-~\xa0-\xff]([ -~\xa0-\xff]{0,20}[!-~\xa0-\xff])?)?", fullmatch=True)
bodies = st.one_of(
    st.just(b""),
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.dictionaries(st.text(), inner)
    ).map(lambda found: json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")),
    st.binary().filter(lambda found: found.strip() != b"" and found[-1:] != b"\r"),
)
requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD"]),
    path=targets,
    query=st.from_regex(rb"[!-\"$-~]{0,20}", fullmatch=True),
    headers=st.dictionaries(names, values, max_size=4),
    body=bodies,
)


def sent(request: Request, style: Style) -> bytes:
    """A request as a client writes it."""
    target = style.origin + request.path + (b"?" + request.query if request.query else b"")
    headers = dict(request.headers)
    body = request.body
    if style.data and re.fullmatch(rb"\{[^\x00-\x08\x0a-\x1f\x7f]*\}", body):
        headers["Data"], body = body.decode("latin-1"), b""
    lines = [
        *style.part_headers,
        *([b""] if style.part_headers else []),
        request.method.encode() + b" " + target + b" HTTP/1.1",
        *(n.encode("latin-1") + style.colon + v.encode("latin-1") for n, v in headers.items()),
        b"",
        body,
    ]
    if not body:
        lines += [b""] * style.blank_lines
    return style.line_end.join(lines)


@given(st.lists(requests, min_size=1, max_size=5), boundaries, styles)
def test_what_a_client_writes_is_read(wanted: list[Request], boundary: str, style: Style) -> None:
    written = [sent(request, style) for request in wanted]
    delimiter = b"--" + boundary.encode()
    if any(b"\n" + delimiter in part for part in written):
        return  # no client chooses a boundary that its requests hold
    lines = [line for part in written for line in (delimiter, part)]
    if style.closed:
        lines += [delimiter + b"--", b""]
    elif wanted[-1].body:
        lines += [delimiter, b""]
    content_type = (
        f'multipart/batching; boundary="{boundary}"'
        if style.quoted
        else (f"multipart/batching;boundary={boundary}")
    )
    assert read_all(content_type, style.before + style.line_end.join(lines)) == wanted


@given(st.text(max_size=50) | st.just(TYPE), st.binary(max_size=200))
@example(TYPE, b"--b\n--b\n--b--")
@example(TYPE, b"--b\n\n:\n")
@example(TYPE, b"--b\nGET / HTTP/1.1\n\xff: \xff\n--b--")
@example("multipart/batching;boundary=\u2028", b"")
def test_nothing_else_than_the_documented_errors_is_raised(content_type: str, body: bytes) -> None:
    for whole in (body, b"--b\r\n" + body):
        with suppress(UnsupportedMediaType, DeserializationFailure):
            for part in split(content_type, whole, 10):
                with suppress(DeserializationFailure):
                    read(part)


@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "multipart/mixed; boundary=b"]
)
def test_another_type_is_refused(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType):
        split(content_type, b"--b\r\nGET / HTTP/1.1\r\n--b--", 10)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/batching", b"--b\r\nGET / HTTP/1.1\r\n--b--"),
        ("multipart/batching;boundary=", b"--\r\nGET / HTTP/1.1\r\n----"),
        (TYPE, b""),
        (TYPE, b"{}"),
        (TYPE, b"--b--"),
        (TYPE, b"--b\r\n\r\n--b--"),
        (TYPE, b"--c\r\nGET / HTTP/1.1\r\n--c--"),
        (TYPE, b"x--b\r\nGET / HTTP/1.1\r\nx--b--"),
    ],
)
def test_what_holds_no_parts_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(DeserializationFailure):
        split(content_type, body, 10)


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"GET /",
        b"GET / HTTP/2",
        b"GET /a b HTTP/1.1",
        b"GET/policiesHTTP/1.1",
        b'{"subject":"x"}',
        b"Content-Type: application/http",
        b"GET / HTTP/1.1\r\nno header",
        b"GET / HTTP/1.1\r\nAccept: a\r\n  folded",
        b"GET / HTTP/1.1\r\nAc cept: a",
        b"GET / HTTP/1.1\r\nAccept: a\rb",
        b"GET / HTTP/1.1\r\nAccept: \x00",
        b"GET / HTTP/1.1" + b"\r\na: b" * (MOST_HEADERS + 1),
    ],
)
def test_what_is_no_request_is_refused(part: bytes) -> None:
    with pytest.raises(DeserializationFailure):
        read(part)


def test_a_longer_boundary_is_another_one() -> None:
    """A batch within a batch: only the outer is split."""
    inner = b"POST / HTTP/1.1\r\n\r\n--bb\r\nGET / HTTP/1.1\r\n--bb--"
    assert split(TYPE, b"--b\r\n" + inner + b"\r\n--b--", 10) == [b"\n" + inner]


def test_what_follows_the_end_is_left_out() -> None:
    assert len(split(TYPE, b"--b\nGET / HTTP/1.1\n--b--\n--b\nGET / HTTP/1.1\n", 10)) == 1


def test_of_too_many_parts_only_the_first_are_found() -> None:
    """Even where a last one that is empty has been left out, they are more than there may be."""
    three = b"--b\r\nGET / HTTP/1.1\r\n" * 3
    assert len(split(TYPE, three + b"--b--", 3)) == 3
    assert len(split(TYPE, three + b"--b\r\n", 3)) == 3
    for more in (b"--b\r\nx\r\n--b--", b"--b\r\n\r\n--b\r\nx\r\n--b--", b"--b\r\nx\r\n" * 9):
        assert len(split(TYPE, three + more, 3)) > 3


def test_an_empty_part_keeps_its_place() -> None:
    assert split(TYPE, b"--b\r\n--b\r\nx\r\n--b--", 10) == [b"", b"\nx"]


def test_headers_of_one_name_are_joined() -> None:
    found = read(b"GET / HTTP/1.1\r\nIf-Match: 1\r\nif-match: 2\r\n")
    assert found.headers == {"if-match": "1, 2"}


@pytest.mark.parametrize("target", [b"https://x/a?b#c", b"/a?b", b"/a?b#c?d"])
def test_targets(target: bytes) -> None:
    found = read(b"get " + target + b" HTTP/1.1")
    assert (found.method, found.path, found.query) == ("GET", b"/a", b"b")


def test_a_body_counts_more_than_data() -> None:
    assert read(b"POST / HTTP/1.1\r\nData: {}\r\n\r\n[]").body == b"[]"


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    "body",
    [
        b"--b\n" * 250_000,
        b"\n--bc" * 200_000,
        b"--b--b" * 170_000,
        b"--b" + b" " * 1_000_000,
        b"--b\nGET / HTTP/1.1\n" + b"a:\n" * 300_000,
        b"--b\nGET / HTTP/1.1\na:" + b" " * 1_000_000 + b"x",
        b"--b\nGET " + b"/" * 1_000_000 + b"\n",
        b"--b\nGET " + b" " * 1_000_000 + b"\n",
        b"--b\n\nGET" + b" " * 1_000_000 + b"x",
        b"--b\n\nGET /" + b" " * 1_000_000 + b"x",
        b"--b\nGET https://" + b"a" * 1_000_000 + b"\n",
        b"--b\nGET /?" + b"a#" * 500_000 + b"\n",
        b"--b\n" + b"\r\n" * 500_000 + b"x",
        b"--b\nA" + b"\r" * 1_000_000 + b"x",
        b"--b\n" + b"A" * 1_000_000,
    ],
)
def test_hostile_batches_take_no_time(body: bytes) -> None:
    with suppress(DeserializationFailure):
        parts = split(TYPE, body, 100)
        assert len(parts) <= 102
        for part in parts:
            with suppress(DeserializationFailure):
                read(part)


answers = st.lists(
    st.builds(
        Response,
        status=st.sampled_from([200, 201, 204, 304, 400, 412, 428, 429, 500]),
        headers=st.lists(
            st.tuples(st.sampled_from(["ETag", "Content-Type", "Cache-Control"]), values),
            unique_by=lambda header: header[0],
        ),
        body=st.text(st.characters(codec="utf-8", exclude_characters="\r")).map(str.encode),
    ),
    min_size=1,
)


@given(answers)
def test_what_is_answered_is_read(responses: list[Response]) -> None:
    """By another reader of multipart bodies: Python's own."""
    body = write(responses, "3968fb75-0b0e")
    assert b"\n" not in body.replace(b"\r\n", b"")
    head = b"Content-Type: multipart/batching; boundary=3968fb75-0b0e\r\n\r\n"
    found = message_from_bytes(head + body)
    assert found.is_multipart()
    assert not found.defects
    for response, part in zip(responses, found.get_payload(), strict=True):
        assert part.items() == [("Content-Type", "application/http; msgtype=response")]
        raw = part.get_payload(decode=True)
        lines, _, content = raw.partition(b"\r\n\r\n")
        start, *headers = lines.decode("latin-1").split("\r\n")
        assert re.fullmatch(f"HTTP/1.1 {response.status} [A-Z][A-Za-z -]+", start)
        assert sorted(headers) == sorted(f"{name}: {value}" for name, value in response.headers)
        assert not any(line.startswith("Content-Type") for line in headers[:-1])
        assert content == response.body.replace(b"\n", b"\r\n")


@given(answers)
def test_a_client_reads_what_is_answered(responses: list[Response]) -> None:
    content_type = 'multipart/batching; boundary="3968fb75-0b0e"'
    parts = split(content_type, write(responses, "3968fb75-0b0e"), 1000)
    for part, response in zip(parts, responses, strict=True):
        found = read_response(part)
        assert found.status == response.status
        assert dict(found.headers) == {name.lower(): value for name, value in response.headers}
        assert found.body == response.body.replace(b"\n", b"\r\n")


PRINTED_ANSWER = b"""\
--3968fb75
Content-Type: application/http; msgtype=response

HTTP/1.1 200 OK
Cache-Control: no-cache
Content-Type: application/json; charset=utf-8

\xef\xbb\xbf{"rel":"myContacts"}
--3968fb75
Content-Type : application/http;msgtype=response

HTTP/1.1 404 Not Found
Content-Type : application/json

{"code":"NotFound"}
--3968fb75--
"""
"""An answer as BatchingRequests.md and batch_ref.md print it."""


def test_a_client_reads_answers_as_they_are_printed() -> None:
    found = [
        read_response(part)
        for part in split("multipart/batching; boundary=3968fb75", PRINTED_ANSWER, 10)
    ]
    assert [one.status for one in found] == [200, 404]
    assert [dict(one.headers)["content-type"] for one in found] == [
        "application/json; charset=utf-8",
        "application/json",
    ]
    assert [one.body for one in found] == [
        b'\xef\xbb\xbf{"rel":"myContacts"}',
        b'{"code":"NotFound"}',
    ]


@pytest.mark.parametrize("part", [b"", b"<html>", b"GET / HTTP/1.1", b"HTTP/1.1 OK", b"HTTP/2 200"])
def test_what_is_no_answer_is_refused(part: bytes) -> None:
    with pytest.raises(DeserializationFailure):
        read_response(part)


@given(st.lists(requests, min_size=1))
def test_a_server_reads_what_a_client_writes(wanted: list[Request]) -> None:
    body = write_requests(wanted, "77f2569d-c005-442b")
    found = [
        read(part) for part in split("multipart/batching;boundary=77f2569d-c005-442b", body, 1000)
    ]
    assert found == wanted


def test_the_head_of_a_request_has_a_limit_and_its_body_in_a_header_has_not() -> None:
    body = "x" * (2 * LARGEST_HEAD)
    found = read(f"POST / HTTP/1.1\r\nA: 1\r\nData: {body}\r\n\r\n".encode())
    assert len(found.body) == len(body)
    for head in (f"GET /{body} HTTP/1.1\r\n", f"GET / HTTP/1.1\r\nIf-Match: {body}\r\n"):
        with pytest.raises(DeserializationFailure, match="more than 65536 bytes"):
            read(f"{head}\r\n".encode())
