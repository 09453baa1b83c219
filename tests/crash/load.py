"""Clients that write without pause, and remember what they were told and what they were not.

Each client has meetings of its own, or extensions of its own, and does one thing at a time. So when
the server dies, at most one attempt of each client is in doubt.
"""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count
from typing import Any

from tests.sockets.line import Answer, Line, Session
from tests.sockets.process import PATIENCE, Server

MARK = "subject"
"""The member by which one version differs from every other: meetings and extensions have it."""
_KEPT_AT_MOST = 10
_attempts = count(1)


class Ledger:
    """Every content that was ever seen, by its address and its ETag; and the acknowledgements."""

    def __init__(self) -> None:
        self.contents: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.reused: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
        """Pairs of different contents that had the same address and ETag."""
        self.marks: set[str] = set()
        self._acknowledged = 0
        self._changed = threading.Condition()

    def saw(self, resource: Mapping[str, Any]) -> None:
        with self._changed:
            key = (href_of(resource), resource["etag"])
            known = self.contents.setdefault(key, resource)
            self.marks.add(resource[MARK])
            if known != resource:
                self.reused.append((known, resource))

    def acknowledge(self) -> None:
        with self._changed:
            self._acknowledged += 1
            self._changed.notify()

    def wait_for(self, count: int) -> None:
        """Wait until so many more attempts are acknowledged."""
        with self._changed:
            enough = self._acknowledged + count
            answered = self._changed.wait_for(lambda: self._acknowledged >= enough, PATIENCE)
        assert answered, "the clients get no answers"


@dataclass
class Attempt:
    """What a client has asked for and was not told the outcome of; `mark` is None for DELETE."""

    href: str | None
    mark: str | None


@dataclass
class Client:
    """Keeps things in one collection of one user: creates, replaces and deletes them."""

    session: Session
    collection: str
    status: int
    """What creating one is answered with."""
    ledger: Ledger
    known: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What was acknowledged last of each, by its address."""
    deleted: set[str] = field(default_factory=set)
    attempt: Attempt | None = None
    wrong: list[Answer] = field(default_factory=list)
    """Answers that there should not have been."""

    def write_until_it_dies(self, server: Server) -> None:
        """Write without pause until the server is gone."""
        try:
            with Line(server) as line:
                while not self.wrong:
                    self._step(line)
        except (OSError, HTTPException):
            return

    def _step(self, line: Line) -> None:
        known = list(self.known.values())
        if random.randrange(_KEPT_AT_MOST) >= len(known):
            self._create(line)
        elif random.randrange(_KEPT_AT_MOST) == 0:
            self._delete(line, random.choice(known))
        else:
            self._replace(line, random.choice(known))
        self.attempt = None
        self.ledger.acknowledge()

    def _create(self, line: Line) -> None:
        mark = f"attempt {next(_attempts)}"
        self.attempt = Attempt(None, mark)
        answer = line.ask(self.session.post(self.collection, {MARK: mark}))
        if self._is(answer, self.status):
            self._keep(answer.json)

    def _replace(self, line: Line, resource: Mapping[str, Any]) -> None:
        mark = f"attempt {next(_attempts)}"
        self.attempt = Attempt(href_of(resource), mark)
        answer = line.ask(self.session.put(resource, **{MARK: mark}))
        if self._is(answer, 200):
            self._keep(answer.json)

    def _delete(self, line: Line, resource: Mapping[str, Any]) -> None:
        href = href_of(resource)
        self.attempt = Attempt(href, None)
        answer = line.ask(self.session.delete(href, if_match=resource["etag"]))
        if self._is(answer, 204):
            del self.known[href]
            self.deleted.add(href)

    def _keep(self, resource: Mapping[str, Any]) -> None:
        self.known[href_of(resource)] = resource
        self.ledger.saw(resource)

    def _is(self, answer: Answer, status: int) -> bool:
        if answer.status != status:
            self.wrong.append(answer)
        return answer.status == status

    def take_stock(self, served: Mapping[str, Mapping[str, Any]]) -> bool:
        """Compare what is served with what was acknowledged; whether an attempt was in doubt.

        `served` is all of the collection, by address; what belongs to other clients is passed over.
        """
        attempt, self.attempt = self.attempt, None
        for href, acknowledged in list(self.known.items()):
            found = served.get(href)
            if attempt and attempt.href == href:
                carried_out = found != acknowledged
                if attempt.mark in self.ledger.marks:  # somebody has read it
                    assert carried_out
                if carried_out and attempt.mark is None:
                    assert found is None
                    del self.known[href]
                    self.deleted.add(href)
                elif carried_out:
                    assert found is not None
                    assert found[MARK] == attempt.mark
                    assert found["etag"] != acknowledged["etag"]
                    self._keep(found)
            else:
                assert found == acknowledged
        assert not self.deleted & set(served)
        if attempt and attempt.href is None:
            for found in served.values():
                if found[MARK] == attempt.mark:
                    self._keep(found)
        return attempt is not None


def read_until_it_dies(server: Server, clients: list[Client], ledger: Ledger) -> None:
    """Read what the clients keep, and enter it into the ledger, until the server is gone."""
    try:
        with Line(server) as line:
            while True:
                client = random.choice(clients)
                if addresses := list(client.known):
                    answer = line.ask(client.session.get(random.choice(addresses)))
                    if answer.status == 200:
                        ledger.saw(answer.json)
    except (OSError, HTTPException):
        return


def served(server: Server, session: Session, collection: str) -> dict[str, Mapping[str, Any]]:
    """All of a collection, by address."""
    with Line(server) as line:
        answer = line.ask(session.get(collection))
    assert answer.status == 200, answer
    embedded: Mapping[str, Any] = answer.json.get("_embedded", {})
    listed = [*embedded.get("myOnlineMeeting", ()), *embedded.get("onlineMeetingExtension", ())]
    return {href_of(one): one for one in listed}


def href_of(resource: Mapping[str, Any]) -> str:
    found: str = resource["_links"]["self"]["href"]
    return found
