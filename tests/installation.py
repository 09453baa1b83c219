"""An installation of the server for tests, in this process, and the people who use it.

Every exchange with it goes past the conformance oracle. Where it changes nothing it is repeated in
XML, which has to tell the same.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from httpx2 import Request, Response
from starlette.testclient import TestClient

from openucwa.domain.deployment import Deployment, Lifetimes
from openucwa.domain.people import Profile, User
from openucwa.http import due
from openucwa.http.app import App
from openucwa.http.site import Site
from openucwa.resources.all import REGISTRY
from openucwa.resources.registry import Registry
from openucwa.store.database import Database
from openucwa.store.opening import open_database
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import json
from tests.conformance.bodies import media_type
from tests.conformance.formats import difference_findings
from tests.conformance.oracle import Exchange, Finding, Oracle
from tests.engines import CURRENT
from tests.passwords import HASH, PASSWORD

XML, JSON = AGAIN = ("application/xml", "application/json;q=1.0")
"""How a request is repeated."""
NOT_REPEATED = ("/webticket/oauthtoken", "/oauth/revoke", "/events", "/batch", "/openapi.json")
"""Where the format is another, or each request counts."""

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
        self,
        client: TestClient,
        database: Database,
        clock: Clock,
        findings: list[str],
        deployment: Deployment = DEPLOYMENT,
    ) -> None:
        self.client = client
        self.database = database
        self.clock = clock
        self.findings = findings
        self.deployment = deployment

    def transact(self, operation: Any) -> Any:
        """Run an operation on the store, as the command line would. It may wait for others."""
        portal = self.client.portal
        assert portal is not None
        return portal.call(partial(self.database.write, operation, is_long=True))

    def let_pass(self, span: timedelta) -> None:
        """Let time pass, and what is due by then happen."""
        self.clock.advance(span)
        portal = self.client.portal
        assert portal is not None
        portal.call(due.settle_all, self.database, self.deployment.lifetimes)

    def add_user(self, profile: Profile) -> User:
        def add(tx: Transaction) -> User:
            user = tx.of(Users).add(profile, HASH)
            assert user is not None
            return user

        found: User = self.transact(add)
        return found

    @contextmanager
    def at(self, address: str) -> Iterator[None]:
        """Let requests come from another address for a while."""
        transport: Any = self.client._transport
        before, transport.client = transport.client, (address, 50_000)
        try:
            yield
        finally:
            transport.client = before

    def sign_in(self, profile: Profile = DANA) -> "Person":
        """A user who has signed in; she is added when there is no such user yet."""
        if not self.transact(lambda tx: tx.of(Users).by_uri(profile.uri)):
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
    folder: Path,
    clock: Clock,
    deployment: Deployment = DEPLOYMENT,
    *,
    location: Path | str | None = None,
    registry: Registry = REGISTRY,
    **site: Any,
) -> Iterator[Installation]:
    """Install a server in a folder, or on the database of a location.

    On leaving, raises AssertionError for what is undocumented, unless it has a registry of its own.
    """
    findings: list[str] = []

    def examine(response: Response) -> None:
        exchange = _exchange(response)
        found = Oracle.load().check(exchange)
        if _is_repeatable(exchange):
            found += _differences(client, exchange, response)
        findings.extend(map(str, found))

    database = open_database(location or CURRENT.location(folder), clock, connections=4)
    app = App(Site(deployment, **site), database, registry)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        if registry is REGISTRY:
            client.event_hooks["response"].append(examine)
        yield Installation(client, database, clock, findings, deployment)
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


def _is_repeatable(exchange: Exchange) -> bool:
    """Whether the answer is a resource or an error in JSON, and another one would be the same."""
    return (
        (exchange.method == "GET" or exchange.status >= 400)
        and exchange.method != "HEAD"
        and exchange.request_header("Accept") not in AGAIN
        and media_type(exchange.response_header("Content-Type")) in json.MEDIA_TYPES
        and not exchange.path.lower().endswith(NOT_REPEATED)
    )


def _differences(client: TestClient, in_json: Exchange, response: Response) -> list[Finding]:
    """What XML tells otherwise. Both go past the oracle in their turn."""

    def again(accept: str) -> Exchange:
        return _exchange(client.send(_asking(response, accept)))

    in_xml = again(XML)
    found = list(difference_findings(in_json, in_xml))
    if found:  # the first of the requests may itself have been noted in the application
        found = list(difference_findings(again(JSON), in_xml))
    return [one.seen_in(in_json) for one in found]


def _asking(response: Response, accept: str) -> Request:
    """The same request for that format. It has the same id, which some messages name."""
    request = response.request
    replaced = {
        b"accept": accept.encode(),
        b"x-request-id": response.headers["X-Request-Id"].encode(),
    }
    headers = [pair for pair in request.headers.raw if pair[0].lower() not in replaced]
    return Request(
        request.method,
        request.url,
        headers=[*headers, *replaced.items()],
        content=request.content,
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
