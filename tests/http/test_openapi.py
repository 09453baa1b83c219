"""The description of the server in OpenAPI."""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from httpx2 import Response
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.types import Message

from openucwa.http.app import App
from openucwa.http.openapi import endpoint
from openucwa.http.request import Call
from openucwa.http.site import Site
from openucwa.resources.all import REGISTRY
from openucwa.resources.path import ROOT
from tests.installation import DEPLOYMENT, Installation, Person

BASE = "/ucwa/oauth/v1/"


@pytest.fixture
def document(installation: Installation) -> dict[str, Any]:
    """The document, which anybody may read."""
    answer = installation.client.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (one for method, one in item.items() if method != "parameters")


def templates(node: Any) -> Iterator[str]:
    """Where the application has an endpoint, in its table of routes."""
    if node.endpoint is not None:
        yield node.template
    for below in (*node.literals.values(), *([node.key[1]] if node.key else [])):
        yield from templates(below)


def closed(schema: Any) -> Any:
    """The schema, without room for what it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(one) for name, one in schema.items()}
    if found.get("type") == "object" and "properties" in found:
        found["additionalProperties"] = False
    return found


def differences(document: Mapping[str, Any], answer: Response, rel: str) -> list[str]:
    """What an answer shows otherwise than the document says of a resource."""
    schemas = closed(document["components"]["schemas"])
    schema = {"$ref": f"#/components/schemas/{rel}", "components": {"schemas": schemas}}
    return [error.message for error in Draft202012Validator(schema).iter_errors(answer.json())]


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_path_is_described(installation: Installation, document: dict[str, Any]) -> None:
    """What the application has a route for is in the document, and nothing else but aliases."""
    app = App(Site(DEPLOYMENT), installation.database)
    aliases = {f"{ROOT}{alias}" for one in REGISTRY.resources for alias in one.aliases}
    assert set(document["paths"]) == set(templates(app._routes._root)) - aliases


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [one["operationId"] for one in operations(document)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "resource",
    [one for one in REGISTRY.resources if not one.is_capability],
    ids=lambda one: one.rel,
)
def test_every_resource_is_described(document: dict[str, Any], resource: Any) -> None:
    for rel in resource.rels:
        assert document["components"]["schemas"][rel]["properties"]["rel"] == {"const": rel}


class TestWhatIsServed:
    """Nothing is served that the document does not name."""

    def test_application(self, document: dict[str, Any], dana: Person) -> None:
        answer = dana.register(instanceId="1")
        assert differences(document, answer, "application") == []

    def test_meeting(self, document: dict[str, Any], dana: Person) -> None:
        meeting = dana.schedule(subject="Weekly meeting", phoneUserAdmission="Enabled")
        dana.post(meeting["_links"]["onlineMeetingExtensions"]["href"], json={"id": "1"})
        answer = dana.get(meeting["_links"]["self"]["href"])
        assert differences(document, answer, "myOnlineMeeting") == []

    def test_events(self, document: dict[str, Any], dana: Person) -> None:
        channel = dana.href("events") + "&extended=true"
        dana.schedule(subject="Weekly meeting")
        assert differences(document, dana.get(channel), "Package") == []

    @pytest.mark.parametrize(
        "rel",
        [
            "myOnlineMeetings",
            "onlineMeetingDefaultValues",
            "onlineMeetingEligibleValues",
            "onlineMeetingPolicies",
            "onlineMeetingInvitationCustomization",
        ],
    )
    def test_what_belongs_to_meetings(
        self, document: dict[str, Any], dana: Person, rel: str
    ) -> None:
        dana.schedule(subject="Weekly meeting")
        answer = dana.get(dana.href("onlineMeetings", rel))
        assert differences(document, answer, rel) == []


def test_only_what_is_required_must_be_given(document: dict[str, Any], dana: Person) -> None:
    """An empty request names what is missing, just as the document does."""
    meeting = dana.schedule()["_links"]
    hrefs = {
        "postApplications": f"{BASE}applications",
        "postMyOnlineMeetings": dana.meetings,
        "postOnlineMeetingExtensions": meeting["onlineMeetingExtensions"]["href"],
    }
    for name, href in hrefs.items():
        required = document["components"]["schemas"][name].get("required", [])
        answer = dana.post(href, json={})
        assert sorted(answer.json().get("parameters", [])) == sorted(required), name


def test_it_is_written_once_and_keeps_nobody_waiting(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def write(_: object) -> dict[str, object]:
        threads.append(threading.current_thread())
        return {}

    monkeypatch.setattr(endpoint, "document", write)
    described = endpoint.OpenAPIEndpoint(REGISTRY)
    call = Call("GET", b"/openapi.json", b"", "1.1", "http", "", {}, _receive)

    async def ask() -> list[bytes]:
        answers = await asyncio.gather(*(described.answer(call, {}) for _ in range(3)))
        return [answer.body for answer in answers]

    assert asyncio.run(ask()) == [b"{}"] * 3
    (one,) = threads
    assert one is not threading.main_thread()


async def _receive() -> Message:
    raise AssertionError
