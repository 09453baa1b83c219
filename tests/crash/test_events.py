"""The event channel when the server ends, by `kill -9` or by being asked to."""

import random
import threading
import time
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.crash.load import href_of, served
from tests.patience import until
from tests.sockets.line import Line, Session, sign_in
from tests.sockets.process import Server, add_user, logged, serving

pytestmark = pytest.mark.slow

KILLS = 4
AT_ONCE = 5.0
"""Seconds: far less than the grace that requests in flight have."""


class Listener:
    """A client that follows the events about meetings, and keeps what they tell."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.next: str = session.application["_links"]["events"]["href"] + "&extended=true"
        self.known: dict[str, Mapping[str, Any]] = {}
        self.taken: list[str] = []
        self.wrong: list[object] = []

    def listen_until_it_dies(self, server: Server) -> None:
        try:
            with Line(server) as line:
                while not self.wrong:
                    self.hear(line)
        except (OSError, HTTPException):
            return

    def hear(self, line: Line) -> bool:
        """Take the next package. Returns whether it tells of anything."""
        answer = line.ask(self.session.get(self.next))
        if answer.status != 200 or list(answer.json["_links"]) != ["self", "next"]:
            self.wrong.append(answer)
            return False
        links = answer.json["_links"]
        if links["next"] != links["self"]:  # else the server stops, and nothing was told
            self.taken.append(links["self"]["href"])
        self.next = links["next"]["href"]
        events = [event for sender in answer.json["sender"] for event in sender["events"]]
        for event in events:
            self._apply(event)
        return bool(events)

    def _apply(self, event: Mapping[str, Any]) -> None:
        href = event["link"]["href"]
        if event["type"] == "deleted":
            self.known.pop(href, None)
            return
        found = event["_embedded"][event["link"]["rel"]]
        before = self.known.get(href)
        if before and int(found["etag"]) < int(before["etag"]):
            self.wrong.append((before, found))
        self.known[href] = found


def write_until_it_dies(server: Server, session: Session) -> None:
    """Schedule, change and cancel meetings without pause."""
    kept: list[Mapping[str, Any]] = []
    try:
        with Line(server) as line:
            while True:
                if len(kept) < 5:
                    kept.append(line.ask(session.post(session.meetings, {"subject": "new"})).json)
                elif random.randrange(4):
                    which = random.randrange(len(kept))
                    kept[which] = line.ask(session.put(kept[which], subject="moved")).json
                else:
                    line.ask(session.delete(href_of(kept.pop())))
    except (OSError, HTTPException):
        return


def test_no_event_is_lost_or_told_twice(tmp_path: Path) -> None:
    """The server is killed four times while clients change meetings and others follow them.

    Each time it starts again, and the listeners go on with the address that they were to ask next.
    In the end they know what there is, each package has been taken once, and nothing came late.
    """
    add_user(tmp_path)
    with serving(tmp_path) as server:
        sessions = [sign_in(server) for _ in range(4)]
    listeners = [Listener(one) for one in sessions]
    writer = sessions[0]
    for _ in range(KILLS):
        with serving(tmp_path) as server:
            threads = [
                *(
                    threading.Thread(target=one.listen_until_it_dies, args=[server])
                    for one in listeners
                ),
                *(
                    threading.Thread(target=write_until_it_dies, args=[server, writer])
                    for _ in range(2)
                ),
            ]
            for thread in threads:
                thread.start()
            time.sleep(
                random.uniform(0.2, 0.8)
            )  # there is nothing to wait for: chance is the point
            server.kill()
            for thread in threads:
                thread.join()
    with serving(tmp_path) as server, Line(server) as line:
        mark = line.ask(writer.post(writer.meetings, {"subject": "the last"})).json
        for listener in listeners:
            last = listener.session.here(href_of(mark))
            while last not in listener.known and not listener.wrong:
                listener.hear(line)
            assert listener.wrong == []
            found = served(server, listener.session, listener.session.meetings)
            assert listener.known == found
            assert len(listener.taken) == len(set(listener.taken)) > KILLS
        assert [one for one in logged(server) if one["level"] not in ("info", "warning")] == []


def test_who_waits_when_the_server_stops(tmp_path: Path) -> None:
    """She is answered at once, with nothing, and goes on with the same request at the next one."""
    add_user(tmp_path)
    with serving(tmp_path) as server:
        dana = sign_in(server)
        href = dana.application["_links"]["events"]["href"] + "&extended=true"
        with Line(server) as line, Line(server) as another:
            line.send(dana.get(href))
            another.ask(dana.get(dana.meetings))  # by now it waits
            started = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - started < AT_ONCE
            answer = line.answer()
            assert (answer.status, answer.json["sender"]) == (200, [])
            assert answer.header("Connection") == "close"
            assert answer.json["_links"]["next"] == {"href": href}
    with serving(tmp_path) as server, Line(server) as line, Line(server) as another:
        line.send(dana.get(href))
        another.ask(dana.post(dana.meetings, {"subject": "Weekly"}))
        (sender,) = line.answer().json["sender"]
        assert [event["type"] for event in sender["events"]] == ["added"]


def test_who_vanishes_while_she_waits(tmp_path: Path) -> None:
    """Her request ends with her, long before its time, and what happens later is told later."""
    add_user(tmp_path)
    with serving(tmp_path) as server:
        dana = sign_in(server)
        href = dana.application["_links"]["events"]["href"] + "&extended=true"
        for _ in range(3):
            with Line(server) as line, Line(server) as another:
                line.send(dana.get(href))
                another.ask(dana.get(dana.meetings))

        def ended() -> int:
            return sum(str(one.get("route", "")).endswith("/events") for one in logged(server))

        until(lambda: ended() >= 3)
        with Line(server) as line:
            line.ask(dana.post(dana.meetings, {"subject": "Weekly"}))
            assert len(line.ask(dana.get(href)).json["sender"]) == 1
