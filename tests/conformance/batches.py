"""A batch: many exchanges in one, each checked for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.conformance.bodies import FORM_OF_TYPE, media_type
from tests.conformance.exchange import Exchange
from tests.conformance.finding import Finding

BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
BATCH = "multipart/batching"
STATUS_LINE = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]+")
PART_TYPE = "application/http; msgtype=response"
BODY_IN_HEADER = "data"
"""Some clients write the body of a part as a header line `Data: {…}`."""


@dataclass(frozen=True)
class Message:
    """A request or a response inside of a part."""

    start: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Message:
        head, _, body = split_at_blank_line(raw.lstrip(b"\r\n"))
        start, *lines = head.splitlines() or [b""]
        return cls(start, tuple(header(line) for line in lines if b":" in line), body)


def header(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("utf-8", "replace").partition(":")
    return name.strip(), value.strip()


def split_at_blank_line(raw: bytes) -> tuple[bytes, bytes, bytes]:
    separator = b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n"
    return raw.partition(separator)


def is_batch(content_type: str | None) -> bool:
    return media_type(content_type) == BATCH


def parts(content_type: str | None, raw: bytes) -> list[bytes]:
    """The raw parts of a multipart body; none, where it names no boundary."""
    match = BOUNDARY.search(content_type or "")
    if match is None:
        return []
    delimiter = rb"(?:^|\r?\n)--" + re.escape(match[1].encode()) + rb"(?:--)?[ \t]*(?=\r?\n|$)"
    return [part for part in re.split(delimiter, raw)[1:] if part.strip()]


def messages(content_type: str | None, raw: bytes) -> list[Message]:
    return [Message.parse(split_at_blank_line(p.lstrip())[2]) for p in parts(content_type, raw)]


def inner_exchanges(batch: Exchange) -> list[Exchange]:
    requests = messages(batch.request_header("Content-Type"), batch.request_body)
    responses = messages(batch.response_header("Content-Type"), batch.content)
    return [inner_exchange(*pair) for pair in zip(requests, responses, strict=False)]


def inner_exchange(request: Message, response: Message) -> Exchange:
    method, url, *_ = [*request.start.decode().split(), "", ""]
    data = [value.encode() for name, value in request.headers if name.lower() == BODY_IN_HEADER]
    status = STATUS_LINE.match(response.start)
    return Exchange(
        method=method,
        url=url,
        request_headers=request.headers,
        request_body=request.body.strip() or b"".join(data),
        status=int(status[1]) if status else 0,
        response_headers=response.headers,
        response_body=response.body,
        raw_header_case=True,
        inner=True,
    )


def batch_findings(batch: Exchange) -> Iterator[Finding]:
    """The form of the batch itself."""
    sent = parts(batch.request_header("Content-Type"), batch.request_body)
    came = parts(batch.response_header("Content-Type"), batch.content)
    if len(sent) != len(came):
        yield Finding(f"the batch has {len(sent)} requests, but {len(came)} responses")
    if b"\n" in batch.content.replace(b"\r\n", b""):
        yield Finding("the lines of a batch response must all end in CRLF")
    for part in came:
        yield from part_findings(part)


def part_findings(part: bytes) -> Iterator[Finding]:
    head, _, rest = split_at_blank_line(part.lstrip())
    if dict(map(header, head.splitlines())).get("Content-Type") != PART_TYPE:
        yield Finding(f"a part of a batch must have Content-Type: {PART_TYPE}")
    message = Message.parse(rest)
    if STATUS_LINE.fullmatch(message.start) is None:
        yield Finding(f"a part must start like HTTP/1.1 200 OK, not {message.start.decode()!r}")
    names = [name for name, _ in message.headers]
    if "Content-Type" in names and names[-1] != "Content-Type":
        yield Finding("Content-Type must be the last header of a part")
    content_type = next((value for name, value in message.headers if name == "Content-Type"), None)
    if media_type(content_type) in FORM_OF_TYPE and b"\n" in message.body.strip():
        yield Finding("the JSON of a part must stand on one line")
