"""A channel's events, folded, always equal what a GET shows, and come once and in order.

Several applications of several users follow their channels while others change what these tell of.
Listeners lose answers, hang up, ask again and ask for the wrong thing, on connections that lead to
any process; the server is stopped and killed. At quiet moments each listener compares.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import msgspec

from bench.__main__ import say
from bench.http import NoAnswer, NotSent
from bench.servers import DOMAIN
from prove.client import Line, Request, sign_in
from prove.events.listener import Listener, Rendezvous
from prove.events.order import check, figures
from prove.linearizability.load import Client, Pool
from prove.linearizability.operation import above
from prove.run import Run, everywhere
from prove.verdict import Verdict, Violation

USERS = ("dana", "chris")
_LISTENERS, _CLIENTS = 3, 2
"""Of each user."""
_RESTS = (0.02, 0.3)
"""Seconds up to which a client rests between two requests, at busy times and others."""
_BETWEEN_KILLS = (0.3, 1.2)
_ROUND = 3.0
"""Seconds between two quiet moments, about."""
_PATIENCE = 30.0
"""Seconds until a listener counts as one that has missed what it waits for."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """This proof has no options of its own."""


def prove(arguments: argparse.Namespace) -> int:
    """Prove it wherever it is asked for; return 1 if it does not hold."""
    return everywhere("events", arguments, lambda run: Stage(run).play())


class Stage:
    """An installation with those who change something there, and those who hear of it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._quiet = Rendezvous()
        self._blows: Counter[str] = Counter()
        self._moments = 0
        self._missed: list[Violation] = []
        installation, chance = run.installation, run.chance
        installation.add_people([f"{user}@{DOMAIN}" for user in USERS])
        installation.start()
        pool, root = Pool(), installation.root
        self._lines = [self._line(user) for user in USERS]
        self._clients = [
            Client(f"{user}-{number}", self._line(user), pool, random.Random(chance.random()))
            for user in USERS
            for number in range(_CLIENTS)
        ]
        self._listeners = [
            Listener(
                f"{user}-{number}",
                root,
                sign_in(root, f"{user}@{DOMAIN}"),
                self._quiet,
                random.Random(chance.random()),
                is_rude=number > 0,
            )
            for user in USERS
            for number in range(_LISTENERS)
        ]

    def play(self) -> Verdict:
        """Let them do for as long as the run has, and return what was found."""
        stop = threading.Event()
        end = time.monotonic() + self._run.seconds
        with ThreadPoolExecutor(len(self._listeners)) as threads:
            following = [threads.submit(one.run, stop) for one in self._listeners]
            try:
                while time.monotonic() < end and not self._seen:
                    self._act(min(_ROUND, end - time.monotonic()))
                    self._be_quiet()
            finally:
                stop.set()
                self._quiet.go_on.set()
                self._run.installation.kill()  # or they would wait for more
            for one in following:
                one.result()
        self._write_history()
        return self._verdict()

    @property
    def _seen(self) -> list[Violation]:
        """The violations that are known before the exchanges are checked."""
        return [*self._missed, *(found for one in self._listeners for found in one.violations)]

    def _act(self, seconds: float) -> None:
        """Let the clients change things, and the server end now and then."""
        stop = threading.Event()
        chance, installation = self._run.chance, self._run.installation
        rest = chance.choice(_RESTS)
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(len(self._clients)) as threads, ExitStack() as stack:
            stack.callback(stop.set)
            changing = [threads.submit(one.run, stop, rest) for one in self._clients]
            while time.monotonic() < end and not any(one.done() for one in changing):
                time.sleep(chance.uniform(*_BETWEEN_KILLS))
                if chance.random() < 0.2:
                    installation.restart()
                    self._blows["restart"] += 1
                else:
                    self._blows[installation.strike(chance)] += 1
                say(f"events: {installation.place}, {self._blows.total()} kills")
        for one in changing:
            one.result()

    def _be_quiet(self) -> None:
        """Tell the listeners that this is all, and wait until each of them has compared."""
        self._moments += 1
        self._quiet.go_on.clear()
        self._quiet.goal = goal = f"quiet moment {self._moments}"
        for line in self._lines:
            self._say_last(line, goal)
        patience = time.monotonic() + _PATIENCE
        for listener in self._listeners:
            if not listener.arrived.wait(max(patience - time.monotonic(), 0)):
                what = f"{listener.name}: it was not told of {goal} within {_PATIENCE:g} s"
                self._missed.append(Violation(what, listener.exchanges[-3:]))
            listener.arrived.clear()
        self._quiet.goal = ""
        self._quiet.go_on.set()

    def _say_last(self, line: Line, goal: str) -> None:
        """Change something that may be told later, and then what is told at once."""
        href = line.session.application["_embedded"]["communication"]["_links"]["self"]["href"]
        now = line.insist(Request("GET", href)).resource()
        changed = {**now, "phoneNumber": f"tel:+1425555{self._moments:04}"}
        line.insist(Request("PUT", href, changed, {"If-Match": f'"{now["etag"]}"'}))
        while not self._is_said(line, goal):
            with suppress(NotSent, NoAnswer):
                line.ask(Request("POST", line.session.meetings, {"subject": goal}))

    def _is_said(self, line: Line, goal: str) -> bool:
        shown = line.insist(Request("GET", line.session.meetings)).resource()
        meetings = shown.get("_embedded", {}).get("myOnlineMeeting", [])
        return any(one["subject"] == goal for one in meetings)

    def _line(self, user: str) -> Line:
        root = self._run.installation.root
        return Line(root, sign_in(root, f"{user}@{DOMAIN}"))

    def _write_history(self) -> None:
        """All that was heard, and then all that was done, each in its order."""
        encode = msgspec.json.Encoder().encode
        lines: list[msgspec.Struct] = []
        lines += (one for listener in self._listeners for one in listener.exchanges)
        lines += (one for client in self._clients for one in client.history)
        self._run.history.write_bytes(b"".join(encode(one) + b"\n" for one in lines))

    def _verdict(self) -> Verdict:
        updates: Counter[str] = Counter()
        for one in (one for client in self._clients for one in client.history):
            if one.is_accepted or one.is_unknown:
                updates[one.key] += 1
                updates[above(one.key) or one.within] += 1  # which embeds it
        violations = self._seen
        found: Counter[str] = Counter()
        for listener in self._listeners:
            violations += check(listener.exchanges, updates)
            found.update(figures(listener.exchanges))
        return Verdict(
            {
                "channels": len(self._listeners),
                **found,
                "kills": self._blows.total() - self._blows["restart"],
                "restarts": self._blows["restart"],
                "quiet moments": self._moments,
            },
            violations,
        )
