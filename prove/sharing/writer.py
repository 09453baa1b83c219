"""Writers of one meeting: each reads and writes it as herself, whether she may or not."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from bench.http import Answer
from prove.client import PAUSE, UNAVAILABLE, Line, Request, Resource
from prove.linearizability.operation import Kind, Operation, Seen, above

SCHEDULE = "schedule"
"""The last part of the key of the meeting's time, which stands beside its extensions."""
_MARKS = ("subject", "description")
"""The members that every write sets to its mark: meetings and extensions have them."""
_LENGTH = timedelta(minutes=30)
_FIRST = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
_PARTS = 3
"""Requests of a batch."""


def written(moment: datetime) -> str:
    """Return a time as the server writes it: marks are compared with what was sent."""
    return f"/Date({int(moment.timestamp()) * 1000})/"


EXPIRY = written(_FIRST + timedelta(days=365))
"""The end of the meeting, which no time of it is after, so that no time changes the meeting."""


class Board:
    """The knowledge of all writers: the last version of everything, whoever has seen it.

    So those who have lost their grant still write with an ETag that is valid.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Resource] = {}
        self._numbers = count(1)

    def note(self, key: str, resource: Resource) -> None:
        """Note a version that somebody has seen."""
        with self._lock:
            known = self._known.get(key)
            if known is None or int(known["etag"]) < int(resource["etag"]):
                self._known[key] = resource

    def last(self, key: str) -> Resource:
        """Return the last version, without what is different for others."""
        with self._lock:
            found = self._known[key]
        return {name: one for name, one in found.items() if name not in ("_links", "_embedded")}

    def mark(self, key: str, client: str) -> Mapping[str, str]:
        """Return members that no other write has."""
        number = next(self._numbers)
        if key.endswith(f"/{SCHEDULE}"):
            start = _FIRST + timedelta(seconds=number)
            return {"startTime": written(start), "endTime": written(start + _LENGTH)}
        return dict.fromkeys(_MARKS, f"{client}.{number}")


@dataclass(frozen=True)
class Attempt:
    """A request, and the line of the history that it becomes."""

    request: Request
    operation: Operation


class Writer:
    """One of many: she has a connection and an application of her own.

    `meeting` is the key of the meeting, and `href` where she finds it.
    """

    def __init__(
        self, name: str, line: Line, board: Board, meeting: str, href: str, chance: random.Random
    ) -> None:
        self.name = name
        self.history: list[Operation] = []
        self._line = line
        self._board = board
        self._meeting = meeting
        self._href = href
        self._chance = chance
        self._own = ""
        """The key of an extension that this writer has made, and nobody else changes."""

    def run(self, stop: threading.Event) -> None:
        """Send one request or batch after the other."""
        while not stop.is_set():
            many = self._chance.random() < 0.1
            self.do([self._drawn_of_all() for _ in range(_PARTS)] if many else [self._drawn()])
        self._line.close()

    def read(self) -> Attempt:
        """Return what reads the meeting, with what it embeds."""
        operation = Operation(client=self.name, kind=Kind.READ, key=self._meeting, invoked=0)
        return Attempt(Request("GET", self._href), operation)

    def put(self, key: str) -> Attempt:
        """Return what replaces the last version that anybody knows."""
        base, marks = self._board.last(key), self._board.mark(key, self.name)
        headers = {"If-Match": f'"{base["etag"]}"'}
        operation = Operation(
            client=self.name,
            kind=Kind.PUT,
            key=key,
            mark=_mark_of(marks),
            parent=str(base["etag"]),
            invoked=0,
        )
        return Attempt(Request("PUT", self._at(key), {**base, **marks}, headers), operation)

    def do(self, attempts: Sequence[Attempt]) -> None:
        """Send them, several as a batch, and write down what came of it."""
        requests = [one.request for one in attempts]
        invoked = time.perf_counter_ns()
        if len(requests) == 1:
            answers = [self._line.ask(requests[0])]
        else:
            answers = self._line.ask_batch(requests)
        returned = time.perf_counter_ns()
        for number, attempt in enumerate(attempts):
            answer = answers[number] if len(answers) == len(attempts) else answers[0]
            attempt.operation.invoked = invoked
            if answer.status == UNAVAILABLE:
                time.sleep(PAUSE)  # the server asks to be left alone for a moment
            else:
                self._take(attempt.operation, answer, returned)
            self.history.append(attempt.operation)

    def _drawn(self) -> Attempt:
        if self._chance.random() < 0.95:
            return self._drawn_of_all()
        return self._delete_own() if self._own else self._create_own()

    def _drawn_of_all(self) -> Attempt:
        """Return something with what all of them read and write."""
        dice = self._chance.random()
        if dice < 0.25:
            return self.read()
        if dice < 0.65:
            return self.put(self._meeting)
        if dice < 0.8:
            return self.put(f"{self._meeting}/{SCHEDULE}")
        return self.put(f"{self._meeting}/notes")

    def _create_own(self) -> Attempt:
        marks = self._board.mark(self._meeting, self.name)
        operation = Operation(
            client=self.name,
            kind=Kind.CREATE,
            within=self._meeting,
            mark=_mark_of(marks),
            invoked=0,
        )
        return Attempt(Request("POST", f"{self._href}/extensions", marks), operation)

    def _delete_own(self) -> Attempt:
        key = self._own
        operation = Operation(client=self.name, kind=Kind.DELETE, key=key, invoked=0)
        return Attempt(Request("DELETE", self._at(key)), operation)

    def _at(self, key: str) -> str:
        """Return the address of a key in this writer's application."""
        name = key.removeprefix(self._meeting).strip("/")
        if not name:
            return self._href
        return f"{self._href}/{name}" if name == SCHEDULE else f"{self._href}/extensions/{name}"

    def _take(self, operation: Operation, answer: Answer, returned: int) -> None:
        operation.returned, operation.status = returned, answer.status
        content = json.loads(answer.body) if answer.body else {}
        operation.saw, operation.listed = [], []
        for key, one in shown(self._meeting, content):
            operation.saw.append(Seen(key, one["etag"], _mark_of(one)))
            self._board.note(key, one)
            if key == self._meeting:
                operation.listed.append(key)
        if operation.is_accepted and operation.kind is Kind.CREATE:
            operation.key = self._own = f"{self._meeting}/{content['id']}"
        if operation.is_accepted and operation.kind is Kind.DELETE:
            self._own = ""
        if operation.is_accepted and operation.mark:
            operation.etag = answer.header("ETag").strip('"')


def shown(meeting: str, content: Resource) -> Iterator[tuple[str, Resource]]:
    """The meeting, its time and its extensions that an answer shows, by their keys."""
    rel = content.get("rel")
    if rel in ("myOnlineMeeting", "sharedOnlineMeeting"):
        yield meeting, content
    elif rel == "onlineMeetingSchedule":
        yield f"{meeting}/{SCHEDULE}", content
    elif rel == "onlineMeetingExtension":
        yield f"{meeting}/{content['id']}", content
    for embedded in content.get("_embedded", {}).values():
        for one in embedded if isinstance(embedded, list) else [embedded]:
            yield from shown(meeting, one)


def made(client: str, meeting: str, key: str, resource: Resource) -> Operation:
    """Return how something has come to be there before the race."""
    return Operation(
        client=client,
        kind=Kind.CREATE,
        within=above(key) if key == meeting else meeting,
        key=key,
        mark=_mark_of(resource),
        etag=str(resource["etag"]),
        invoked=0,
        returned=1,
        status=201,
    )


def _mark_of(resource: Resource) -> str:
    """Return the author's mark, or that of nobody if there are several."""
    names = ("startTime", "startTime") if "startTime" in resource else _MARKS
    return " and ".join(dict.fromkeys(str(resource.get(name)) for name in names))
