"""Answering a batch: many requests in one (BatchingRequests.md)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from openucwa.http.answer import Answer, refusal
from openucwa.http.outstanding import Outstanding
from openucwa.http.request import Call
from openucwa.http.routes import Routes
from openucwa.http.site import Site
from openucwa.http.viewer import note_use, viewer_of
from openucwa.resources.application.batch import batch as resource
from openucwa.resources.path import ROOT
from openucwa.store.database import Database
from openucwa.wire import batch
from openucwa.wire.errors import BadRequest

_APPLICATION = f"{ROOT.strip('/')}/applications/{{application_id}}"
_NOT_IN_A_BATCH = Routes(
    (f"{_APPLICATION}/{path}".split("/"), name)
    for path, name in (
        ("batch", "another batch"),
        ("events", "events"),
        ("photos/{address}", "a photo"),
    )
)

_INHERITED = ("authorization", "origin", "x-ms-origin")
_OF_THE_WHOLE = ("Connection", "Content-Length", "X-Content-Type-Options")


@dataclass(frozen=True)
class BatchEndpoint:
    """Where an application sends many requests as one. `respond` answers each of them."""

    site: Site
    database: Database
    outstanding: Outstanding
    respond: Callable[[Call], Awaitable[Answer]]
    methods: Sequence[str] = ("POST",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        """Perform the requests of a batch at the same time; their answers, in the same order.

        Raises Unauthenticated, InvalidToken, and UcwaError when none was performed.
        """
        with self.outstanding.counted(call):
            deployment = self.site.deployment
            await self.database.read(lambda tx: viewer_of(tx, call, keys, deployment, resource))
            await note_use(self.database, call)
        most = deployment.limits.requests_per_user
        parts = batch.split(call.header("content-type"), call.body, most)
        with self.outstanding.counted(call, len(parts)):
            call.parts = len(parts)
            responses = await asyncio.gather(*(self._answer(call, part) for part in parts))
        boundary = str(uuid4())
        return Answer(
            200,
            batch.write(responses, boundary),
            media_type=f'{batch.MEDIA_TYPE}; boundary="{boundary}"',
        )

    async def _answer(self, whole: Call, part: bytes) -> batch.Response:
        """The answer to one part. What is wrong with it is an answer, too."""
        try:
            call = _call(whole, batch.read(part))
        except BadRequest as error:
            return _response(refusal(whole.format, error))
        answer = await self.respond(call)
        return _response(answer, has_body=call.method != "HEAD")


def _call(whole: Call, request: batch.Request) -> Call:
    """A request of a batch: it comes from where the batch comes from, and goes where that went.

    Raises BadRequest for what may not stand in a batch.
    """
    if unfit := _NOT_IN_A_BATCH.match(request.path):
        raise BadRequest(f"A batch can't hold {unfit.endpoint}. Send this on its own.")
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
    )


def _response(answer: Answer, *, has_body: bool = True) -> batch.Response:
    headers = [line for line in answer.lines() if line[0] not in _OF_THE_WHOLE]
    return batch.Response(answer.status, headers, answer.body if has_body else b"")
