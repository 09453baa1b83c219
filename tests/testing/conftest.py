"""A signed-in user of the server under test, whose every answer can be looked at."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from openucwa.testing.server import Server
from tests.patience import until


@dataclass(frozen=True)
class Person:
    """Somebody with an application of her own."""

    http: httpx2.Client
    application: Mapping[str, Any]

    def get(self, href: str) -> httpx2.Response:
        return self.http.get(href)

    def me(self) -> httpx2.Response:
        return self.get(self.application["_embedded"]["me"]["_links"]["self"]["href"])

    def schedule(self, **properties: Any) -> dict[str, Any]:
        folder = self.application["_embedded"]["onlineMeetings"]["_links"]["myOnlineMeetings"]
        answer = self.http.post(folder["href"], json=properties)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def put(self, meeting: Mapping[str, Any], **changes: Any) -> httpx2.Response:
        return self.http.put(
            href_of(meeting),
            json={**meeting, **changes},
            headers={"If-Match": f'"{meeting["etag"]}"', "Prefer": "return=representation"},
        )

    def fetched(self, meeting: Mapping[str, Any]) -> dict[str, Any]:
        """The meeting as it is now."""
        answer = self.get(href_of(meeting))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @property
    def events(self) -> str:
        found: str = self.application["_links"]["events"]["href"] + "&extended=true"
        return found


def href_of(resource: Mapping[str, Any]) -> str:
    found: str = resource["_links"]["self"]["href"]
    return found


def sign_in(server: Server, http: httpx2.Client, address: str) -> Person:
    form = {"grant_type": "password", "username": address, "password": server.password}
    token = http.post("/WebTicket/oauthtoken", data=form).raise_for_status().json()
    http.headers["Authorization"] = f"Bearer {token['access_token']}"
    wanted = {"userAgent": "test", "endpointId": str(uuid4()), "culture": "en-US"}
    answer = http.post("/ucwa/oauth/v1/applications", json=wanted).raise_for_status()
    return Person(http, answer.json())


@pytest.fixture
def http(ucwa_server: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=ucwa_server.url, verify=ucwa_server.ssl_context, timeout=20, trust_env=False
    ) as client:
        yield client


@pytest.fixture
def dana(ucwa_server: Server, http: httpx2.Client) -> Person:
    return sign_in(ucwa_server, http, ucwa_server.address)


Waiting = Callable[[Person], "Future[httpx2.Response]"]


@pytest.fixture
def waiting(ucwa_server: Server) -> Iterator[Waiting]:
    """Asks for events, and goes on when the server has the request."""
    with ThreadPoolExecutor() as threads:

        def wait(person: Person) -> "Future[httpx2.Response]":
            answer = threads.submit(person.get, person.events)
            until(lambda: "GET events" in ucwa_server.controls.under_way() or answer.done())
            return answer

        yield wait
