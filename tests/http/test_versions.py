"""Versions: which one is asked for, which is served, and where links tell of it (Versioning.md)."""

from typing import Any

import pytest

from openucwa.resources.all import REGISTRY
from openucwa.resources.resource import Resource
from tests.conformance.tables import Tables
from tests.installation import Installation, Person

USER = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"
APPLICATIONS = "/ucwa/oauth/v1/applications"


def needing(version: str) -> dict[str, str]:
    return {"X-MS-RequiresMinResourceVersion": version}


def test_every_answer_tells_the_version(installation: Installation, dana: Person) -> None:
    """Whatever became of the request."""
    meeting = dana.schedule(subject="Weekly")
    href = meeting["_links"]["self"]["href"]
    client = installation.client
    answers = {
        "root": client.get("/"),
        "head": client.head("/"),
        "nowhere": client.get("/favicon.ico"),
        "challenge": client.get(USER),
        "refused token": dana.get(USER, Authorization="Bearer wrong"),
        "token": client.post("/WebTicket/oauthtoken", data={"grant_type": "nonsense"}),
        "wrong verb": client.request("DELETE", "/"),
        "wrong host": client.get("/", headers={"Host": "a b"}),
        "created": dana.register(endpointId="another"),
        "not modified": dana.get(href, **{"If-None-Match": f'"{meeting["etag"]}"'}),
        "stale": dana.put(meeting, if_match='"1"'),
        "updated": dana.put(meeting),
        "deleted": dana.delete(href),
    }
    statuses = [answer.status_code for answer in answers.values()]
    assert statuses == [200, 200, 404, 401, 403, 400, 405, 400, 201, 304, 412, 200, 204]
    for asked, answer in answers.items():
        assert answer.headers.get_list("X-MS-UcwaVersion") == ["2.0"], asked


@pytest.mark.parametrize("version", ["2", "2.0", "2.00", "1", "1.7", "0", ""])
def test_version_that_is_here_changes_nothing(
    installation: Installation, dana: Person, version: str
) -> None:
    """Clients ask for 2 of every resource, also of those without a second revision."""
    meeting = dana.schedule(subject="Weekly")
    for path in (USER, APPLICATIONS, dana.meetings, meeting["_links"]["self"]["href"]):
        assert dana.get(path, **needing(version)).json() == dana.get(path).json()
    assert installation.client.get("/", headers=needing(version)).status_code == 200
    grant = {"grant_type": "password", "username": "dana", "password": "correct horse"}
    answer = installation.client.post("/WebTicket/oauthtoken", data=grant, headers=needing(version))
    assert answer.status_code == 200
    answer = dana.post(dana.meetings, json={}, headers=needing(version))
    assert answer.status_code == 200


@pytest.mark.parametrize("version", ["2.1", "3", "4.0", "10", "2.000001", "999999999"])
def test_version_that_is_not_here(dana: Person, version: str) -> None:
    """It is refused, and nothing is done: versions compare as numbers."""
    meeting = dana.schedule(subject="Weekly")
    href = meeting["_links"]["self"]["href"]
    for method in ("GET", "PUT", "DELETE"):
        headers = {"If-Match": "*", **needing(version)}
        answer = dana.request(method, href, headers=headers, json={**meeting, "subject": "Moved"})
        assert answer.status_code == 404
        told = answer.json()
        assert (told["code"], told["subcode"]) == ("NotFound", "APIVersionNotSupported")
        assert "2.0" in told["message"]
    assert dana.get(href).json() == meeting


@pytest.mark.parametrize(
    "version", ["two", "v2", "-1", "2,0", "2.", ".5", "nan", "inf", "1e3", "2, 2", "2" * 30]
)
def test_version_that_is_no_number(dana: Person, version: str) -> None:
    answer = dana.get(dana.meetings, **needing(version))
    assert (answer.status_code, answer.json()["code"]) == (400, "BadRequest")
    assert "such as 2" in answer.json()["message"]


def test_links_tell_a_later_revision(dana: Person) -> None:
    """As text, on the link from elsewhere and on its own; where it is missing it is the first."""
    linked = dana.get(USER).json()["_links"]
    assert linked["applications"]["revision"] == "2"
    assert dana.get(APPLICATIONS).json()["_links"]["self"]["revision"] == "2"
    assert "revision" not in linked["self"]
    assert "revision" not in dana.application["_links"]["self"]


SERVED_IN_THE_FIRST = {"makeMeAvailable", "startMessaging"}
"""The rels whose first revision deployed clients need: the second answers, or requires, more."""


@pytest.mark.parametrize("resource", REGISTRY.resources, ids=lambda resource: resource.rel)
def test_revisions_are_the_documented_ones(resource: Resource[Any]) -> None:
    """The page of a second revision is named so."""
    is_revised = f"{resource.rel}2" in Tables.load().resources
    is_revised &= resource.rel not in SERVED_IN_THE_FIRST
    assert resource.revision == (2 if is_revised else None)
