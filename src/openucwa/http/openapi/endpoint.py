"""Where the document is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from openucwa.http.answer import PUBLIC, Answer
from openucwa.http.openapi.document import document
from openucwa.http.request import Call
from openucwa.resources.registry import Registry


@dataclass(frozen=True)
class OpenAPIEndpoint:
    """The description of the server, which anybody may read. It is written when it is asked for."""

    registry: Registry
    methods: Sequence[str] = ("GET",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        return Answer(200, self._body, cache=PUBLIC)

    @cached_property
    def _body(self) -> bytes:
        return msgspec.json.encode(document(self.registry))
