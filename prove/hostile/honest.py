"""Honest clients, and how long they wait: each does one thing again and again, at leisure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from bench.client import FORM, Client
from bench.http import Answer, NoAnswer, NotSent, UnexpectedAnswer
from prove.client import Line, Request, Resource, Session, sign_in
from prove.hostile.judging import Waits
from prove.servers import PASSWORD

KINDS = ("PUT", "GET", "event", "sign-in", "guest")
PATIENCE = 90.0
"""Seconds after which a request counts as lost."""
_PAUSE = 0.05
_AT_REST = 0.3
"""Seconds between the sign-ins, which cost a lot by design, and between the updates."""
_MOST_TRIES = 5
_BUSY = (429, 503)
_ANY = tuple(range(200, 600))
_GUEST = "urn:microsoft.rtc:anonmeeting"


class Honest:
    """A user's writer, reader, listener and sign-in, and a guest of her meeting."""

    def __init__(self, root: str, user: str) -> None:
        self._root = root
        self._user = user
        self._session = sign_in(root, user)
        with Client(root) as client:
            client.sign_in(user, PASSWORD)
            self.tokens = client.tokens
            self._listening = Session("listener", client.token, client.application)
        self._line = Line(root, self._session, PATIENCE)
        made = self._ask(self._line, Request("POST", self._session.meetings, {"subject": "Mine"}))
        self.meeting: Resource = made.resource()
        self._guests = 0
        self._changed = 0.0
        """The time of the earliest update whose event has not come."""
        self._events = f"{self._listening.application['_links']['events']['href']}&extended=true"

    def measured(self, attack: Callable[[], None]) -> Mapping[str, Waits]:
        """Measure each kind of request during an attack, to the end of the last one."""
        found = {kind: Waits() for kind in KINDS}
        self._changed = 0.0
        tasks = {
            "PUT": (self._put, _AT_REST),
            "GET": (self._reader(), _PAUSE),
            "event": (self._listener(), 0.0),
            "sign-in": (self._sign_in, _AT_REST),
            "guest": (self._join, _AT_REST),
        }
        loops = [_Loop(*tasks[kind], waits) for kind, waits in found.items()]
        for loop in loops:
            loop.start()
        try:
            attack()
            patience = time.monotonic() + PATIENCE
            while not all(map(Waits.is_begun, found.values())) and time.monotonic() < patience:
                time.sleep(_PAUSE)
        finally:
            for loop in reversed(loops):  # the writer at last: the listener waits for it
                loop.over.set()
                loop.join()
        return found

    def _put(self) -> float:
        subject = f"At {time.time()}"
        self._changed = self._changed or time.perf_counter()
        request = Request(
            "PUT",
            self.meeting["_links"]["self"]["href"],
            {**self.meeting, "subject": subject},
            {"If-Match": f'"{self.meeting["etag"]}"'},
        )
        started = time.perf_counter()
        self.meeting = self._ask(self._line, request).resource()
        if self.meeting["subject"] != subject:
            raise UnexpectedAnswer(f"it was answered {self.meeting['subject']!r}")
        return time.perf_counter() - started

    def _reader(self) -> Callable[[], float]:
        line = Line(self._root, self._session, PATIENCE)

        def read() -> float:
            started = time.perf_counter()
            listed = self._ask(line, Request("GET", self._session.meetings)).resource()
            if "myOnlineMeeting" not in listed.get("_embedded", {}):
                raise UnexpectedAnswer("the meeting was not listed")
            return time.perf_counter() - started

        return read

    def _listener(self) -> Callable[[], float | None]:
        line = Line(self._root, self._listening, PATIENCE)

        def listen() -> float | None:
            told = self._ask(line, Request("GET", f"{self._events}&timeout=1")).resource()
            links = told["_links"]
            self._events = str(links["next" if "next" in links else "resync"]["href"])
            changed = self._changed
            if not told["sender"] or not changed:
                return None
            self._changed = 0.0
            return time.perf_counter() - changed

        return listen

    def _sign_in(self) -> float:
        return self._token({"grant_type": "password", "username": self._user, "password": PASSWORD})

    def _join(self) -> float:
        """Each guest comes from an address of her own: only so many from one are let in."""
        self._guests += 1
        return self._token(
            {
                "grant_type": _GUEST,
                "password": self.meeting["onlineMeetingId"],
                "ms_rtc_conferenceuri": self.meeting["onlineMeetingUri"],
            },
            address=f"127.0.{1 + self._guests // 200}.{1 + self._guests % 200}",
        )

    def _token(self, form: Mapping[str, str], address: str = "127.0.0.1") -> float:
        body = urlencode(form).encode()
        started = time.perf_counter()
        sent = {"Content-Type": FORM}
        with Client(self._root, timeout=PATIENCE, source=address) as client:  # a new connection
            self._patiently(lambda: client.ask("POST", self.tokens, body, sent, expect=_ANY))
        return time.perf_counter() - started

    def _ask(self, line: Line, request: Request) -> Answer:
        return self._patiently(lambda: line.ask(request))

    @staticmethod
    def _patiently(ask: Callable[[], Answer]) -> Answer:
        """Ask, and ask again when the server says when: that counts as waiting, not as failing."""
        answer = ask()
        for _ in range(_MOST_TRIES):
            if answer.status not in _BUSY:
                break
            time.sleep(min(float(answer.header("Retry-After") or 1), 5.0))
            answer = ask()
        if answer.status != 200:
            raise UnexpectedAnswer(f"status {answer.status} {_code(answer)}")
        return answer


def _code(answer: Answer) -> str:
    """Return the name of an error: its words differ, so failures could not be counted by them."""
    try:
        told = answer.resource()
    except (ValueError, UnexpectedAnswer):
        return ""
    return str(told.get("subcode") or told.get("code") or told.get("error") or "")


class _Loop(threading.Thread):
    """A client that repeats a task until it is over, and notes how long each took."""

    def __init__(self, task: Callable[[], float | None], pause: float, waits: Waits) -> None:
        super().__init__()
        self.over = threading.Event()
        self._task = task
        self._pause = pause
        self._waits = waits

    def run(self) -> None:
        """Do the task, and once more after each pause."""
        while True:
            self._once()
            if self.over.wait(self._pause):
                return

    def _once(self) -> None:
        started = time.perf_counter()
        try:
            took = self._task()
        except (NoAnswer, NotSent):
            self._waits.failures["no answer"] += 1
            self._waits.seconds.append(time.perf_counter() - started)
        except UnexpectedAnswer as wrong:
            self._waits.failures[str(wrong)] += 1
        else:
            if took is not None:
                self._waits.seconds.append(took)
