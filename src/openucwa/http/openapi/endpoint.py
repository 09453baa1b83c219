"""The path of the document."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from openucwa.http.answer import PUBLIC, Answer
from openucwa.http.openapi.document import document
from openucwa.http.request import Call
from openucwa.resources.registry import Registry


@dataclass
class OpenAPIEndpoint:
    """The description of the server, which anybody may read.

    It is written when it is first asked for, on a thread: that takes half a second.
    """

    registry: Registry
    methods: Sequence[str] = ("GET",)
    _written: bytes = b""
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        async with self._writing:
            self._written = self._written or await asyncio.to_thread(self._write)
        return Answer(200, self._written, cache=PUBLIC)

    def _write(self) -> bytes:
        return msgspec.json.encode(document(self.registry))
