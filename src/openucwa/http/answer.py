"""An answer: a status, headers in canonical case, and a body."""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from openucwa.http.formats import JSON, Format
from openucwa.http.versions import SERVED
from openucwa.resources import description
from openucwa.resources.resource import Resource
from openucwa.wire import csv
from openucwa.wire.errors import UcwaError
from openucwa.wire.representation import Representation

PLAIN = "text/plain; charset=utf-8"
NEGOTIATED = ("Accept",)
"""What an answer varies with whose format the client has chosen."""
DATA = "no-cache, no-store"
"""The `Cache-Control` of what is for one user alone. Clients look for the first; the second keeps
it out of the caches of browsers and proxies."""
PUBLIC = "no-cache"
"""The same of what everybody may see."""
_FAST = 1


@dataclass(slots=True)
class Answer:
    """A response. Header names are sent as they are written here: some clients mind their case.

    `vary` names the headers of the request that the answer depends on.
    """

    status: int
    body: bytes = b""
    media_type: str | None = JSON.content_type
    headers: list[tuple[str, str]] = field(default_factory=list)
    cache: str = DATA
    vary: tuple[str, ...] = ()

    def lines(self) -> Iterable[tuple[str, str]]:
        """The header lines, those of this answer first."""
        yield from self.headers
        if self.body and self.media_type:
            yield "Content-Type", self.media_type
        if self.status not in (204, 304):
            yield "Content-Length", str(len(self.body))
        if self.vary:
            yield "Vary", ", ".join(self.vary)
        yield "Cache-Control", self.cache
        if self.cache == "no-store":
            yield "Pragma", "no-cache"
        yield "X-Content-Type-Options", "nosniff"
        yield "X-MS-UcwaVersion", SERVED


def compressed(answer: Answer) -> Answer:
    """The answer with its body gzipped, for a client that accepts that."""
    answer.body = gzip.compress(answer.body, compresslevel=_FAST, mtime=0)
    answer.headers.append(("Content-Encoding", "gzip"))
    return answer


def showing(format: Format, representation: Representation, status: int = 200) -> Answer:
    """The answer that shows a resource."""
    body = format.write(representation)
    return Answer(status, body, format.content_type, vary=NEGOTIATED)


def table(representation: Representation, rows: Resource[Any]) -> Answer:
    """The answer that shows in CSV what a resource embeds: a row for each, of its properties."""
    shown = description.properties_of(rows)
    assert shown is not None
    columns = [field.encode_name for field in msgspec.structs.fields(shown)]
    embedded = representation.embedded.get(rows.rel, ())
    parts = [embedded] if isinstance(embedded, Representation) else embedded
    body = csv.write(columns, ([one.properties.get(name) for name in columns] for one in parts))
    return Answer(200, body, f"{csv.MEDIA_TYPE}; charset=utf-8", vary=NEGOTIATED)


def refusal(
    format: Format,
    error: UcwaError,
    more: Mapping[str, object] | None = None,
    embedded: Representation | None = None,
) -> Answer:
    """The answer that tells of an error; `more` and `embedded` are further members of its body."""
    body = format.write_error(error, more, embedded)
    headers = list(error.headers.items())
    return Answer(error.status, body, format.content_type, headers, vary=NEGOTIATED)
