"""Answering a batch: many requests in one (BatchingRequests.md)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from openucwa.http.answer import Answer, refusal
from openucwa.http.outstanding import Outstanding
from openucwa.http.parsed import parse
from openucwa.http.reading import LARGE, Readers
from openucwa.http.request import Call
from openucwa.http.room import MIB, Room
from openucwa.http.routes import Routes
from openucwa.http.site import Site
from openucwa.http.viewer import note_use, viewer_of
from openucwa.resources.application.batch import batch as resource
from openucwa.resources.path import ROOT
from openucwa.store.database import Database
from openucwa.wire import batch
from openucwa.wire.errors import BadRequest, TooManyRequests

_APPLICATION = f"{ROOT.strip('/')}/applications/{{application_id}}"
_NOT_IN_A_BATCH = Routes(
    (f"{_APPLICATION}/{path}".split("/"), name)
    for path, name in (
        ("batch", "another batch"),
        ("events", "events"),
        ("photos/{address}", "a photo"),
    )
)

_Part = batch.Request | BadRequest
"""A request of a batch, or what is wrong with it."""

LARGEST = 4 * MIB
"""Bytes that the answers of a batch have together, after which no other request is performed."""
AT_ONCE = 4
"""Requests of a batch that are performed at the same time, so that others get their turn."""

_SAFE = ("GET", "HEAD", "OPTIONS")
_INHERITED = ("authorization", "origin", "x-ms-origin")
_OF_THE_WHOLE = ("Connection", "Content-Length", "X-Content-Type-Options")


@dataclass(frozen=True)
class BatchEndpoint:
    """The endpoint of requests that hold many. `respond` answers each of them."""

    site: Site
    database: Database
    outstanding: Outstanding
    room: Room
    readers: Readers
    respond: Callable[[Call], Awaitable[Answer]]
    methods: Sequence[str] = ("POST",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        """Perform the requests of a batch, some at the same time; their answers in the same order.

        Raises Unauthenticated, InvalidToken, and UcwaError when none was performed.
        """
        with self.outstanding.counted(call):
            deployment, request = self.site.deployment, parse(call, keys, resource)
            await self.database.read(lambda tx: viewer_of(tx, request, deployment, resource))
            await note_use(self.database, request)
        most = deployment.limits.requests_per_user
        if len(call.body) <= LARGE:
            parts = _read(call, most)
        else:
            parts = await self.readers.run(call.line, lambda: _read(call, most))
            call.body = b""  # its parts have been copied
        with self.outstanding.counted(call, len(parts)):
            call.notes.parts = len(parts)
            responses = await self._performed(call, parts)
        boundary = str(uuid4())
        answer = Answer(
            200,
            batch.write(responses, boundary),
            media_type=f'{batch.MEDIA_TYPE}; boundary="{boundary}"',
        )
        self.room.hold(call, len(answer.body))
        return answer

    async def _performed(self, whole: Call, parts: Sequence[_Part]) -> list[batch.Response]:
        """The answers to the parts, which take their turns."""
        answers = _Answers()
        waiting = iter(enumerate(parts))

        async def one_by_one() -> None:
            for number, part in waiting:
                answers.responses[number] = await self._answer(whole, part, answers)

        await asyncio.gather(*(one_by_one() for _ in range(min(AT_ONCE, len(parts)))))
        return [answers.responses[number] for number in range(len(parts))]

    async def _answer(self, whole: Call, part: _Part, answers: "_Answers") -> batch.Response:
        """The answer to one part. What is wrong with it is an answer, too.

        What has been done is told, however long that is. What only was to be shown is left out when
        it does not fit.
        """
        if answers.are_full:
            return _response(refusal(whole.format, _full()))
        try:
            if isinstance(part, BadRequest):
                raise part
            call = _call(whole, part)
        except BadRequest as error:
            return _response(refusal(whole.format, error))
        answer = await self.respond(call)
        self.room.free(call)  # of the whole, which is counted from now on
        response = _response(answer, has_body=call.method != "HEAD")
        size = answers.size + len(response.body)
        if size > LARGEST:
            answers.are_full = True
            if call.method in _SAFE and answers.size:
                return _response(refusal(whole.format, _full()))
        answers.size = size
        self.room.hold(whole, size)
        return response


class _Answers:
    """The answers of a batch by the numbers of its parts, and how many bytes they have so far."""

    def __init__(self) -> None:
        self.responses: dict[int, batch.Response] = {}
        self.size = 0
        self.are_full = False


def _read(call: Call, most: int) -> list[_Part]:
    """Read the requests of a batch. Raises UcwaError if it has none."""
    parts: list[_Part] = []
    for part in batch.split(call.header("content-type"), call.body, most):
        try:
            parts.append(batch.read(part))
        except BadRequest as error:
            parts.append(error)
    return parts


def _full() -> TooManyRequests:
    return TooManyRequests(
        f"The answers of this batch have reached the limit of {LARGEST // MIB} MiB. This request "
        "was not executed. Send it again, alone or in a smaller batch.",
        headers={"Retry-After": "1"},
    )


def _call(whole: Call, request: batch.Request) -> Call:
    """A request of a batch: it comes from where the batch comes from, and goes where that went.

    Raises BadRequest for what may not stand in a batch.
    """
    if unfit := _NOT_IN_A_BATCH.match(request.path):
        raise BadRequest(f"A batch can't hold {unfit.endpoint}. Send it on its own.")
    headers = {name: whole.headers[name] for name in _INHERITED if name in whole.headers}
    headers |= {"x-request-id": whole.id, **request.headers}
    headers["host"] = whole.header("host") or ""
    return Call(
        method=request.method,
        path=request.path,
        query=request.query,
        version="1.1",
        scheme=whole.scheme,
        client=whole.client,
        headers=headers,
        receive=whole.receive,
        body=request.body,
        is_part=True,
        line=whole.line,
    )


def _response(answer: Answer, *, has_body: bool = True) -> batch.Response:
    headers = [line for line in answer.lines() if line[0] not in _OF_THE_WHOLE]
    return batch.Response(answer.status, headers, answer.body if has_body else b"")
