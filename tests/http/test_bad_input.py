"""Bad input: the documented code and subcode, a message that helps, and nothing changed."""

import json
from typing import Any

import pytest

from tests.engines import CURRENT
from tests.installation import Installation, Person, play_back_name

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly", attendees=["sip:Chris@contoso.com"])


def refused(answer: Any, status: int, code: str, subcode: str | None = None) -> dict[str, Any]:
    """Assert that a request was refused so; the body."""
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["code"], told.get("subcode")) == (status, code, subcode)
    assert len(told["message"]) > 10
    return told


def unchanged(person: Person, meeting: dict[str, Any]) -> None:
    assert person.get(meeting["_links"]["self"]["href"]).json() == meeting


def put(person: Person, meeting: dict[str, Any], content: bytes, **headers: str) -> Any:
    return person.request(
        "PUT",
        meeting["_links"]["self"]["href"],
        content=content,
        headers={**JSON, "If-Match": f'"{meeting["etag"]}"', **headers},
    )


def test_missing_if_match(dana: Person, meeting: dict[str, Any]) -> None:
    href = meeting["_links"]["self"]["href"]
    for headers in ({}, {"If-Match": " "}):
        answer = dana.request("PUT", href, json=meeting, headers=headers)
        refused(answer, 428, "PreconditionRequired")
    unchanged(dana, meeting)


def test_unreadable_if_match(dana: Person, meeting: dict[str, Any]) -> None:
    refused(dana.put(meeting, if_match='"3109'), 400, "BadRequest")
    unchanged(dana, meeting)


def test_meeting_of_nobody_and_of_somebody_else_are_the_same(
    dana: Person, chris: Person, meeting: dict[str, Any]
) -> None:
    mine = chris.schedule(subject="Mine")
    for method in ("GET", "PUT", "DELETE"):
        messages = set()
        for meeting_id in (meeting["onlineMeetingId"], "AAAAAAAA"):
            href = f"{chris.meetings}/{meeting_id}"
            answer = chris.request(
                method, href, headers={"If-Match": "*", **JSON}, content=json.dumps(mine)
            )
            messages.add(refused(answer, 404, "NotFound")["message"])
        assert len(messages) == 1
    unchanged(dana, meeting)


def test_missing_random_member(dana: Person, meeting: dict[str, Any]) -> None:
    name = play_back_name(meeting)
    put = {key: value for key, value in meeting.items() if key != name}
    told = refused(dana.put(put), 400, "BadRequest", "ParameterValidationFailure")
    assert list(told["parameters"]) == [name]
    unchanged(dana, meeting)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject", 7),
        ("subject", ["a"]),
        ("subject", "x" * 256),
        ("description", {"text": "x"}),
        ("description", "x" * 32_769),
        ("attendees", "sip:chris@contoso.com"),
        ("attendees", [7]),
        ("attendees", [None]),
        ("attendees", ["chris"]),
        ("attendees", ["sip:chris"]),
        ("attendees", ["sip:chris@contoso.com\n.evil"]),
        ("attendees", ["sip:" + "x" * 300 + "@contoso.com"]),
        ("attendees", [f"sip:user{number}@contoso.com" for number in range(10_000)]),
        ("leaders", ["sip:eve@fabrikam.com"]),
        ("accessLevel", "Anyone"),
        ("accessLevel", "None"),
        ("accessLevel", 1),
        ("accessLevel", "everyone"),
        ("entryExitAnnouncement", "Unsupported"),
        ("automaticLeaderAssignment", True),
        ("lobbyBypassForPhoneUsers", ""),
        ("phoneUserAdmission", "None"),
        ("expirationTime", "tomorrow"),
        ("expirationTime", ""),
        ("expirationTime", 1360199838000),
        ("expirationTime", "2025-11-21T00:00:00Z"),
        ("expirationTime", "2036-11-23T00:00:00Z"),
        ("expirationTime", "9999-12-31T23:59:59-23:59"),
        ("expirationTime", "/Date(999999999999999)/"),
        ("expirationTime", "/Date(-99999999999999)/"),
        ("expirationTime", "2026-02-30T00:00:00Z"),
    ],
)
def test_wrong_value(dana: Person, meeting: dict[str, Any], name: str, value: object) -> None:
    for answer in (
        dana.put({**meeting, name: value}),
        dana.post(dana.meetings, json={name: value}),
    ):
        told = refused(answer, 400, "BadRequest", "ParameterValidationFailure")
        assert list(told["parameters"]) == [name]
    unchanged(dana, meeting)
    assert len(dana.get(dana.meetings).json()["_embedded"]["myOnlineMeeting"]) == 1


def test_all_wrong_values_are_named_at_once(dana: Person) -> None:
    answer = dana.post(dana.meetings, json={"subject": 7, "accessLevel": "Anyone", "leaders": 1})
    told = refused(answer, 400, "BadRequest", "ParameterValidationFailure")
    assert set(told["parameters"]) == {"subject", "accessLevel", "leaders"}
    assert "SameEnterprise" in told["parameters"]["accessLevel"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"nonsense",
        b"[]",
        b'"text"',
        b"7",
        b"null",
        b'{"subject": NaN}',
        b'{"subject": Infinity}',
        b'{"subject": "a", "subject": "b"}',
        b'{"subject": "a", "Subject": "b"}',
        b'{"subject": "\\ud800"}',
        b'{"subject": "\\u0000"}',
        b'{"subject": "\x00"}',
        b'{"subject": "\\u001b[31m"}',
        b'{"subject": "\xff"}',
        b'{"subject": ' + b"9" * 5000 + b"}",
        b'{"x": ' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"x": ' * 100_000,
        b"[" * 500_000,
    ],
    ids=lambda content: content[:24],
)
def test_body_that_is_no_usable_json(dana: Person, meeting: dict[str, Any], content: bytes) -> None:
    for answer in (
        put(dana, meeting, content),
        dana.post(dana.meetings, content=content, headers=JSON),
    ):
        refused(answer, 400, "BadRequest", "DeserializationFailure")
    unchanged(dana, meeting)


def test_pair_of_surrogates_is_a_character(dana: Person) -> None:
    content = b'{"subject": "\\ud83d\\ude00"}'
    answer = dana.post(dana.meetings, content=content, headers=JSON)
    assert answer.json()["subject"] == "\N{GRINNING FACE}"


@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "nonsense", "image/png"])
def test_wrong_content_type(dana: Person, meeting: dict[str, Any], content_type: str) -> None:
    answer = put(dana, meeting, json.dumps(meeting).encode(), **{"Content-Type": content_type})
    refused(answer, 415, "UnsupportedMediaType")
    unchanged(dana, meeting)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json;charset=utf-8",
        "Application/JSON",
        "application/vnd.microsoft.com.ucwa+json",
        "application/vnd.microsoft.ucwa+json; charset='UTF-8'",
    ],
)
def test_names_of_json(dana: Person, meeting: dict[str, Any], content_type: str) -> None:
    answer = put(dana, meeting, json.dumps(meeting).encode(), **{"Content-Type": content_type})
    assert answer.status_code == 200


def test_body_too_large(dana: Person, meeting: dict[str, Any]) -> None:
    content = json.dumps({**meeting, "description": "x" * 2**20}).encode()
    refused(put(dana, meeting, content), 413, "EntityTooLarge")

    def pieces() -> Any:  # without a Content-Length
        yield from (content[at : at + 65536] for at in range(0, len(content), 65536))

    answer = dana.request(
        "PUT",
        meeting["_links"]["self"]["href"],
        content=pieces(),
        headers={**JSON, "If-Match": "*"},
    )
    refused(answer, 413, "EntityTooLarge")
    unchanged(dana, meeting)


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        ("/", "POST", "GET, HEAD, OPTIONS"),
        ("/WebTicket/oauthtoken", "GET", "OPTIONS, POST"),
        ("/ucwa/oauth/v1/applications", "DELETE", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_wrong_method(installation: Installation, path: str, method: str, allow: str) -> None:
    answer = installation.client.request(method, path)
    refused(answer, 405, "MethodNotAllowed")
    assert answer.headers["Allow"] == allow


def test_wrong_method_on_a_meeting(dana: Person, meeting: dict[str, Any]) -> None:
    answer = dana.post(meeting["_links"]["self"]["href"], json={})
    refused(answer, 405, "MethodNotAllowed")
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"


def test_unknown_address(installation: Installation) -> None:
    for path in ("/favicon.ico", "/ucwa", "/ucwa/oauth/v1/applications/1/nothing", "/%00", "/%ff"):
        refused(installation.client.get(path), 404, "NotFound")


def test_somebody_elses_application(dana: Person, chris: Person) -> None:
    href = dana.application["_links"]["self"]["href"]
    for method, path in (("GET", href), ("DELETE", href), ("GET", href + "/me")):
        answer = chris.request(method, path)
        refused(answer, 404, "NotFound", "ApplicationNotFound")
    assert dana.get(href).status_code == 200


@pytest.mark.parametrize(
    "number", ["0", "1", "999999999999", "9" * 40, "9" * 5000, "-1", "abc", "%20", "1.0"]
)
def test_application_that_does_not_exist(dana: Person, number: str) -> None:
    answer = dana.get(f"/ucwa/oauth/v1/applications/{number}")
    refused(answer, 404, "NotFound", "ApplicationNotFound")


def test_database_in_trouble_is_told_as_such(
    installation: Installation, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    href = dana.meetings

    def fail(*_: object, **__: object) -> None:
        raise CURRENT.failure()

    monkeypatch.setattr("openucwa.store.tables.meetings.Meetings.sizes", fail)
    answer = dana.get(href)
    refused(answer, 503, "ServiceUnavailable")
    assert answer.headers["Retry-After"]


def test_failure_within_the_server_is_told_plainly(
    installation: Installation, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    href = dana.meetings

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("openucwa.store.tables.meetings.Meetings.sizes", fail)
    told = refused(dana.get(href), 500, "ServiceFailure")
    assert "secret" not in told["message"]
