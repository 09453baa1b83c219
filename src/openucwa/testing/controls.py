"""The controls of a server under test, as Python. docs/reference/test-controls.md tells of each."""

import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, TypeVar

import httpx2
import msgspec

if TYPE_CHECKING:
    from openucwa.client import Meeting

T = TypeVar("T")
PREFIX = "/test-controls"
_PATIENCE = 30.0

When: TypeAlias = Literal["before", "after"]
"""Before a request is done; or after, when its changes are durable, and it is not answered yet."""


class Refused(Exception):
    """The server does not do what a control asks for. The message says why."""


class Fault(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """A fault that is still to happen, to `times` requests of that method and rel; None is any."""

    fault: str
    when: When
    method: str | None
    rel: str | None
    times: int

    def __str__(self) -> str:
        """The fault on one line, such as `drop after PUT myOnlineMeeting, 1 time`."""
        what = f"{self.method or 'any method'} {self.rel or 'of any rel'}"
        times = "1 time" if self.times == 1 else f"{self.times} times"
        return f"{self.fault} {self.when} {what}, {times}"


class Added(NamedTuple):
    """Somebody who can sign in: with `address` as the user name, and the password."""

    address: str
    password: str


class _Error(msgspec.Struct):
    error: str


class _State(msgspec.Struct):
    now: datetime
    users: list[str]
    faults: list[Fault]
    under_way: list[str] = msgspec.field(name="underWay")


class _Now(msgspec.Struct):
    now: datetime


class _Expired(msgspec.Struct):
    expired: int


class _Changed(msgspec.Struct):
    etag: str


class Controls:
    """The controls of the server at a URL.

    All raise Refused, and httpx2.TransportError when the server is not there.
    """

    def __init__(self, url: str, verify: ssl.SSLContext | bool = True) -> None:
        self._http = httpx2.Client(
            base_url=url + PREFIX, verify=verify, timeout=_PATIENCE, trust_env=False
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def now(self) -> datetime:
        """The server's time."""
        return self._state().now

    def users(self) -> list[str]:
        """The SIP addresses of all who can sign in."""
        return self._state().users

    def under_way(self) -> list[str]:
        """The requests that are not answered yet, each by method and rel, such as GET events."""
        return self._state().under_way

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Let that much time pass on the server, at once, and tell what time it is then.

        Pending GETs that are due by then have been answered, and what has expired is gone.
        """
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return self._post("time", {"seconds": span.total_seconds()}, _Now).now

    def expire_tokens(self, user: str | None = None) -> int:
        """Let the tokens of a user expire now, or everybody's. Returns how many."""
        return self._post("expire", {"what": "tokens", "user": user}, _Expired).expired

    def expire_applications(self, user: str | None = None) -> int:
        """Let the applications of a user expire now, or everybody's. Returns how many."""
        return self._post("expire", {"what": "applications", "user": user}, _Expired).expired

    def expire_meeting(self, meeting: "Meeting | str") -> None:
        """Let a meeting, or that of an id, be gone, as when its time is over or it is cancelled."""
        self._post("expire", {"what": "meeting", "meeting": _id(meeting)}, _Expired)

    def drop(
        self,
        *,
        when: When = "after",
        method: str | None = None,
        rel: str | None = None,
        times: int = 1,
    ) -> None:
        """Break the connection instead of answering."""
        self._fault("drop", when=when, method=method, rel=rel, times=times)

    def delay(
        self,
        seconds: float,
        *,
        when: When = "before",
        method: str | None = None,
        rel: str | None = None,
        times: int = 1,
    ) -> None:
        """Let it take so long."""
        self._fault("delay", seconds=seconds, when=when, method=method, rel=rel, times=times)

    def unavailable(
        self,
        *,
        retry_after: int = 1,
        when: When = "before",
        method: str | None = None,
        rel: str | None = None,
        times: int = 1,
    ) -> None:
        """Answer 503, with a Retry-After of so many seconds."""
        self._fault(
            "unavailable", retryAfter=retry_after, when=when, method=method, rel=rel, times=times
        )

    def conflict(
        self,
        *,
        method: Literal["PUT", "DELETE"] = "PUT",
        times: int = 1,
        by: str | None = None,
        **changes: object,
    ) -> None:
        """Let somebody change the meeting just before a request comes to it, which then meets 412.

        Without `changes` she saves it as it was, so there is nothing to resolve.
        """
        self._fault("conflict", method=method, times=times, by=by, changes=_wire(changes))

    def kill_at(
        self,
        *,
        when: When = "after",
        method: str | None = None,
        rel: str | None = None,
    ) -> None:
        """Let the server's process die at a request."""
        self._fault("kill", when=when, method=method, rel=rel)

    def faults(self) -> list[Fault]:
        """The faults that have not happened yet."""
        return self._state().faults

    def clear_faults(self) -> None:
        """Let no fault happen that has not yet."""
        self._answer(self._http.delete("/faults"))

    def add_user(self, address: str, password: str, *, name: str = "", email: str = "") -> Added:
        """Add somebody who can sign in."""
        wanted = {"address": address, "password": password, "name": name, "email": email}
        self._answer(self._http.post("/users", json=wanted))
        return Added(address.removeprefix("sip:"), password)

    def change_meeting(
        self, meeting: "Meeting | str", *, by: str | None = None, **changes: object
    ) -> str:
        """Change a meeting, or that of an id, as somebody else does: from another application, and
        as another user, if one is named.

        Properties have the names that they have in a Draft. Returns the meeting's new ETag.
        """
        wanted = {"meeting": _id(meeting), "by": by, "changes": _wire(changes)}
        return self._post("meetings", wanted, _Changed).etag

    def keep(self) -> None:
        """Let the data that are there now be those to which `reset` goes back."""
        self._answer(self._http.post("/keep"))

    def reset(self) -> None:
        """Go back to the data from the start, or that were kept, at the time of the system.

        Requests that are under way are broken off, faults that have not happened do not.
        """
        self._answer(self._http.post("/reset"))

    def kill(self) -> None:
        """Let the server's process die at once."""
        with suppress(httpx2.TransportError):
            self._http.post("/kill")

    def _fault(self, kind: str, **members: object) -> None:
        self._answer(self._http.post("/faults", json={"fault": kind, **members}))

    def _state(self) -> _State:
        return msgspec.json.decode(self._answer(self._http.get("")), type=_State)

    def _post(self, path: str, content: Mapping[str, object], told: type[T]) -> T:
        answer = self._http.post(f"/{path}", json=content)
        return msgspec.json.decode(self._answer(answer), type=told)

    def _answer(self, answer: httpx2.Response) -> bytes:
        if answer.is_success:
            return answer.content
        raise Refused(msgspec.json.decode(answer.content, type=_Error).error)


def _id(meeting: "Meeting | str") -> str:
    return meeting if isinstance(meeting, str) else meeting.id


def _wire(changes: Mapping[str, object]) -> dict[str, object]:
    """Properties as they are sent."""
    from openucwa.client.meeting import served_name

    return {served_name(name): _value(value) for name, value in changes.items()}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, (tuple, set, frozenset)) else value
