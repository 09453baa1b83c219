"""A member of a meeting, who speaks and listens as badly as networks let her."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_plus

from bench.http import Answer, NoAnswer, NotSent, UnexpectedAnswer
from prove.client import PAUSE, UNAVAILABLE, Line, Request, Resource
from prove.talking.check import Heard, Sent

_REST = 0.1
"""Seconds up to which somebody rests between two messages."""
_WHILE = 1.0
"""Seconds until somebody speaks again who has spoken too often."""
_TIMEOUT = 10
"""Seconds for which a request waits for events."""
_TOO_MANY = 429
_PLAIN = {"Content-Type": "text/plain"}


class Member:
    """Somebody with a connection to speak, and one to listen."""

    def __init__(self, name: str, speaking: Line, hearing: Line, chance: random.Random) -> None:
        self.name = name
        self.sent: list[Sent] = []
        self.heard: list[Heard] = []
        self._speaking, self._hearing, self._chance = speaking, hearing, chance
        self._next = str(hearing.session.application["_links"]["events"]["href"])
        self._send = ""

    def join(self, uri: str) -> None:
        """Join a meeting, and take its messages."""
        self._send = join(self._speaking, uri)

    def knows(self, number: int | None) -> bool:
        """Return True if a message has been heard."""
        return bool(self.heard) and self.heard[-1].number == number

    def speak(self, stop: threading.Event) -> None:
        """Send messages until `stop`."""
        count = 0
        while not stop.is_set():
            count += 1
            self.say(f"{self.name} {count}")
            time.sleep(self._chance.uniform(0, _REST))

    def say(self, text: str, *, insist: bool = False) -> Sent:
        """Send a message, and note what is known of it; the same once more to `insist`."""
        while True:
            sent = self._say(text)
            self.sent.append(sent)
            if sent.number is not None or not insist:
                return sent
            text += " (again)"

    def _say(self, text: str) -> Sent:
        try:
            answer = self._speaking.ask(Request("POST", self._send, text, _PLAIN))
        except NotSent:
            time.sleep(PAUSE)
            return Sent(sender=self.name, text=text)
        except NoAnswer:
            return Sent(sender=self.name, text=text, is_unknown=True)
        if answer.status == 201:
            number = int(answer.header("Location").rpartition("/")[2])
            return Sent(sender=self.name, text=text, number=number)
        if answer.status == UNAVAILABLE:
            time.sleep(PAUSE)
            return Sent(sender=self.name, text=text, is_unknown=True)
        if answer.status != _TOO_MANY:
            raise UnexpectedAnswer(f"{self._send}: {answer.status} {answer.body[:300]!r}")
        time.sleep(_WHILE)
        return Sent(sender=self.name, text=text)

    def listen(self, stop: threading.Event) -> None:
        """Follow the channel until `stop`; some answers are lost, and asked for again."""
        while not stop.is_set():
            try:
                answer = self._hearing.ask(Request("GET", f"{self._next}&timeout={_TIMEOUT}"))
            except (NotSent, NoAnswer):
                time.sleep(PAUSE)
                continue
            if answer.status == UNAVAILABLE:
                time.sleep(PAUSE)
            elif answer.status != 200:
                raise UnexpectedAnswer(f"{self._next}: {answer.status} {answer.body[:300]!r}")
            elif self._chance.random() < 0.9:
                self._take(answer)

    def _take(self, answer: Answer) -> None:
        package = answer.resource()
        for sender in package["sender"]:
            for event in sender["events"]:
                if event["link"]["rel"] == "message" and event["type"] == "completed":
                    self.heard.append(self._told(event))
        links = package["_links"]
        if "next" not in links:
            raise UnexpectedAnswer(f"{self.name} was told to start anew: {links}")
        self._next = str(links["next"]["href"])

    def _told(self, event: dict[str, Any]) -> Heard:
        links = event["_embedded"]["message"]["_links"]
        text = None
        if "plainMessage" in links:
            text = unquote_plus(links["plainMessage"]["href"].partition(",")[2])
        number = int(event["link"]["href"].rpartition("/")[2])
        return Heard(member=self.name, number=number, text=text)


def join(line: Line, uri: str) -> str:
    """Join a meeting and take its messages; return where they are sent."""
    found = line.session.application["_embedded"]["communication"]["_links"]["joinOnlineMeeting"]
    invitation = _insist(line, "POST", found["href"], {"onlineMeetingUri": uri})
    conversation = _insist(line, "GET", invitation["_links"]["conversation"]["href"])
    messaging = _insist(line, "GET", conversation["_links"]["messaging"]["href"])
    if "addMessaging" in messaging["_links"]:
        # Sent again after its answer was lost, it is not offered any more.
        line.insist(Request("POST", messaging["_links"]["addMessaging"]["href"], {}))
        messaging = _insist(line, "GET", messaging["_links"]["self"]["href"])
    return str(messaging["_links"]["sendMessage"]["href"])


def _insist(line: Line, method: str, href: str, content: Resource | None = None) -> Resource:
    answer = line.insist(Request(method, href, content))
    with suppress(ValueError):
        if answer.status in (200, 201):
            return answer.resource()
    raise UnexpectedAnswer(f"{method} {href}: {answer.status} {answer.body[:300]!r}")
