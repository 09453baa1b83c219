"""The race: writers who hold the same valid ETag of a document and all send at the same moment."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count

from bench.document import Document
from bench.http import Answer, Connection, NoAnswer, NotSent

WON = (200, 201, 204)
REFUSED = (409, 412, 423)
"""Conflict, Precondition Failed, Locked: the writer is told that its content was not taken."""


class Unfit(Exception):
    """Nobody can race for this document: what it lacks, and what to do."""


@dataclass
class Race:
    """The result of a race: the numbers of winners and of refused writers, and errors by name.

    `at_once` tells whether all requests were out before the first was answered.
    """

    winners: int = 0
    refused: int = 0
    at_once: bool = False
    errors: Counter[str] = field(default_factory=Counter)

    def count(self, answers: Iterable[Answer]) -> None:
        """Count how the writers were answered."""
        for answer in answers:
            self.winners += answer.status in WON
            self.refused += answer.status in REFUSED
            if answer.status not in (*WON, *REFUSED):
                self.errors[f"status {answer.status}"] += 1
        if not self.winners:
            self.errors["nobody won"] += 1


def races(document: Document, writers: int, chance: random.Random) -> Iterator[Race]:
    """Race for a document, again and again, each time with the ETag that the last race left.

    `chance` draws the order of the writers. Raises Unfit.
    """
    run = secrets.token_hex(4)
    with ExitStack() as stack:
        connections = [stack.enter_context(Connection(document.url)) for _ in range(writers)]
        etag = _read(document, connections[0]).etag
        for number in count(1):
            serials = [f"{run}-{number:06}-{writer:03}" for writer in range(writers)]
            race = Race()
            answers = _volley(
                race, document, dict(zip(serials, connections, strict=True)), etag, chance
            )
            if number == 1:
                _understood(document, answers)
            race.count(answers.values())
            left = _read(document, connections[0])
            race.errors.update(_wrong(answers, left, serials))
            etag = left.etag
            yield race


def _volley(
    race: Race,
    document: Document,
    connections: Mapping[str, Connection],
    etag: str,
    chance: random.Random,
) -> Mapping[str, Answer]:
    """Send the updates of all serials at the same moment; return the answers that came.

    All but the last byte of each is sent before, so that between the last bytes no more time passes
    than a few system calls take.
    """
    held: dict[str, Connection] = {}
    headers = {**document.headers, "If-Match": etag}
    for serial, connection in connections.items():
        with _noted(race, connection):
            connection.hold("PUT", document.target, headers, document.update(serial))
            held[serial] = connection
    out = []
    for serial in chance.sample(list(held), len(held)):
        with _noted(race, held[serial]):
            held[serial].release()
            out.append(serial)
    race.at_once = not any(held[serial].answered() for serial in out)
    answers = {}
    for serial in out:
        with _noted(race, held[serial]):
            answers[serial] = held[serial].answer()
    return answers


def _understood(document: Document, answers: Mapping[str, Answer]) -> None:
    """Raise Unfit if what was sent is nothing that this server takes from anybody."""
    statuses = {answer.status for answer in answers.values()}
    if statuses and statuses.isdisjoint((*WON, *REFUSED)):
        answer = next(iter(answers.values()))
        raise Unfit(f"{document.url} can't be updated: {_said(answer)}")


@contextmanager
def _noted(race: Race, connection: Connection) -> Iterator[None]:
    """Count the failure of a connection, which is opened anew next time."""
    try:
        yield
    except (NotSent, NoAnswer) as failure:
        race.errors[type(failure).__name__] += 1
        connection.close()


def _wrong(answers: Mapping[str, Answer], left: Answer, serials: Sequence[str]) -> Counter[str]:
    """Return the errors of the document after the race, in view of the answers."""
    wrong: Counter[str] = Counter()
    statuses = {serial: answer.status for serial, answer in answers.items()}
    won = [serial for serial, status in statuses.items() if status in WON]
    found = [serial for serial in serials if serial.encode() in left.body]
    if len(found) > 1:
        wrong["content of several writers"] += 1
    if won and not found:
        wrong["content of no writer"] += 1
    for serial in found:
        if statuses.get(serial) in REFUSED:
            wrong["content of a refused writer"] += 1
        elif serial in won and answers[serial].etag not in ("", left.etag):
            wrong["another ETag than its writer's"] += 1
    return wrong


def _read(document: Document, connection: Connection) -> Answer:
    """Read the document."""
    try:
        connection.send("GET", document.target, document.headers)
        found = connection.answer()
    except (NotSent, NoAnswer) as failure:
        raise Unfit(f"{document.url} can't be read: {failure!r}") from None
    if found.status != 200:
        raise Unfit(f"{document.url} can't be read: {_said(found)}")
    if not found.etag or found.etag.startswith("W/"):
        raise Unfit(f"{document.url} has {found.etag or 'no ETag'}; If-Match takes a strong ETag.")
    return found


def _said(answer: Answer) -> str:
    """Return the text of an answer on one line."""
    return f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}".strip()
