"""Every message that was acknowledged reaches everybody in the meeting, once, and in one order.

People in a meeting send messages as fast as they can and follow their event channels, while others
come and go, and the server is stopped and killed. `check.py` compares what each of them has heard.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from bench.__main__ import say
from bench.http import UnexpectedAnswer
from bench.servers import DOMAIN
from prove.client import Line, Request, Resource, Session, sign_in
from prove.run import Run, everywhere
from prove.talking.check import check
from prove.talking.member import Member
from prove.talking.visitor import Visitor
from prove.verdict import Verdict, Violation

ORGANIZER = "dana"
MEMBERS = (ORGANIZER, "chris", "robin", "alex", "lene")
VISITOR = "sam"
_BETWEEN_KILLS = (0.5, 1.5)
"""Seconds that a server lives, at least and at most."""
_LOOK_EVERY = 0.05
"""Seconds between two looks at whether all have heard it."""
_PATIENCE = 60.0
"""Seconds until somebody counts as one who has not heard the last message."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """This proof has no options of its own."""


def prove(arguments: argparse.Namespace) -> int:
    """Prove it wherever it is asked for; return 1 if it does not hold."""
    return everywhere("talking", arguments, lambda run: Stage(run).play())


class Stage:
    """An installation with a meeting, its members, and somebody who comes and goes."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._blows: Counter[str] = Counter()
        self._sessions: dict[str, Session] = {}
        installation = run.installation
        installation.add_people([f"{user}@{DOMAIN}" for user in (*MEMBERS, VISITOR)])
        installation.start()
        dana = self._line(ORGANIZER)
        uri = str(_asked(dana, Request("POST", dana.session.meetings, {}))["onlineMeetingUri"])
        self._members = [
            Member(user, self._line(user), self._line(user), random.Random(run.chance.random()))
            for user in MEMBERS
        ]
        for member in self._members:
            member.join(uri)
        self._visitor = Visitor(self._line(VISITOR), uri)

    def play(self) -> Verdict:
        """Let them talk for as long as the run has, and return what was found."""
        speaking, listening = threading.Event(), threading.Event()
        with ThreadPoolExecutor(2 * len(self._members) + 1) as threads:
            hearing = [threads.submit(one.listen, listening) for one in self._members]
            talking = [threads.submit(one.speak, speaking) for one in self._members]
            talking.append(threads.submit(self._visitor.run, speaking))
            try:
                self._strike([*hearing, *talking])
                speaking.set()
                for one in talking:
                    one.result()
                last = self._members[0].say("the last one", insist=True)
                self._wait(last.number)
            finally:
                speaking.set()
                listening.set()
                self._run.installation.kill()  # or they would wait for more
            for one in hearing:
                one.result()
        return self._verdict()

    def _strike(self, running: list[Future[None]]) -> None:
        """Let the server end now and then, for as long as the run has."""
        chance, installation = self._run.chance, self._run.installation
        end = time.monotonic() + self._run.seconds
        while time.monotonic() < end and not any(one.done() for one in running):
            time.sleep(chance.uniform(*_BETWEEN_KILLS))
            if chance.random() < 0.2:
                installation.restart()
                self._blows["restart"] += 1
            else:
                self._blows[installation.strike(chance)] += 1
            say(f"talking: {installation.place}, {self._blows.total()} kills")

    def _wait(self, number: int | None) -> None:
        patience = time.monotonic() + _PATIENCE
        while time.monotonic() < patience and not all(one.knows(number) for one in self._members):
            time.sleep(_LOOK_EVERY)

    def _line(self, user: str) -> Line:
        """A connection of a user; those of one user are of the same application."""
        root = self._run.installation.root
        if user not in self._sessions:
            self._sessions[user] = sign_in(root, f"{user}@{DOMAIN}")
        return Line(root, self._sessions[user])

    def _verdict(self) -> Verdict:
        sent = [one for member in self._members for one in member.sent]
        heard = {member.name: member.heard for member in self._members}
        encode = msgspec.json.Encoder().encode
        lines: list[msgspec.Struct] = [*sent]
        lines += (one for said in heard.values() for one in said)
        self._run.history.write_bytes(b"".join(encode(one) + b"\n" for one in lines))
        violations: list[Violation] = check(sent, heard)
        return Verdict(
            {
                "members": len(self._members),
                "messages": sum(one.number is not None for one in sent),
                "unknown": sum(one.is_unknown for one in sent),
                "visits": self._visitor.visits,
                "kills": self._blows.total() - self._blows["restart"],
                "restarts": self._blows["restart"],
            },
            violations,
        )


def _asked(line: Line, request: Request) -> Resource:
    answer = line.ask(request)
    if answer.status not in (200, 201):
        raise UnexpectedAnswer(f"{request.method} {request.href}: {answer.status}")
    return answer.resource()
