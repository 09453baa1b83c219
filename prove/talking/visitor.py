"""Somebody who comes to a meeting and leaves it again, all the time."""

from __future__ import annotations

import threading
import time

from prove.client import Line, Request
from prove.talking.member import join

_REST = 1.0
"""Seconds between two visits: who comes more often is refused for a while."""


class Visitor:
    """A user who is there at times only, which changes nothing for those who stay."""

    def __init__(self, line: Line, uri: str) -> None:
        self.visits = 0
        self._line, self._uri = line, uri

    def run(self, stop: threading.Event) -> None:
        """Come and go until `stop`."""
        while not stop.is_set():
            conversation = join(self._line, self._uri).partition("/messaging/")[0]
            self._line.insist(Request("DELETE", conversation))
            self.visits += 1
            time.sleep(_REST)
