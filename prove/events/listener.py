"""A client that follows an event channel, as badly as networks let it, and misses nothing."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bench.http import Answer, NoAnswer, NotSent
from prove.client import PAUSE, Line, Request, Resource, Session
from prove.events.exchange import Event, Exchange, numbers
from prove.linearizability.load import href_to_key
from prove.tree import Follower, Tree
from prove.verdict import Violation

_SHORTLY = 0.03
"""Seconds: about what it takes until a request waits."""
_PATIENCE = 30.0
"""Seconds after which a request that waits is sent again; far longer than nothing happens."""
_AT_ONCE = 10.0
"""Seconds within which a request must be answered that another one has replaced."""
_FAR = 1_000_000
"""A package that never comes."""
_WAYS = {"take": 65, "lose": 10, "repeat": 8, "stray": 4}
_RUDE_WAYS = {**_WAYS, "hang_up": 8, "contest": 5}
"""The actions of a listener, with their weights out of about a hundred."""


class Difference(msgspec.Struct, frozen=True):
    """The tree of a listener from its events, and the tree from GETs."""

    channel: str
    href: str
    folded: Any
    shown: Any


@dataclass
class Rendezvous:
    """The quiet moments at which listeners compare what they know with what there is.

    A meeting with the subject `goal` is the last thing that happens before it.
    """

    goal: str = ""
    go_on: threading.Event = field(default_factory=threading.Event)


class Listener:
    """A client with an application of its own.

    One that is rude has more than one request under way, or leaves one behind, which the server may
    come to after others. Then any of its requests may be answered with 409.
    """

    def __init__(
        self,
        name: str,
        root: str,
        session: Session,
        quiet: Rendezvous,
        chance: random.Random,
        *,
        is_rude: bool,
    ) -> None:
        self.name = name
        self.exchanges: list[Exchange] = []
        self.violations: list[Violation] = []
        self.arrived = threading.Event()
        """Set when it has seen the goal and compared."""
        self._root = root
        self._session = session
        self._quiet = quiet
        self._chance = chance
        self._line = self._new_line()
        self._taken = 0
        self._is_rude = is_rude
        self._follower = self._new_follower()

    def run(self, stop: threading.Event) -> None:
        """Follow the channel, in one way or the other."""
        assert self._follower.tree
        ways: dict[str, Callable[[], object]] = {
            "take": self._take,
            "lose": lambda: self._ask(self._taken + 1),
            "hang_up": self._hang_up,
            "repeat": lambda: self._ask(max(self._taken, 1)),
            "stray": lambda: self._ask(self._chance.choice((max(self._taken - 1, 1), _FAR))),
            "contest": lambda: self._contest(self._chance.uniform(0, _SHORTLY)),
        }
        often = _RUDE_WAYS if self._is_rude else _WAYS
        while not stop.is_set():
            (way,) = self._chance.choices([*often], [*often.values()])
            ways[way]()
        self._line.close()

    def _take(self) -> None:
        """Ask for the next package and keep it."""
        self._keep(*self._ask(self._taken + 1))

    def _hang_up(self) -> None:
        """Ask for the next package, and don't wait for it."""
        exchange = self._exchange(self._taken + 1)
        line = self._new_line()
        with suppress(NotSent, NoAnswer):
            line.send(self._request(exchange))
            time.sleep(self._chance.uniform(0, _SHORTLY))
        line.close()

    def _contest(self, after: float) -> None:
        """Ask for the next package twice; the later request keeps it."""
        line, other = self._new_line(_AT_ONCE), self._new_line()
        with suppress(NotSent, NoAnswer):
            earlier = self._sent(line)
            time.sleep(after)
            later = self._sent(other)
            self._note(earlier, line.answer())
            self._keep(later, self._note(later, other.answer()))
        line.close()
        other.close()

    def _sent(self, line: Line) -> Exchange:
        """Send one of two requests for the next package."""
        exchange = self._exchange(self._taken + 1, is_contested=True)
        line.send(self._request(exchange))
        return exchange

    def _ask(self, number: int) -> tuple[Exchange, Resource]:
        """Ask for a package. If none comes, what is returned has none."""
        exchange = self._exchange(number)
        if self._chance.random() < 0.5:  # so that another process may answer
            self._line.close()
        try:
            return exchange, self._note(exchange, self._line.ask(self._request(exchange)))
        except NotSent:
            self.exchanges.remove(exchange)
            time.sleep(PAUSE)
        except NoAnswer:
            pass  # the process has died, and what it was about with it
        return exchange, {}

    def _exchange(self, number: int, *, is_contested: bool = False) -> Exchange:
        made = Exchange(
            channel=self.name,
            asked=number,
            sent=time.perf_counter_ns(),
            is_contested=is_contested or self._is_rude,
        )
        self.exchanges.append(made)
        return made

    def _request(self, exchange: Exchange) -> Request:
        first = self._session.application["_links"]["events"]["href"] + "&extended=true"
        return Request("GET", re.sub(r"\back=\d+", f"ack={exchange.asked}", first))

    def _note(self, exchange: Exchange, answer: Answer) -> Resource:
        """Write down an answer, and return what is in it."""
        exchange.answered, exchange.status = time.perf_counter_ns(), answer.status
        content: dict[str, Any] = json.loads(answer.body)
        if answer.status != 200:
            time.sleep(PAUSE)
            return content
        links = numbers(content["_links"])
        exchange.number, exchange.next = links["self"], links.get("next")
        exchange.resync, exchange.resume = links.get("resync"), links.get("resume")
        exchange.events = [
            _event(self._session, event)
            for sender in content["sender"]
            for event in sender["events"]
        ]
        return content

    def _keep(self, exchange: Exchange, content: Resource) -> None:
        """Take a package that is the next one, and meet the others if it is time for that."""
        if not exchange.has_package or exchange.asked != self._taken + 1:
            return
        exchange.is_kept = True
        self._taken += 1
        self._follower.apply(content)
        goal = self._quiet.goal
        if goal and any(one.get("subject") == goal for one in _embedded(content)):
            self._compare()
            self._contest_in_quiet()
            self.arrived.set()
            self._quiet.go_on.wait()

    def _compare(self) -> None:
        known, shown = self._follower.tree, self._new_follower().tree
        self.violations += (
            Violation(f"{self.name}: what it was told does not come to what there is", [one])
            for one in differences(self.name, known, shown)
        )

    def _contest_in_quiet(self) -> None:
        """Check that the earlier of two requests gets PGetReplaced while nothing happens."""
        line, other = self._new_line(_AT_ONCE), self._new_line()
        earlier = self._sent(line)
        time.sleep(10 * _SHORTLY)
        later = self._sent(other)
        with suppress(NoAnswer):
            self._note(earlier, line.answer())
        if earlier.status != 409:
            what = f"a request that another one replaced was not told so within {_AT_ONCE:g} s"
            self.violations.append(Violation(f"{self.name}: {what}", [earlier, later]))
        other.close()
        line.close()

    def _new_line(self, patience: float = _PATIENCE) -> Line:
        return Line(self._root, self._session, patience)

    def _new_follower(self) -> Follower:
        return Follower(self._get, self._session.href)

    def _get(self, href: str) -> Mapping[str, Any] | None:
        line = self._new_line()
        answer = line.insist(Request("GET", href))
        line.close()
        return answer.resource() if answer.status == 200 else None


def differences(channel: str, known: Tree, shown: Tree) -> list[Difference]:
    """Return the addresses at which two trees differ, and the differences."""
    found = []
    for href in sorted({*known, *shown}):
        one, other = known.get(href, {}), shown.get(href, {})
        names = [name for name in {*one, *other} if one.get(name) != other.get(name)]
        if names or (href in known) != (href in shown):
            told = ({name: each.get(name) for name in names} for each in (one, other))
            found.append(Difference(channel, href, *told))
    return found


def _event(session: Session, event: Resource) -> Event:
    rel, href = event["link"]["rel"], event["link"]["href"]
    version = int(event.get("_embedded", {}).get(rel, {}).get("etag", 0))
    return Event(event["type"], rel, href_to_key(session, href), version)


def _embedded(content: Resource) -> list[Resource]:
    events = [event for sender in content["sender"] for event in sender["events"]]
    return [one for event in events for one in event.get("_embedded", {}).values()]
