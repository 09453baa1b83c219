"""The requests of a batch, as they are sent and answered (BatchingRequests.md)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar, cast
from uuid import uuid4

import httpx2

from openucwa.client.errors import AnswerLost, ClientError, NotUcwa
from openucwa.client.failures import content_of, refusal
from openucwa.client.resource import Resource, encode
from openucwa.wire import batch
from openucwa.wire.errors import UcwaError

__all__ = ["MOST", "MOST_BYTES", "Part", "answers_in", "chunks", "content_of_batch"]

MOST = 100
"""The largest number of requests in one batch, as documented."""
MOST_BYTES = 512 * 1024
"""The largest size of a batch: servers limit the size of requests."""
_JSON = "application/json"
_OVERHEAD = 400
"""Bytes that a part takes beside its content, roughly."""
_LOOK = "The requests may or may not have been executed. Check before you repeat them."

T_co = TypeVar("T_co", bound=Resource | None, covariant=True)


class Part(Generic[T_co]):
    """One request of a batch. When the batch has been sent, `result()` has what came of it.

    It has a `method`, an `href`, and what is sent with it: `headers` and `content`.
    """

    __slots__ = (
        "_error",
        "_is_answered",
        "_needs_content",
        "_resource",
        "content",
        "headers",
        "href",
        "method",
    )

    def __init__(
        self,
        method: str,
        href: str,
        content: Mapping[str, object] | None = None,
        *,
        if_match: str | None = None,
        needs_content: bool = False,
    ) -> None:
        self.method: str = method
        self.href: str = href
        self.content: bytes = b""
        self.headers: dict[str, str] = {"accept": _JSON}
        if content is not None:
            self.content = json.dumps(encode(content)).encode()
            self.headers["content-type"] = _JSON
        if if_match is not None:
            self.headers["if-match"] = _quoted(if_match)
        self._needs_content = needs_content
        self._is_answered = False
        self._resource: Resource | None = None
        self._error: ClientError | None = None

    @property
    def is_safe(self) -> bool:
        """True if the request can be repeated safely."""
        return self.method == "GET"

    @property
    def is_answered(self) -> bool:
        """True if the result is known."""
        return self._is_answered

    def result(self) -> T_co:
        """The resource that was answered, None where the answer has none.

        Raises what was wrong with this request, or kept it from being answered; and RuntimeError
        before the batch has been sent.
        """
        if not self._is_answered:
            raise RuntimeError(
                "The batch has not been sent: leave its with block before you ask for results."
            )
        if self._error is not None:
            raise self._error
        return cast(T_co, self._resource)

    def fail(self, error: ClientError) -> None:
        """Note that there is no answer."""
        self._error, self._is_answered = error, True

    def take(self, response: httpx2.Response) -> None:
        """Note the answer."""
        self._is_answered = True
        if not response.is_success:
            self._error = refusal(response)
            return
        try:
            raw = content_of(response)
        except NotUcwa as error:
            self._error = error
            return
        if raw is not None:
            etag = response.headers.get("ETag")
            self._resource = Resource.parse(raw, self.href, etag=etag)
        elif self._needs_content:
            self._error = NotUcwa(f"The answer about {self.href} is empty. Try again later.")


def _quoted(tag: str) -> str:
    """An entity tag as `If-Match` has it; one that is in quotes already stays so."""
    return tag if tag == "*" or tag.endswith('"') else f'"{tag}"'


def chunks(
    parts: Sequence[Part[Resource | None]], most: int, most_bytes: int = MOST_BYTES
) -> Iterator[list[Part[Resource | None]]]:
    """The parts in their order, in batches of at most so many parts and roughly so many bytes."""
    chunk: list[Part[Resource | None]] = []
    size = 0
    for part in parts:
        more = len(part.content) + len(part.href) + _OVERHEAD
        if chunk and (len(chunk) == most or size + more > most_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(part)
        size += more
    if chunk:
        yield chunk


def content_of_batch(
    parts: Sequence[tuple[Part[Resource | None], httpx2.URL]],
) -> tuple[str, bytes]:
    """The `Content-Type` and the body of a batch: requests, each with the URL where it goes."""
    boundary = str(uuid4())
    requests = [_request(part, url) for part, url in parts]
    return f"{batch.MEDIA_TYPE};boundary={boundary}", batch.write_requests(requests, boundary)


def _request(part: Part[Resource | None], url: httpx2.URL) -> batch.Request:
    path, _, query = url.raw_path.partition(b"?")
    headers = {"host": url.netloc.decode("ascii"), **part.headers}
    return batch.Request(part.method, path, query, headers, part.content)


def answers_in(response: httpx2.Response, count: int) -> list[httpx2.Response]:
    """The answers to the requests of a batch, in their order.

    Raises AnswerLost if there are not as many as there were requests.
    """
    try:
        parts = batch.split(response.headers.get("Content-Type"), response.content, count)
        found = [batch.read_response(part) for part in parts]
    except UcwaError as error:
        raise AnswerLost(f"The answer to a batch can't be read. {_LOOK}") from error
    if len(found) != count:
        raise AnswerLost(f"The batch had {count} requests and {len(found)} answers. {_LOOK}")
    return [
        httpx2.Response(
            one.status,
            headers=list(one.headers),
            content=one.body.strip(),
            request=response.request,
        )
        for one in found
    ]
