"""An installation of the server for tests, in this process, and the people who use it.

Every exchange with it goes past the conformance oracle.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from httpx2 import Request, Response
from starlette.testclient import TestClient

from openucwa.domain import passwords
from openucwa.domain.deployment import Deployment, Lifetimes
from openucwa.domain.people import Profile, User
from openucwa.http.app import App
from openucwa.http.site import Site
from openucwa.store.sqlite import SQLite
from openucwa.store.transaction import Transaction
from tests.conformance.oracle import Exchange, Oracle

PASSWORD = "correct horse"
_HASH = passwords.hash(PASSWORD)  # made once: hashing is slow by intent

YET_TO_COME: tuple[str, ...] = ()
"""What the oracle misses and the server does not have yet; a link comes with what it leads to."""

DEPLOYMENT = Deployment(
    domain="contoso.com",
    meet_url="https://meet.contoso.com",
    lifetimes=Lifetimes(pending_get=timedelta(milliseconds=100)),
)
DANA = Profile(
    uri="sip:Dana@contoso.com",
    name="Dana Birkby",
    email="danab@contoso.com",
    title="Project lead",
    department="Sales",
    work_phone="tel:+14255550101",
)
CHRIS = Profile(uri="sip:Chris@contoso.com", name="Chris Barry")


@dataclass
class Clock:
    """The server's time, which only moves when a test says so."""

    now: datetime = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> None:
        self.now += span


class Installation:
    """A server with its database and its users, and what the oracle found in its exchanges."""

    def __init__(
        self, client: TestClient, database: SQLite, clock: Clock, findings: list[str]
    ) -> None:
        self.client = client
        self.database = database
        self.clock = clock
        self.findings = findings

    def transact(self, operation: Any) -> Any:
        """Run an operation on the store, as the command line would."""
        portal = self.client.portal
        assert portal is not None
        return portal.call(self.database.write, operation)

    def add_user(self, profile: Profile) -> User:
        def add(tx: Transaction) -> User:
            user = tx.users.add(profile, _HASH)
            assert user is not None
            return user

        found: User = self.transact(add)
        return found

    def sign_in(self, profile: Profile = DANA) -> "Person":
        """A user who has signed in; she is added when there is no such user yet."""
        if not self.transact(lambda tx: tx.users.by_uri(profile.uri)):
            self.add_user(profile)
        answer = self.client.post(
            "/WebTicket/oauthtoken",
            data={"grant_type": "password", "username": profile.uri, "password": PASSWORD},
        )
        assert answer.status_code == 200, answer.text
        return Person(self, answer.json()["access_token"])


@dataclass
class Person:
    """A signed-in user with an application of her own."""

    installation: Installation
    token: str
    endpoint_id: str = field(default_factory=lambda: str(uuid4()))
    _application: dict[str, Any] | None = None

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def application(self) -> dict[str, Any]:
        """The application resource, registered when it is first asked for."""
        if self._application is None:
            answer = self.register()
            assert answer.status_code in (200, 201), answer.text
            self._application = answer.json()
        return self._application

    def register(self, **more: Any) -> Response:
        return self.post(
            "/ucwa/oauth/v1/applications",
            json={
                "userAgent": "test",
                "endpointId": self.endpoint_id,
                "culture": "en-US",
                **more,
            },
        )

    def href(self, *rels: str) -> str:
        """Follow rels from the application, through what it embeds."""
        resource = self.application
        for rel in rels[:-1]:
            resource = resource["_embedded"][rel]
        found: str = resource["_links"][rels[-1]]["href"]
        return found

    @property
    def meetings(self) -> str:
        """Where meetings are scheduled."""
        return self.href("onlineMeetings", "myOnlineMeetings")

    def schedule(self, **properties: Any) -> dict[str, Any]:
        """Schedule a meeting; the resource that was answered."""
        answer = self.post(self.meetings, json=properties)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def get(self, href: str, **headers: str) -> Response:
        return self.request("GET", href, headers=headers)

    def post(self, href: str, **arguments: Any) -> Response:
        return self.request("POST", href, **arguments)

    def put(self, resource: Mapping[str, Any], *, if_match: str | None = None) -> Response:
        """Put a whole resource back, as the version that it is or another one."""
        return self.request(
            "PUT",
            resource["_links"]["self"]["href"],
            json=resource,
            headers={"If-Match": if_match or f'"{resource["etag"]}"'},
        )

    def delete(self, href: str, **headers: str) -> Response:
        return self.request("DELETE", href, headers=headers)

    def request(
        self, method: str, href: str, *, headers: Mapping[str, str] | None = None, **arguments: Any
    ) -> Response:
        client = self.installation.client
        return client.request(
            method, href, headers={**self.authorization, **(headers or {})}, **arguments
        )


@contextmanager
def installed(
    folder: Path, clock: Clock, deployment: Deployment = DEPLOYMENT, **site: Any
) -> Iterator[Installation]:
    """Install a server in a folder. On leaving, raises AssertionError for what is undocumented."""
    findings: list[str] = []

    def examine(response: Response) -> None:
        found = map(str, Oracle.load().check(_exchange(response)))
        findings.extend(one for one in found if not one.endswith(YET_TO_COME))

    database = SQLite(folder / "openucwa.sqlite3", clock)
    app = App(Site(deployment, **site), database)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        client.event_hooks["response"].append(examine)
        yield Installation(client, database, clock, findings)
        assert client.portal is not None
        client.portal.call(database.close)
    assert not findings, "\n".join(["undocumented:", *findings])


def _exchange(response: Response) -> Exchange:
    request: Request = response.request
    return Exchange(
        method=request.method,
        url=str(request.url),
        request_headers=request.headers.multi_items(),
        request_body=request.content,
        status=response.status_code,
        response_headers=[
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in response.headers.raw
        ],
        response_body=response.read(),
        raw_header_case=True,
    )


def play_back_name(resource: Mapping[str, Any]) -> str:
    """The name of the random member that PUT demands."""
    (name,) = (name for name in resource if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-.*", name))
    return name


def with_limits(**limits: int) -> Deployment:
    """The test deployment with other limits."""
    return msgspec.structs.replace(
        DEPLOYMENT, limits=msgspec.structs.replace(DEPLOYMENT.limits, **limits)
    )
