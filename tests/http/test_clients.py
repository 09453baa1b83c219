"""What deployed clients depend on, where no other test holds it: docs/compatibility.md."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.installation import Installation, Person, play_back_name

APPLICATIONS = "/ucwa/oauth/v1/applications"


@pytest.mark.parametrize("accept", [None, "*/*", "", "text/html, */*;q=0.1", "application/json"])
def test_json_is_served_to_those_who_do_not_mind(
    installation: Installation, dana: Person, accept: str | None
) -> None:
    """In success and in failure."""
    del installation.client.headers["Accept"]  # what the client would send by itself
    headers = {} if accept is None else {"Accept": accept}
    for path, status in ((dana.meetings, 200), (f"{dana.meetings}/AAAAAAAA", 404), ("/", 200)):
        answer = dana.get(path, **headers)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert answer.json()


def test_answers_have_their_length(dana: Person) -> None:
    """Whatever became of the request; where there is no body there is none."""
    dana.installation.client.headers["Accept-Encoding"] = "identity"
    meeting = dana.schedule(subject="x")
    href = meeting["_links"]["self"]["href"]
    for answer in (
        dana.get(href),
        dana.get(href, Authorization=""),
        dana.get("/nothing"),
        dana.put(meeting),
        dana.put(meeting),
        dana.register(),
    ):
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert "Transfer-Encoding" not in answer.headers
    answer = dana.delete(href)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Transfer-Encoding" not in answer.headers


def links_in(resource: dict[str, Any]) -> Iterator[Any]:
    yield from resource["_links"].values()
    for embedded in resource.get("_embedded", {}).values():
        for one in embedded if isinstance(embedded, list) else [embedded]:
            yield from links_in(one)


def test_links_are_objects(dana: Person) -> None:
    dana.schedule(subject="x")
    for href in (dana.href("self"), dana.href("onlineMeetings", "self"), dana.meetings):
        links = list(links_in(dana.get(href).json()))
        assert links
        assert all(isinstance(link, dict) and link["href"] for link in links)


def test_unknown_names_in_a_query_are_ignored(dana: Person) -> None:
    """With every verb."""
    query = "?SessionContext=1&operationContext=a%20b&x&=&&timeout="
    answer = dana.post(dana.meetings + query, json={"subject": "x"})
    meeting = answer.json()
    assert (answer.status_code, meeting["subject"]) == (200, "x")
    href = meeting["_links"]["self"]["href"]
    assert dana.get(href + query).json() == meeting
    headers = {"If-Match": "*"}
    answer = dana.request("PUT", href + query, json=meeting, headers=headers)
    assert answer.status_code == 200
    assert dana.delete(href + query).status_code == 204


def test_an_application_has_what_clients_read(dana: Person) -> None:
    for found in (dana.application, dana.get(dana.href("self")).json()):
        assert found["endpointId"] == dana.endpoint_id
        assert re.fullmatch("[0-9]{11,12}", found["id"])
        assert found["type"] == "Browser"
        assert re.fullmatch("[0-9]+", found["etag"])
        assert re.fullmatch(r"/Date\([0-9]+\)/", found["expires"])


def test_nulls_are_not_given(dana: Person) -> None:
    """What clients write out of their own records has every member that a record may have."""
    nothing = dict.fromkeys(("instanceId", "rel", "etag", "href", "title"))
    answer = dana.register(**nothing)
    assert answer.status_code == 201
    assert "instanceId" not in answer.json()
    meeting = dana.schedule(subject="x", description=None, **nothing)
    assert (meeting["subject"], meeting["description"]) == ("x", "")


def test_a_meeting_is_put_as_clients_send_it(dana: Person) -> None:
    """Whole with its links, or without them; but always with the random member."""
    meeting = dana.schedule(subject="x", attendees=["sip:Chris@contoso.com"])
    href = meeting["_links"]["self"]["href"]
    bare = {name: value for name, value in meeting.items() if not name.startswith("_")}
    for changes in (
        meeting,
        bare,
        {**bare, "attendanceAnnouncementsStatus": "Disabled"},
        {**meeting, "href": None, "title": None, "rel": None},
        {"subject": "x", "attendees": meeting["attendees"], play_back_name(meeting): "x"},
    ):
        etag = dana.get(href).headers["ETag"]
        answer = dana.request("PUT", href, json=changes, headers={"If-Match": etag})
        assert answer.status_code == 200
        assert answer.json() == {
            **meeting,
            "etag": answer.json()["etag"],
            "expirationTime": answer.json()["expirationTime"],
        }


def test_tags_are_decimal(dana: Person) -> None:
    """The header has that of the body, in quotes."""
    meeting = dana.schedule(subject="x")
    for answer in (dana.get(meeting["_links"]["self"]["href"]), dana.put(meeting)):
        etag = answer.json()["etag"]
        assert re.fullmatch("[0-9]+", etag)
        assert answer.headers["ETag"] == f'"{etag}"'
