"""What is sent back: a status, headers in canonical case, and a body."""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openucwa.http.versions import SERVED
from openucwa.wire import json
from openucwa.wire.errors import UcwaError
from openucwa.wire.representation import Representation

JSON = "application/json; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
_FAST = 1


@dataclass(slots=True)
class Answer:
    """A response. Header names are sent as they are written here: some clients mind their case."""

    status: int
    body: bytes = b""
    media_type: str | None = JSON
    headers: list[tuple[str, str]] = field(default_factory=list)
    cache: str = "no-cache"

    def lines(self) -> Iterable[tuple[str, str]]:
        """The header lines, those of this answer first."""
        yield from self.headers
        if self.body and self.media_type:
            yield "Content-Type", self.media_type
        if self.status not in (204, 304):
            yield "Content-Length", str(len(self.body))
        yield "Cache-Control", self.cache
        if self.cache == "no-store":
            yield "Pragma", "no-cache"
        yield "X-Content-Type-Options", "nosniff"
        yield "X-MS-UcwaVersion", SERVED


def compressed(answer: Answer) -> Answer:
    """The answer with its body gzipped, for a client that accepts that."""
    answer.body = gzip.compress(answer.body, compresslevel=_FAST, mtime=0)
    answer.headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    return answer


def refusal(
    error: UcwaError,
    more: Mapping[str, object] | None = None,
    embedded: Representation | None = None,
) -> Answer:
    """The answer that tells of an error; `more` and `embedded` are further members of its body."""
    body = json.write_error(error, more, embedded)
    return Answer(error.status, body, headers=list(error.headers.items()))
