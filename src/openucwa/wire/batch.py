"""Batches: many HTTP messages in one body (BatchingRequests.md, RFC 2046 section 5.1).

What clients send is read in every way in which they write it: lines end in CRLF or LF, blank lines
stand before delimiters and messages, the last delimiter is left out, a part has no headers of its
own, a colon has spaces before it, the body of a request stands in a header line `Data`. What is
sent to them is written in the one way that all of them read.

A client writes its requests as the pages print them, and reads answers as leniently.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice, pairwise

from openucwa.wire.errors import DeserializationFailure, UnsupportedMediaType

MEDIA_TYPE = "multipart/batching"
MOST_HEADERS = 100
"""The largest number of headers of a request in a batch."""
LARGEST_HEAD = 64 * 1024
"""Bytes of its target and its headers, as with a request of its own; without its body in `Data`."""

_BOUNDARY = re.compile(r';[ \t]*boundary[ \t]*=[ \t]*(?:"([^"]+)"|([^";\s]+))', re.IGNORECASE)
_REQUEST_LINE = re.compile(
    rb"""(?P<method>[A-Za-z-]+) [ \t]++
    (?:[A-Za-z]+://[^/?\#\s]*+)?+                # that it goes to this server is known already
    (?P<path>[^?\#\s]*+) (?:\?(?P<query>[^\#\s]*+))? (?:\#\S*+)?
    [ \t]++ HTTP/1\.[01]""",
    re.VERBOSE,
)
_STATUS_LINE = re.compile(rb"HTTP/1\.[01][ \t]+(\d{3})(?:[ \t][^\r\n]*)?")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:([^\x00-\x08\x0a-\x1f\x7f]*)")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a batch.

    Header names are in lower case; the values of several lines of one name are joined by commas.
    """

    method: str
    path: bytes
    query: bytes
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """A response in a batch.

    Header names are sent as they are written here; of what is read, they are in lower case.
    """

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def split(content_type: str | None, body: bytes, most: int) -> list[bytes]:
    """The parts of a batch, each to be read for itself. Beyond `most`, only the first are found.

    Raises UnsupportedMediaType for a body of another type, DeserializationFailure for one that has
    no parts.
    """
    text = b"\n" + body + b"\n"
    delimiters = islice(_delimiters(text, b"\n--" + _boundary(content_type)), most + 3)
    parts = [text[end:start].removesuffix(b"\r") for (_, end), (start, _) in pairwise(delimiters)]
    if parts and not parts[-1].strip():
        parts.pop()  # some clients write a delimiter after each part, or do not close the last
    if not parts:
        raise DeserializationFailure(
            "The body has no request. Put a line before each: -- and the boundary that "
            "Content-Type names."
        )
    return parts


def read(part: bytes) -> Request:
    """The request in a part. Raises DeserializationFailure where there is none."""
    start, lines, body = _message(part)
    found = _REQUEST_LINE.fullmatch(start.strip())
    if found is None:
        raise DeserializationFailure(
            "This part of the batch has no request. After the headers of the part and a blank "
            "line, write the request: GET /path HTTP/1.1."
        )
    headers = _headers(lines)
    data = headers.pop("data", "")
    if len(start) + sum(map(len, headers.values())) > LARGEST_HEAD:
        raise DeserializationFailure(
            f"This part of the batch has a target and headers of more than {LARGEST_HEAD} bytes. "
            "Send shorter ones."
        )
    return Request(
        method=found["method"].decode().upper(),
        path=found["path"] or b"/",
        query=found["query"] or b"",
        headers=headers,
        body=body if body.strip() else data.encode("latin-1"),
    )


def read_response(part: bytes) -> Response:
    """The response in a part. Raises DeserializationFailure where there is none."""
    start, lines, body = _message(part)
    found = _STATUS_LINE.fullmatch(start.strip())
    if found is None:
        raise DeserializationFailure(
            "A part of the batch is not an answer: it does not start like HTTP/1.1 200 OK."
        )
    return Response(int(found[1]), tuple(_headers(lines).items()), body)


def write_requests(requests: Iterable[Request], boundary: str) -> bytes:
    """The body that holds these requests. The boundary must not occur in any of them."""
    pieces: list[bytes] = []
    for request in requests:
        query = b"?" + request.query if request.query else b""
        lines = (
            f"--{boundary}",
            "Content-Type: application/http; msgtype=request",
            "",
            f"{request.method} {(request.path + query).decode('latin-1')} HTTP/1.1",
            *(f"{name.title()}: {value}" for name, value in request.headers.items()),
            "",
            "",
        )
        pieces += "\r\n".join(lines).encode("latin-1"), request.body, b"\r\n"
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def write(responses: Iterable[Response], boundary: str) -> bytes:
    """The body that holds these responses. The boundary must not occur in any of them.

    Clients look for CRLF at the end of every line, and for `Content-Type` as the last header.
    """
    pieces: list[bytes] = []
    for response in responses:
        body = response.body
        headers = sorted(response.headers, key=lambda header: header[0] == "Content-Type")
        lines = (
            f"--{boundary}",
            "Content-Type: application/http; msgtype=response",
            "",
            f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
            *(f"{name}: {value}" for name, value in headers),
            "",
            "",
        )
        pieces.append("\r\n".join(lines).encode("latin-1", "replace"))
        pieces.append(_LINE_END.sub(b"\r\n", body) if b"\n" in body else body)
        pieces.append(b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return b"".join(pieces)


def _boundary(content_type: str | None) -> bytes:
    media_type, _, _ = (content_type or "").partition(";")
    if media_type.strip().lower() != MEDIA_TYPE:
        raise UnsupportedMediaType(f"A batch is sent as {MEDIA_TYPE};boundary=….")
    found = _BOUNDARY.search(content_type or "")
    if found is None:
        raise DeserializationFailure(
            f"Content-Type has no boundary. Send it like {MEDIA_TYPE};boundary=77f2569d."
        )
    return (found[1] or found[2]).encode("latin-1", "replace")


def _delimiters(text: bytes, delimiter: bytes) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each delimiter line, up to the one that closes the batch.

    Where none closes it, the end of the text does.
    """
    start = text.find(delimiter)
    while start >= 0:
        behind = start + len(delimiter)
        end = text.index(b"\n", behind)
        rest = text[behind:end].rstrip()
        if rest in (b"", b"--"):
            yield start, end
        if rest == b"--":
            return
        start = text.find(delimiter, end)
    yield len(text) - 1, len(text)


def _message(part: bytes) -> tuple[bytes, list[bytes], bytes]:
    """The first line of the message in a part, the lines of its headers, and its body."""
    message = part.lstrip(b"\r\n")
    if _HEADER.match(message):  # headers of the part itself, which tell nothing new
        _, message = _halves(message)
    head, body = _halves(message.lstrip(b"\r\n"))
    start, *lines = head.split(b"\n", MOST_HEADERS + 1)
    return start, lines, body


def _halves(message: bytes) -> tuple[bytes, bytes]:
    """Return the text before and after the first blank line."""
    blank = _BLANK_LINE.search(message)
    if blank is None:
        return message.rstrip(b"\r\n"), b""
    return message[: blank.start()], message[blank.end() :]


def _headers(lines: Sequence[bytes]) -> dict[str, str]:
    if len(lines) > MOST_HEADERS:
        raise DeserializationFailure(
            f"This part of the batch has more headers than {MOST_HEADERS}. Send fewer."
        )
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line.removesuffix(b"\r"))
        if found is None:
            raise DeserializationFailure(
                "A header of this part of the batch is not written as Name: value. Separate the "
                "headers and the body by a blank line."
            )
        name, value = found[1].decode().lower(), found[2].decode("latin-1").strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
