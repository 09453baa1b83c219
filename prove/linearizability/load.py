"""Clients that read and write the same meetings without pause, and note what they are told."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.http import Answer, NoAnswer, NotSent
from prove.client import PAUSE, UNAVAILABLE, Line, Request, Resource, Session
from prove.linearizability.operation import Kind, Operation, Seen, above

MEETINGS, EXTENSIONS = 5, 3
"""The approximate number of meetings of a user, and of extensions of a meeting."""
_MARKS = ("subject", "description")
"""The members that every write sets, to the same: meetings and extensions have them."""
_BATCH = 6
"""Requests of a batch, at most."""


class Pool:
    """The keys of what there is, as far as clients have told each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._below: dict[str, list[str]] = defaultdict(list)
        self._gone: dict[str, list[str]] = defaultdict(list)

    def below(self, key: str) -> list[str]:
        """Return the members of a user or a meeting."""
        with self._lock:
            return self._below[key].copy()

    def gone(self, user: str) -> list[str]:
        """Return the meetings that a user had."""
        with self._lock:
            return self._gone[user].copy()

    def add(self, key: str) -> None:
        """Tell that something was made."""
        with self._lock:
            self._below[above(key)].append(key)

    def drop(self, key: str) -> None:
        """Tell that something has gone, and what was below it."""
        with self._lock:
            for one in [*self._below.pop(key, []), key]:
                if one in self._below[above(one)]:
                    self._below[above(one)].remove(one)
                self._gone[one.partition("/")[0]].append(one)


@dataclass(frozen=True)
class Attempt:
    """A request, and the line of the history that it becomes."""

    request: Request
    operation: Operation


class Client:
    """One of many: it has a connection and an application of its own, and one request at a time."""

    def __init__(self, name: str, line: Line, pool: Pool, chance: random.Random) -> None:
        self.name = name
        self.history: list[Operation] = []
        self._line = line
        self._session = line.session
        self._pool = pool
        self._chance = chance
        self._known: dict[str, list[Resource]] = {}
        """The last version and the one before, of what this client has seen."""
        self._marks = 0

    def run(self, stop: threading.Event, rest: float = 0) -> None:
        """Send one request or batch after the other, with a rest of up to so many seconds."""
        while not stop.is_set():
            count = self._chance.randint(2, _BATCH) if self._chance.random() < 0.1 else 1
            attempts = [self._drawn() for _ in range(count)]
            answered = self._do(attempts)
            if rest or not answered:
                stop.wait(self._chance.uniform(0, rest) if answered else PAUSE)
        self._line.close()

    def read_all(self) -> None:
        """Read all that the user has, and all that she ever had."""
        user = self._session.user
        keys = [user]
        for meeting in self._pool.below(user):
            keys += [meeting, *self._pool.below(meeting)]
        for key in keys + self._pool.gone(user):
            while not self._do([self._read(key)]):
                time.sleep(PAUSE)

    def _drawn(self) -> Attempt:
        """Return the next operation."""
        user, dice = self._session.user, self._chance.random()
        meetings = self._pool.below(user)
        if len(meetings) < MEETINGS:
            return self._create(user)
        meeting = self._chance.choice(meetings)
        extensions = self._pool.below(meeting)
        if dice < 0.02:
            return self._read(user)
        if dice < 0.04:
            return self._read(self._chance.choice(self._pool.gone(user) or meetings))
        if len(extensions) < EXTENSIONS and dice < 0.15:
            return self._create(meeting)
        key = self._chance.choice([meeting, *extensions])
        if key not in self._known or dice > 0.6:
            return self._read(key)
        return self._delete(key) if dice < 0.05 else self._put(key)

    def _read(self, key: str) -> Attempt:
        return Attempt(Request("GET", self._at(key)), self._operation(Kind.READ, key=key))

    def _create(self, within: str) -> Attempt:
        mark = self._mark()
        href = f"{self._at(within)}/extensions" if "/" in within else self._at(within)
        request = Request("POST", href, dict.fromkeys(_MARKS, mark))
        return Attempt(request, self._operation(Kind.CREATE, within=within, mark=mark))

    def _put(self, key: str) -> Attempt:
        mark, base = self._mark(), self._base(key)
        headers = {"If-Match": f'"{base["etag"]}"'}
        if self._chance.random() < 0.5:
            headers["Prefer"] = "return=representation"
        request = Request("PUT", self._at(key), {**base, **dict.fromkeys(_MARKS, mark)}, headers)
        parent = str(base["etag"])
        return Attempt(request, self._operation(Kind.PUT, key=key, mark=mark, parent=parent))

    def _delete(self, key: str) -> Attempt:
        parent = str(self._base(key)["etag"]) if self._chance.random() < 0.7 else ""
        headers = {"If-Match": f'"{parent}"'} if parent else {}
        request = Request("DELETE", self._at(key), headers=headers)
        return Attempt(request, self._operation(Kind.DELETE, key=key, parent=parent))

    def _base(self, key: str) -> Resource:
        """The version that this client saw last, or now and then the one before."""
        known = self._known[key]
        return known[0] if self._chance.random() < 0.1 else known[-1]

    def _operation(
        self, kind: Kind, key: str = "", within: str = "", mark: str = "", parent: str = ""
    ) -> Operation:
        return Operation(
            client=self.name,
            kind=kind,
            key=key,
            within=within,
            mark=mark,
            parent=parent,
            invoked=0,  # until it is sent
        )

    def _mark(self) -> str:
        self._marks += 1
        return f"{self.name}.{self._marks}"

    def _at(self, key: str) -> str:
        """Return the address of a key in this client's application."""
        return key_to_href(self._session, key)

    def _do(self, attempts: Sequence[Attempt]) -> bool:
        """Do it, and write down what came of it. False where nobody could answer."""
        invoked = time.perf_counter_ns()
        try:
            answers = self._asked([one.request for one in attempts])
        except NotSent:
            return False
        except NoAnswer:
            answers = [Answer(UNAVAILABLE, "", [], b"")]
        returned = time.perf_counter_ns()
        for number, attempt in enumerate(attempts):
            operation = attempt.operation
            operation.invoked = invoked
            answer = answers[number] if len(answers) == len(attempts) else answers[0]
            if answer.status != UNAVAILABLE:
                self._take(operation, answer, returned)
            self.history.append(operation)
        return answers[0].status != UNAVAILABLE

    def _asked(self, requests: Sequence[Request]) -> list[Answer]:
        if len(requests) == 1:
            return [self._line.ask(requests[0])]
        return self._line.ask_batch(requests)

    def _take(self, operation: Operation, answer: Answer, returned: int) -> None:
        operation.returned, operation.status = returned, answer.status
        content = json.loads(answer.body) if answer.body else {}
        operation.saw, operation.listed = [], []
        for key, one in shown(self._session, content):
            if "etag" in one:
                operation.saw.append(Seen(key, one["etag"], _mark_of(one)))
                self._known[key] = [*self._known.get(key, [])[-1:], one]
            if one["rel"] in ("myOnlineMeeting", "myOnlineMeetings"):
                operation.listed.append(key)
        if operation.is_accepted and operation.mark:
            operation.etag = answer.header("ETag").strip('"')
            if operation.kind is Kind.CREATE:
                operation.key = href_to_key(self._session, content["_links"]["self"]["href"])
                self._pool.add(operation.key)
        elif operation.status in (204, 404):
            self._forget(operation.key or operation.within)

    def _forget(self, key: str) -> None:
        self._pool.drop(key)
        for one in [one for one in self._known if one == key or above(one) == key]:
            del self._known[one]


def shown(session: Session, content: Resource) -> Iterator[tuple[str, Resource]]:
    """The meetings, their extensions and the list of them that an answer shows, by their keys."""
    if content.get("rel") in ("myOnlineMeeting", "onlineMeetingExtension", "myOnlineMeetings"):
        yield href_to_key(session, content["_links"]["self"]["href"]), content
    for embedded in content.get("_embedded", {}).values():
        for one in embedded if isinstance(embedded, list) else [embedded]:
            yield from shown(session, one)


def href_to_key(session: Session, href: str) -> str:
    """Return the key of an address, whichever of the user's applications has it."""
    inside = href.removeprefix(session.meetings).removeprefix(session.href)
    return session.user + inside.replace("/extensions/", "/")


def key_to_href(session: Session, key: str) -> str:
    """Return the address of a key in an application of the user."""
    _, *names = key.split("/")
    return "/".join([session.meetings, *names[:1], *("extensions" for _ in names[1:]), *names[1:]])


def _mark_of(resource: Resource) -> str:
    """Return the author's mark, or that of nobody if there are several."""
    return " and ".join(dict.fromkeys(str(resource.get(name)) for name in _MARKS))
