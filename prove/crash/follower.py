"""A client that follows what happens to meetings, on a thread of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable

from bench.http import Answer, NoAnswer, NotSent
from prove.client import Line, Request, Resource, Session

_PAUSE = 0.05


class Follower:
    """The meetings of a user's application, as events told them: ETags by address.

    `packages` counts those that it has taken, `resumed` how often it was told to start over.
    """

    def __init__(self, root: str, session: Session) -> None:
        self.known: dict[str, int] = {}
        self.packages = self.events = self.resumed = 0
        self.wrong: list[str] = []
        self._session = session
        self._line = Line(root, session)
        self._next = f"{session.application['_links']['events']['href']}&extended=true"
        self._taken: set[str] = set()

    def start(self) -> None:
        """Begin to follow, until the process ends."""
        threading.Thread(target=self._follow, daemon=True).start()

    def knows(self, meetings: Iterable[Resource]) -> bool:
        """Return whether events have told these as they are, by its application's addresses."""
        return all(
            self.known.get(one["_links"]["self"]["href"]) == int(one["etag"]) for one in meetings
        )

    def _follow(self) -> None:
        while not self.wrong:
            try:
                answer = self._line.ask(Request("GET", self._next))
            except (NotSent, NoAnswer):
                time.sleep(_PAUSE)  # the server is away: not to flood it
                continue
            if answer.status == 200:
                self._take(answer)
            elif answer.status == 503:
                time.sleep(_PAUSE)  # as it asks for
            else:
                self.wrong.append(f"events: {answer.status} {answer.body[:300]!r}")

    def _take(self, answer: Answer) -> None:
        package = json.loads(answer.body)
        links = package["_links"]
        if links.get("next") == links["self"]:  # the server stops: nothing was told
            return
        if links["self"]["href"] in self._taken:
            self.wrong.append(f"{links['self']['href']} came twice")
        self._taken.add(links["self"]["href"])
        self.packages += 1
        for sender in package["sender"]:
            for event in sender["events"]:
                self._apply(event)
        if "resume" in links:
            self.resumed += 1
            self._fetch_all()
        self._next = links["resume" if "resume" in links else "next"]["href"]

    def _apply(self, event: Resource) -> None:
        found = event.get("_embedded", {}).get("myOnlineMeeting")
        if found is None:
            return
        href, etag = event["link"]["href"], int(found["etag"])
        if etag < self.known.get(href, 0):
            self.wrong.append(f"{href}: the ETag {etag} was told after {self.known[href]}")
        self.known[href] = etag
        self.events += 1

    def _fetch_all(self) -> None:
        answer = self._line.ask(Request("GET", self._session.meetings))
        for one in answer.resource()["_embedded"]["myOnlineMeeting"]:
            self.known[one["_links"]["self"]["href"]] = int(one["etag"])
