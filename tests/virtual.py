"""The server with its tables in memory and its time in the hands of the test.

Nothing here takes time unless the test lets it pass, and nothing happens at the same time: every
interleaving of requests is one that the test has chosen, and hours cost no more than seconds.
"""

import asyncio
import json
from asyncio import Task
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from starlette.types import Message

from openucwa.domain.deployment import Deployment
from openucwa.domain.people import Profile, User
from openucwa.http.answer import Answer
from openucwa.http.app import App
from openucwa.http.authentication import hash_of
from openucwa.http.request import Call
from openucwa.http.site import Site
from openucwa.store.database import Operation
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import ServiceUnavailable
from tests.installation import DANA
from tests.store.memory import NOW, connect

T = TypeVar("T")
APPLICATIONS = "/ucwa/oauth/v1/applications"
DEPLOYMENT = Deployment(domain="contoso.com", meet_url="https://meet.contoso.com")
_TURNS = 12
"""Of the event loop, after which all has happened that can happen without time passing."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time stands still."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def settle(self) -> None:
        """Let everything happen that is due."""
        self.run_until_complete(_turns())


class Memory:
    """Tables in memory. Implements openucwa.store.database.Database.

    `fails` makes it unavailable, `wrong_by` is in seconds how much its clock goes ahead.
    """

    def __init__(self, loop: Loop) -> None:
        self.connection = connect()
        self.fails = False
        self.wrong_by = 0.0
        self._held: list[asyncio.Event] = []
        self._loop = loop
        self.listeners: list[Callable[[], None]] = []
        self.told: list[str] = []
        self.ears: list[Callable[[str], None]] = []

    async def read(self, operation: Operation[T], *, is_long: bool = False) -> T:
        found = self.run(operation)
        if self._held:
            await self._held.pop().wait()
        return found

    def hold(self) -> asyncio.Event:
        """Let the next reading end only when the event is set, whatever happens meanwhile."""
        event = asyncio.Event()
        self._held.append(event)
        return event

    async def write(self, operation: Operation[T], *, is_long: bool = False) -> T:
        return self.run(operation)

    def run(self, operation: Operation[T]) -> T:
        if self.fails:
            raise ServiceUnavailable("The database can't be used at the moment.")
        self.connection.execute("BEGIN")
        tx = Transaction(self.connection, NOW + timedelta(seconds=self._loop.now + self.wrong_by))
        try:
            found = operation(tx)
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")
        if tx.facts.appended:
            for listener in self.listeners:
                listener()
        return found

    async def chore(self, operation: Operation[T]) -> T:
        return self.run(operation)

    def watch(self, listener: Callable[[], None]) -> None:
        self.listeners.append(listener)

    def tell(self, message: str) -> None:
        self.told.append(message)

    def hear(self, listener: Callable[[str], None]) -> None:
        self.ears.append(listener)

    async def close(self) -> None:
        self.connection.close()


@dataclass
class Request:
    """A request that was sent, and may wait."""

    loop: Loop
    task: "Task[Answer]"
    gone: list[Callable[[], None]]

    @property
    def waits(self) -> bool:
        return not self.task.done()

    @property
    def answer(self) -> Answer:
        assert not self.waits, "it waits"
        return self.task.result()

    @property
    def status(self) -> int:
        return self.answer.status

    @property
    def json(self) -> Any:
        return json.loads(self.answer.body)

    def pass_time(self, seconds: float) -> None:
        self.loop.now += seconds
        self.loop.settle()

    def hang_up(self) -> None:
        """The client goes away."""
        for call in self.gone:
            call()
        self.loop.settle()


class Server:
    """The application, without a socket."""

    def __init__(self, deployment: Deployment) -> None:
        self.loop = Loop()
        self.database = Memory(self.loop)
        self.app = App(Site(deployment), self.database)
        self._stopping = asyncio.Event()
        self._life = self.loop.create_task(self.app({"type": "lifespan"}, self._told, _unheard))
        self._started = False
        self.loop.settle()

    async def _told(self) -> Message:
        if self._started:
            await self._stopping.wait()
            return {"type": "lifespan.shutdown"}
        self._started = True
        return {"type": "lifespan.startup"}

    def pass_time(self, seconds: float) -> None:
        self.loop.now += seconds
        self.loop.settle()

    def send(self, method: str, href: str, token: str = "", **more: Any) -> Request:
        """Send a request, and let everything happen that it leads to at once."""
        path, _, query = href.partition("?")
        gone: list[Callable[[], None]] = []

        headers = {
            "authorization": f"Bearer {token}",
            "host": "localhost",
            **more.pop("headers", {}),
        }
        call = Call(
            method,
            path.encode(),
            query.encode(),
            "1.1",
            "https",
            "",
            headers,
            _unread,
            gone.append,
            **more,
        )
        task = self.loop.create_task(self.app.answer(call))
        self.loop.settle()
        return Request(self.loop, task, gone)

    def sign_in(self, profile: Profile = DANA, **registration: str) -> "Client":
        """A user's application on a device of its own."""

        def enter(tx: Transaction) -> User:
            user = tx.of(Users).by_uri(profile.uri) or tx.of(Users).add(profile, "hash")
            assert user is not None
            _grant(tx, user, profile.uri)
            return user

        user = self.database.run(enter)
        client = Client(self, user, profile.uri, {})
        client.register(**{"endpointId": "one", **registration})
        return client

    def renew(self, client: "Client") -> None:
        """Let a client sign in again, and be seen."""
        self.database.run(lambda tx: _grant(tx, client.user, client.token))
        client.get(client.application["_links"]["self"]["href"])

    def close(self) -> None:
        self._stopping.set()
        self.loop.run_until_complete(self._life)
        self.loop.run_until_complete(self.database.close())
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.settle()
        self.loop.close()


@dataclass
class Client:
    """An application of a user, and where it is in its event channel."""

    server: Server
    user: User
    token: str
    application: Mapping[str, Any]
    next: str = ""

    def register(self, **registration: str) -> Request:
        wanted = {"userAgent": "test", "endpointId": "one", "culture": "en-US", **registration}
        answer = self.send("POST", APPLICATIONS, wanted)
        assert answer.status in (200, 201), answer.answer
        self.application = answer.json
        self.next = self.application["_links"]["events"]["href"] + "&extended=true"
        return answer

    def send(self, method: str, href: str, content: object = None, **headers: str) -> Request:
        body = b"" if content is None else json.dumps(content).encode()
        return self.server.send(
            method,
            href,
            self.token,
            body=body,
            headers={"content-type": "application/json", **headers},
        )

    def get(self, href: str) -> Any:
        answer = self.send("GET", href)
        assert answer.status == 200, answer.answer
        return answer.json

    def ask(self, href: str | None = None, **parameters: object) -> Request:
        """Send a pending GET."""
        more = "".join(f"&{name}={value}" for name, value in parameters.items())
        return self.send("GET", (href or self.next) + more)

    def hear(self, **parameters: object) -> Any:
        """The next package, which is acknowledged by the next question; it must be there."""
        package = self.ask(None, **parameters).json
        self.next = package["_links"]["next"]["href"]
        return package

    @property
    def meetings(self) -> str:
        dashboard = self.application["_embedded"]["onlineMeetings"]
        href: str = dashboard["_links"]["myOnlineMeetings"]["href"]
        return href

    def schedule(self, **properties: Any) -> dict[str, Any]:
        """Schedule a meeting: what happens at once, and is told at once."""
        answer = self.send("POST", self.meetings, properties)
        assert answer.status == 200, answer.answer
        found: dict[str, Any] = answer.json
        return found

    def move(self, **changes: str | bool) -> None:
        """Change the user's profile: what may wait a little before it is told."""
        user = msgspec.structs.replace(self.user, **changes)
        self.server.database.run(lambda tx: tx.of(Users).save(user))
        self.server.loop.settle()


@contextmanager
def serving(deployment: Deployment = DEPLOYMENT) -> Iterator[Server]:
    server = Server(deployment)
    try:
        yield server
    finally:
        server.close()


def told(package: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a package tells: the rel and the type of each event."""
    return [
        (event["link"]["rel"], event["type"])
        for sender in package["sender"]
        for event in sender["events"]
    ]


async def _unread() -> Message:
    raise AssertionError("the body has been read")


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def _grant(tx: Transaction, user: User, token: str) -> None:
    tx.of(Tokens).revoke(user.id)
    tx.of(Tokens).add(hash_of(token), user, tx.now + timedelta(hours=8))


async def _unheard(_: Message) -> None:
    return None
