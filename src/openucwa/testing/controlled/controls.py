"""The controls: what a test asks of the server beside UCWA, in JSON.

docs/reference/test-controls.md describes each.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from openucwa.domain import passwords
from openucwa.domain.deployment import Deployment
from openucwa.domain.people import Profile
from openucwa.http import due
from openucwa.http.listening import is_loopback
from openucwa.store.tables.users import Users
from openucwa.testing.controlled import operations
from openucwa.testing.controlled.clock import Clock
from openucwa.testing.controlled.data import Data
from openucwa.testing.controlled.faults import Fault, Faults, place, read_changes
from openucwa.testing.controlled.wrong import Wrong
from openucwa.wire.errors import UcwaError

PREFIX = "/test-controls"
_TURNS = 20
"""Of the event loop, in which timers that are due do what they do."""
T = TypeVar("T")


class Expired(StrEnum):
    """The kinds of objects that can expire."""

    TOKENS = "tokens"
    APPLICATIONS = "applications"
    MEETING = "meeting"


class Advance(msgspec.Struct, forbid_unknown_fields=True):
    seconds: float


class Expire(msgspec.Struct, forbid_unknown_fields=True):
    """`user` is whose tokens or applications, everybody's without; `meeting` which meeting."""

    what: Expired
    user: str | None = None
    meeting: str | None = None


class Change(msgspec.Struct, forbid_unknown_fields=True):
    """A change of a meeting, made as `by`, or else as the organizer."""

    meeting: str
    changes: dict[str, Any] = {}
    by: str | None = None


class NewUser(msgspec.Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Somebody who can sign in. The name is made from the address where there is none."""

    address: str
    password: str
    name: str = ""
    email: str = ""
    policy: str = "default"


Control = Callable[[bytes], Awaitable[object]]


class Controls:
    """An ASGI application below PREFIX: one control after the other, each with JSON.

    `under_way` are the requests that are not answered yet; `reset` lets everything be as it was at
    first.
    """

    def __init__(
        self,
        data: Data,
        clock: Clock,
        faults: Faults,
        deployment: Deployment,
        under_way: Collection[Scope],
        reset: Callable[[], Awaitable[None]],
    ) -> None:
        self._data = data
        self._clock = clock
        self._faults = faults
        self._deployment = deployment
        self._under_way = under_way
        self._start_over = reset
        self._turn = asyncio.Lock()
        self._controls: Mapping[str, Mapping[str, Control]] = {
            "": {"GET": self._show},
            "time": {"POST": self._advance},
            "expire": {"POST": self._expire},
            "faults": {"POST": self._add_fault, "DELETE": self._clear_faults},
            "users": {"POST": self._add_user},
            "meetings": {"POST": self._change_meeting},
            "keep": {"POST": self._keep},
            "reset": {"POST": self._reset},
            "kill": {"POST": self._kill},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            _check_origin(request)
            control, body = self._find(request.method, scope["path"]), await request.body()
            async with self._turn:
                told = await control(body)
            answer = _json(told)
        except UcwaError as error:
            answer = _json({"error": error.message}, error.status)
        except Wrong as wrong:
            answer = _json({"error": str(wrong)}, wrong.status)
        await answer(scope, receive, send)

    def _find(self, method: str, path: str) -> Control:
        """Return the decoded body. Raises Wrong."""
        there = self._controls.get(path.removeprefix(PREFIX).strip("/"))
        if there is None:
            names = ", ".join(filter(None, self._controls))
            raise Wrong(f"There is no such control. The controls are {names}.", 404)
        if method not in there:
            raise Wrong(f"This control accepts {' and '.join(there)}.", 405)
        return there[method]

    async def _show(self, _: bytes) -> object:
        """Return the state. A GET of events that it lists as pending is already waiting."""
        under_way = [f"{one['method']} {place(one['raw_path'])[0]}" for one in self._under_way]
        users = await self._data.read(lambda tx: [user.uri for user in tx.of(Users).all()])
        await self._pass()
        return {
            "now": self._clock(),
            "users": users,
            "faults": list(self._faults),
            "underWay": under_way,
        }

    async def _advance(self, body: bytes) -> object:
        """Advance the clock, and answer when what was due then has happened."""
        seconds = _read(body, Advance).seconds
        try:
            self._clock.advance(timedelta(seconds=seconds))
        except (ValueError, OverflowError) as error:
            raise Wrong(f"seconds {error}.") from None
        await due.settle_all(self._data, self._deployment.lifetimes)
        await self._pass()
        return {"now": self._clock()}

    async def _pass(self) -> None:
        """Wait until what was due has happened, and what the server writes then is written."""
        await _turns()
        await self._data.write(lambda tx: None)
        await _turns()

    async def _expire(self, body: bytes) -> object:
        asked = _read(body, Expire)
        if asked.what is Expired.MEETING:
            if asked.meeting is None:
                raise Wrong("Name the meeting.")
            meeting = asked.meeting
            await self._data.write(lambda tx: operations.expire_meeting(tx, meeting))
            return {"expired": 1}
        if asked.what is Expired.TOKENS:
            count = await self._data.write(lambda tx: operations.expire_tokens(tx, asked.user))
        else:
            count = await self._data.write(
                lambda tx: operations.expire_applications(tx, asked.user, self._deployment)
            )
        return {"expired": count}

    async def _add_fault(self, body: bytes) -> object:
        fault = _read(body, Fault).checked()
        self._faults.add(fault)
        return fault

    async def _clear_faults(self, _: bytes) -> object:
        self._faults.clear()
        return {"faults": []}

    async def _add_user(self, body: bytes) -> object:
        asked = _read(body, NewUser)
        profile = Profile(
            uri=operations.address(asked.address),
            name=asked.name or asked.address.removeprefix("sip:").partition("@")[0],
            email=asked.email,
            policy=asked.policy,
        )
        hash = await asyncio.to_thread(passwords.hash, asked.password)
        added = await self._data.write(lambda tx: operations.add_user(tx, profile, hash))
        return {"uri": added.uri, "name": added.name}

    async def _change_meeting(self, body: bytes) -> object:
        asked = _read(body, Change)
        changes = read_changes(asked.changes)
        changed = await self._data.write(
            lambda tx: operations.change_meeting(
                tx, asked.meeting, changes, by=asked.by, deployment=self._deployment
            )
        )
        return {"onlineMeetingId": changed.online_meeting_id, "etag": str(changed.version)}

    async def _keep(self, _: bytes) -> object:
        await self._data.keep()
        return {"now": self._clock()}

    async def _reset(self, _: bytes) -> object:
        await self._start_over()
        return {"now": self._clock()}

    async def _kill(self, _: bytes) -> object:
        die()
        return {}


def die() -> None:
    """End this process at once, as a machine does that loses power."""
    os.kill(os.getpid(), signal.SIGKILL)


def _check_origin(request: Request) -> None:
    """Raise Wrong for a web page, which may be anybody's that a developer looks at.

    Browsers name the origin of the page, and the host as the page calls it.
    """
    host = _host(request.headers.get("host", ""))
    peer = request.client.host if request.client else ""
    if "origin" in request.headers or not (is_loopback(host) and is_loopback(peer)):
        raise Wrong(
            "The controls accept requests from programs on this machine, sent to 127.0.0.1 or "
            "localhost, but not from web pages or proxies.",
            403,
        )


def _host(header: str) -> str:
    """The host in a header of that name, without its port; empty where there is none."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _read(body: bytes, type: type[T]) -> T:
    """Raises Wrong."""
    try:
        return msgspec.json.decode(body or b"{}", type=type)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Wrong(f"The body can't be read: {error}.") from None


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)
