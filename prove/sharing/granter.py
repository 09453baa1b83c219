"""The organizer, who gives others what she takes away again, in the middle of their requests."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from urllib.parse import quote

from bench.servers import DOMAIN
from prove.client import Line, Request, Resource
from prove.sharing.grant import Grant, Role
from prove.sharing.writer import Writer

_SHARED = {"Reader": Role.READER, "Editor": Role.EDITOR}
_RESTS = (0.0, 0.0, 0.01, 0.1)
"""Seconds between two grants: often none, so that several happen within one request."""


@dataclass(frozen=True)
class Places:
    """The resources by which the organizer grants: shares, and the members of her groups."""

    shares: str
    memberships: str


class Granter:
    """Gives one person a share of the meeting, and makes her a delegate, and the contrary.

    What is there after a revocation is read at once: a write that was under way, and comes after
    that, comes too late.
    """

    def __init__(
        self, person: str, line: Line, places: Places, reader: Writer, chance: random.Random
    ) -> None:
        self.person = person
        self.reader = reader
        """The same organizer, who looks at what is there once something has been revoked."""
        self.grants = [
            Grant(person=person, what="", role=Role.NONE, invoked=0, returned=0, status=200)
        ]
        self._line = line
        self._places = places
        self._chance = chance
        self._share: Resource | None = None
        self._membership: Resource | None = None

    def run(self, stop: threading.Event) -> None:
        """Grant and revoke without end."""
        while not stop.is_set():
            self.draw()
            self.reader.do([self.reader.read()])
            stop.wait(self._chance.choice(_RESTS))
        self._line.close()

    def draw(self) -> None:
        """Change one of the two."""
        if self._chance.random() < 0.4:
            self.delegate()
        elif self._share is None:
            self.share(self._chance.choice(list(_SHARED)))
        elif self._chance.random() < 0.5:
            self.change(next(one for one in _SHARED if one != self._role))
        else:
            self.unshare(self._share)

    def share(self, role: str) -> None:
        """Share the meeting with the person."""
        wanted = {"uri": f"sip:{self.person}@{DOMAIN}", "role": role}
        self._do(Request("POST", self._places.shares, wanted), role, self._is_delegate)

    def change(self, role: str) -> None:
        """Give the share another role."""
        assert self._share is not None
        wanted = {**self._share, "role": role}
        headers = {"If-Match": f'"{self._share["etag"]}"'}
        self._do(Request("PUT", _self(self._share), wanted, headers), role, self._is_delegate)

    def unshare(self, share: Resource) -> None:
        """Share the meeting with the person no more."""
        self._do(Request("DELETE", _self(share)), "", self._is_delegate)

    def delegate(self) -> None:
        """Make the person a delegate, or remove her from them."""
        if self._membership is not None:
            self._do(Request("DELETE", _self(self._membership)), self._role, False)
        else:
            query = f"?contactUri={quote(f'sip:{self.person}@{DOMAIN}')}&groupId=delegates"
            self._do(Request("POST", self._places.memberships + query), self._role, True)

    @property
    def _role(self) -> str:
        return str(self._share["role"]) if self._share else ""

    @property
    def _is_delegate(self) -> bool:
        return self._membership is not None

    def _do(self, request: Request, role: str, is_delegate: bool) -> None:
        """Send it; what it leads to is that role, and whether the person is a delegate."""
        invoked = time.perf_counter_ns()
        answer = self._line.ask(request)
        returned = time.perf_counter_ns()
        shared = _SHARED.get(role, Role.NONE)
        self.grants.append(
            Grant(
                person=self.person,
                what=f"{request.method} {request.href}",
                role=Role.DELEGATE if is_delegate else shared,
                invoked=invoked,
                returned=returned,
                status=answer.status,
            )
        )
        content = json.loads(answer.body) if answer.body else None
        if is_delegate != self._is_delegate:
            self._membership = content
        else:
            self._share = content


def _self(resource: Resource) -> str:
    return str(resource["_links"]["self"]["href"])
