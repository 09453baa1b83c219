# Made from _async/batch.py by `make synchronous`. Change that one.
"""Many requests as one (BatchingRequests.md)."""

from collections import deque
from collections.abc import Mapping
from itertools import chain
from types import TracebackType
from typing import Self

import httpx2

from openucwa.client._sync.concurrency import sleep
from openucwa.client._sync.session import Session
from openucwa.client.batching import MOST, Part, answers_in, chunks, content_of_batch
from openucwa.client.errors import (
    AnswerLost,
    BadInput,
    ClientError,
    ConnectionFailed,
    NotOffered,
    TooMany,
)
from openucwa.client.failures import is_application_gone, refusal
from openucwa.client.resource import Resource
from openucwa.wire.batch import MEDIA_TYPE

_PAUSE = 1.0
"""Seconds before smaller batches are tried, where the server does not say."""
_TOO_MANY = 429
_TOO_MUCH = frozenset({413, _TOO_MANY})
"""The statuses of a batch that is too large, of which nothing was carried out."""

_Parts = list[Part[Resource | None]]


class Batch:
    """Requests that are collected, and sent together when the block is left.

    The server carries them out in any order, so none may build on another. It takes a limited
    number at once: what is more goes into another batch. If the block raises, nothing is sent.

    Leaving the block raises what kept a batch from being answered. What became of each request,
    its own `result()` tells.
    """

    def __init__(self, session: Session, *, most: int = MOST) -> None:
        self._session = session
        self._most = most
        self._parts: _Parts = []

    def get(self, href: str) -> Part[Resource]:
        """Ask for the resource at an address."""
        part: Part[Resource] = Part("GET", href, needs_content=True)
        self._parts.append(part)
        return part

    def post(self, href: str, content: Mapping[str, object] | None = None) -> Part[Resource | None]:
        """Create something, or make something happen."""
        return self._collected(Part("POST", href, content))

    def put(
        self, href: str, content: Mapping[str, object], *, if_match: str | None = None
    ) -> Part[Resource | None]:
        """Replace what is at an address, if it is the version `if_match` still."""
        return self._collected(Part("PUT", href, content, if_match=if_match))

    def delete(self, href: str, *, if_match: str | None = None) -> Part[Resource | None]:
        """Delete what is at an address, if it is the version `if_match` still."""
        return self._collected(Part("DELETE", href, if_match=if_match))

    def _collected(self, part: Part[Resource | None]) -> Part[Resource | None]:
        self._parts.append(part)
        return part

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self.send()

    def send(self) -> None:
        """Send what has been collected since the last time. Raises what leaving the block does."""
        parts, self._parts = self._parts, []
        if not parts:
            return
        try:
            if (self._session.application()).link("batch") is None:
                self._send_each(parts)
            else:
                self._send_all(parts)
        except ClientError as error:
            for part in parts:
                if not part.is_answered:
                    part.fail(error)
            raise

    def _send_each(self, parts: _Parts) -> None:
        """Send requests one by one, to a server that takes no batches."""
        for part in parts:
            request = self._session.request(
                part.method, part.href, headers=part.headers, content=part.content or None
            )
            part.take(self._session.exchange(request, repeatable=part.is_safe))

    def _send_all(self, parts: _Parts) -> None:
        """Send requests in batches, as large as the server takes them.

        Where an answer is lost, what may have been done is not sent again, but all the rest is.
        """
        waiting = deque(chunks(parts, self._most))
        lost: AnswerLost | None = None
        while waiting:
            chunk = waiting.popleft()
            try:
                if left := self._perform(chunk):
                    waiting.appendleft(left)
            except (BadInput, TooMany) as error:
                if error.status not in _TOO_MUCH or len(chunk) == 1:
                    raise
                self._most = len(chunk) // 2
                waiting = deque(chunks([*chunk, *chain.from_iterable(waiting)], self._most))
                sleep(error.retry_after or _PAUSE)
            except AnswerLost as error:
                lost = error
                asked = [part for part in chunk if part.is_safe]
                if len(asked) == len(chunk):  # it has been sent again already
                    raise
                for part in chunk:
                    if not part.is_safe:
                        part.fail(error)
                if asked:
                    waiting.appendleft(asked)
        if lost is not None:
            raise lost

    def _perform(self, chunk: _Parts) -> _Parts:
        """Send one batch, and give each of its requests the answer. Raises Refused as a whole.

        Returns those that the server has not performed, since the answers to the others were large.
        """
        repeatable = all(part.is_safe for part in chunk)
        try:  # without patience: a batch that is too large is not to be sent again as it is
            response = self._posted(chunk, repeatable=repeatable, patient=len(chunk) == 1)
        except ConnectionFailed as error:
            if isinstance(error, AnswerLost) and not repeatable:
                raise
            response = self._posted(chunk, repeatable=repeatable, patient=True)
        if not response.is_success:
            raise refusal(response)
        answers = list(zip(chunk, answers_in(response, len(chunk)), strict=True))
        left = [part for part, answer in answers if answer.status_code == _TOO_MANY]
        if len(left) == len(chunk):  # then it is no better when it is sent once more
            left = []
        for part, answer in answers:
            if part not in left:
                part.take(answer)
        return left

    def _posted(self, chunk: _Parts, *, repeatable: bool, patient: bool) -> httpx2.Response:
        """The answer to a batch, from a new application if the old one has ended."""
        application = self._session.application()
        request = self._request(chunk)
        response = self._session.exchange(request, repeatable=repeatable, patient=patient)
        if not is_application_gone(response):
            return response
        self._session.ended(application)
        request = self._request(chunk)
        return self._session.exchange(request, repeatable=repeatable, patient=patient)

    def _request(self, chunk: _Parts) -> httpx2.Request:
        href = (self._session.application()).link("batch")
        if href is None:
            raise NotOffered("The server no longer accepts batches. Try again.")
        addressed = [(part, self._session.address(part.href)) for part in chunk]
        content_type, content = content_of_batch(addressed)
        headers = {"Accept": MEDIA_TYPE, "Content-Type": content_type}
        return self._session.request("POST", href, headers=headers, content=content)
