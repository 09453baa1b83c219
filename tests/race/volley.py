"""Requests that race: a volley of them, all let go at the same moment."""

import random
import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.sockets.line import Answer, Line
from tests.sockets.process import Server


@dataclass
class Lines:
    """Keep-alive connections, and how often their requests really raced."""

    lines: Sequence[Line]
    volleys: int = 0
    raced: int = 0
    _random: random.Random = field(default_factory=random.Random)

    def fire(self, requests: Sequence[bytes]) -> list[Answer]:
        """Send each request on a connection of its own, at once; the answers in the same order.

        Why it is a race: all but the last byte of every request has been sent, so the server has
        them all and can't carry out one. Then the last bytes go out in one loop, in an order left
        to chance, within less time than the server takes for one request. That no answer has come
        when all of them are out is looked for, and counted in `raced`.
        """
        lines = self.lines[: len(requests)]
        for line, request in zip(lines, requests, strict=True):
            line.hold(request)
        for line in self._random.sample(lines, len(lines)):
            line.release()
        answered, _, _ = select.select([line.socket for line in lines], [], [], 0)
        self.volleys += 1
        self.raced += not answered
        return [
            line.answer(request.partition(b" ")[0].decode())
            for line, request in zip(lines, requests, strict=True)
        ]


@contextmanager
def connected(server: Server, count: int) -> Iterator[Lines]:
    """So many connections. On leaving, most of their volleys must have been races."""
    with ExitStack() as stack:
        lines = Lines([stack.enter_context(Line(server)) for _ in range(count)])
        yield lines
        assert lines.raced > lines.volleys / 2, f"{lines.raced} of {lines.volleys} were races"


def statuses(answers: Sequence[Answer]) -> list[int]:
    """The statuses, in ascending order."""
    return sorted(answer.status for answer in answers)


def etag_of(answer: Answer) -> str:
    """The ETag, which header and body must agree on."""
    found: str = answer.json["etag"]
    assert answer.header("ETag") == f'"{found}"'
    return found


def without_links(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource without its links: the same for every application of its user."""
    return {name: value for name, value in resource.items() if name != "_links"}
