"""A load of conditional PUTs that lives through what breaks, and knows what was acknowledged.

Each writer has a meeting of its own and sends one request at a time. So of each meeting it is known
what it has to be: what was acknowledged last, or one of the attempts since that nobody answered, or
that were answered 503.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from bench.http import Answer, NoAnswer, NotSent
from bench.servers import ServerFailed
from prove.client import Line, Request, Resource, Session, sign_in
from prove.servers import Installation

WRITERS = 8
USERS = ("dana@contoso.com", "chris@contoso.com")
PATIENCE = 60.0
"""Seconds after which something that has to happen counts as not happening."""
_PAUSE = 0.05
"""Seconds before the next attempt after one that failed: what is broken is to be met often."""
_TEXT = 8000
"""Characters of a meeting's description: so much grows what is stored with each version."""


@dataclass
class Writer:
    """Replaces one meeting, over and over. `wrong` is what may not have been answered."""

    line: Line
    meeting: Resource
    chance: random.Random
    acknowledged: int = 0
    refused: int = 0
    unanswered: int = 0
    wrong: list[str] = field(default_factory=list)
    _attempts: int = 0
    _in_doubt: set[str] = field(default_factory=set)

    def step(self) -> bool:
        """Find out how the last attempts went, and send the next. False if one of that failed."""
        if self._in_doubt and not self.settle():
            return False
        self._attempts += 1
        subject = f"attempt {self._attempts}"
        try:
            answer = self.line.ask(self._put(subject))
        except NotSent:
            return False
        except NoAnswer:
            self.unanswered += 1
            self._in_doubt.add(subject)
            return False
        if answer.status == 200:
            self._acknowledge(answer, subject)
            return True
        self._in_doubt.add(subject)
        self._refuse("PUT", answer)
        return False

    def settle(self) -> bool:
        """Compare what is there with what was acknowledged. False when it could not be read."""
        try:
            answer = self.line.ask(Request("GET", self.href))
        except (NotSent, NoAnswer):
            return False
        if answer.status != 200:
            self._refuse("GET", answer)
            return False
        found = answer.resource()
        if found["subject"] in self._in_doubt:
            self._newer(found)
        elif (found["subject"], found["etag"]) != (self.meeting["subject"], self.meeting["etag"]):
            self.wrong.append(
                f"{self.href}: {self.meeting['subject']} was acknowledged with the ETag "
                f"{self.meeting['etag']}, and there is {found['subject']} with {found['etag']}"
            )
        self.meeting = found
        self._in_doubt.clear()
        return True

    def move(self, root: str, session: Session) -> None:
        """Go on in another application of the user."""
        href = session.href + self.href.removeprefix(self.line.session.href)
        self.line.close()
        self.line = Line(root, session)
        self.meeting = {**self.meeting, "_links": {"self": {"href": href}}}

    @property
    def href(self) -> str:
        """The address of its meeting."""
        return str(self.meeting["_links"]["self"]["href"])

    def _put(self, subject: str) -> Request:
        text = self.chance.randbytes(_TEXT // 2).hex()
        content = {**self.meeting, "subject": subject, "description": text}
        return Request("PUT", self.href, content, {"If-Match": f'"{self.meeting["etag"]}"'})

    def _acknowledge(self, answer: Answer, subject: str) -> None:
        found = answer.resource()
        if found["subject"] != subject:
            self.wrong.append(f"{self.href}: {subject} was sent and {found['subject']} answered")
        self._newer(found)
        self.meeting = found
        self.acknowledged += 1

    def _newer(self, found: Resource) -> None:
        if int(found["etag"]) <= int(self.meeting["etag"]):
            self.wrong.append(
                f"{self.href}: the ETag {found['etag']} came after {self.meeting['etag']}"
            )

    def _refuse(self, method: str, answer: Answer) -> None:
        """Take an answer that is no success: it has to say when to come back."""
        self.refused += 1
        said = answer.body[:300].decode("utf-8", "replace")
        is_told = answer.header("Retry-After").isdigit() and "Try again" in said
        if answer.status != 503 or not is_told:
            self.wrong.append(f"{method} {self.href}: {answer.status} {answer.headers} {said}")


class Load:
    """Writers that write without pause, each on a thread of its own, and one reader."""

    def __init__(self, root: str, sessions: Sequence[Session], chance: random.Random) -> None:
        self.writers = [
            _writer(root, sessions[number % len(sessions)], random.Random(chance.random()))
            for number in range(WRITERS)
        ]
        self.sessions = sessions
        self._root = root
        self._reader = Line(root, sessions[0])
        self.reads: Counter[int] = Counter()
        """Answers to the reader, by their status."""
        self._stopping = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Write and read for as long as the block lasts."""
        self._stopping.clear()
        threads = [
            threading.Thread(target=self._write, args=[writer]) for writer in self.writers
        ] + [threading.Thread(target=self._read)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join()

    @property
    def acknowledged(self) -> int:
        """The number of acknowledged updates."""
        return sum(writer.acknowledged for writer in self.writers)

    @property
    def refused(self) -> int:
        """The number of requests that were answered 503."""
        return sum(writer.refused for writer in self.writers)

    def sign_in(self) -> None:
        """Sign everybody in anew, and go on in new applications."""
        self.sessions = [sign_in(self._root, session.user) for session in self.sessions]
        self._reader = Line(self._root, self.sessions[0])
        for number, writer in enumerate(self.writers):
            writer.move(self._root, self.sessions[number % len(self.sessions)])

    def has_refused(self, count: int) -> bool:
        """Return whether so many requests were answered 503, or one was answered wrongly."""
        return self.refused >= count or bool(self.wrong)

    @property
    def unanswered(self) -> int:
        """The number of requests that broke off."""
        return sum(writer.unanswered for writer in self.writers)

    @property
    def wrong(self) -> list[str]:
        """The wrong answers, and the lost updates."""
        return [one for writer in self.writers for one in writer.wrong]

    def each_acknowledged(self) -> None:
        """Wait until every writer has had one more update acknowledged. Raises ServerFailed."""
        before = [writer.acknowledged for writer in self.writers]
        until(
            "every writer is acknowledged",
            lambda: all(
                writer.acknowledged > count or writer.wrong
                for writer, count in zip(self.writers, before, strict=True)
            ),
        )

    def settle(self) -> list[str]:
        """Compare all that is there with what was acknowledged; return all that is wrong."""
        for writer in self.writers:
            until("a meeting can be read", partial(_is_settled, writer))
        return self.wrong

    def _write(self, writer: Writer) -> None:
        while not self._stopping.is_set() and not writer.wrong:
            if not writer.step():
                self._stopping.wait(_PAUSE)

    def _read(self) -> None:
        while not self._stopping.is_set():
            href = self.writers[0].meeting["_links"]["self"]["href"]
            try:
                self.reads[self._reader.ask(Request("GET", href)).status] += 1
            except (NotSent, NoAnswer):
                self.reads[0] += 1
            self._stopping.wait(0.01)


def signed_in(installation: Installation) -> list[Session]:
    """Sign everybody in."""
    return [sign_in(installation.root, user) for user in USERS]


def until(what: str, so: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until it is so. Raises ServerFailed when it does not come to be."""
    end = time.monotonic() + patience
    while not so():
        if time.monotonic() > end:
            raise ServerFailed(f"after {patience:.0f} seconds it is still not so that {what}")
        time.sleep(_PAUSE)


def _is_settled(writer: Writer) -> bool:
    return writer.settle() or bool(writer.wrong)


def _writer(root: str, session: Session, chance: random.Random) -> Writer:
    line = Line(root, session)
    answer = line.ask(Request("POST", session.meetings, {"subject": "attempt 0"}))
    if answer.status != 200:
        raise ServerFailed(f"a meeting was answered {answer.status}: {answer.body!r}")
    return Writer(line, answer.resource(), chance)
