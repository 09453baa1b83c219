"""communication: what an application can do in conversations (communication_ref.md)."""

from typing import Any

import pytest

from tests.installation import Installation, Person, play_back_name

GIVEN = {
    "supportedModalities": ["Messaging", "Audio"],
    "supportedMessageFormats": ["Plain", "Html"],
    "audioPreference": "PhoneAudio",
    "phoneNumber": "tel:+14255550101",
}


@pytest.fixture
def communication(dana: Person) -> dict[str, Any]:
    found: dict[str, Any] = dana.application["_embedded"]["communication"]
    return found


def fetched(dana: Person) -> dict[str, Any]:
    answer = dana.get(dana.href("communication", "self"))
    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{answer.json()["etag"]}"'
    found: dict[str, Any] = answer.json()
    return found


def test_defaults(dana: Person, communication: dict[str, Any]) -> None:
    """What is known of an application whose client has told nothing. The random member is first."""
    assert next(iter(communication)) == play_back_name(communication)
    assert communication["supportedModalities"] == []
    assert communication["supportedMessageFormats"] == ["Plain"]
    assert communication["conversationHistory"] == "Disabled"
    assert fetched(dana) == communication


def test_put(dana: Person, communication: dict[str, Any]) -> None:
    answer = dana.put({**communication, **GIVEN})
    assert (answer.status_code, answer.content) == (204, b"")
    found = fetched(dana)
    assert answer.headers["ETag"] == f'"{found["etag"]}"'
    assert found["etag"] != communication["etag"]
    assert found == {**communication, **GIVEN, "etag": found["etag"]}


def test_put_replaces(dana: Person, communication: dict[str, Any]) -> None:
    """What is left out, or null, returns to its default."""
    dana.put({**communication, **GIVEN})
    found = fetched(dana)
    without = {name: value for name, value in found.items() if name not in GIVEN}
    assert dana.put({**without, "audioPreference": None}).status_code == 204
    assert fetched(dana) == {**communication, "etag": fetched(dana)["etag"]}


def test_only_the_current_version_is_replaced(dana: Person, communication: dict[str, Any]) -> None:
    """Of two that start from the defaults, too."""
    assert dana.put({**communication, **GIVEN}).status_code == 204
    stale = dana.put(communication)
    assert (stale.status_code, stale.json()["code"]) == (412, "PreconditionFailed")
    current = fetched(dana)
    assert dana.put(current).status_code == 204
    assert dana.put(current).status_code == 412
    unconditional = dana.request("PUT", dana.href("communication", "self"), json=communication)
    assert unconditional.status_code == 428


def test_the_random_member_is_demanded(dana: Person, communication: dict[str, Any]) -> None:
    name = play_back_name(communication)
    del communication[name]
    answer = dana.put(communication)
    assert (answer.status_code, list(answer.json()["parameters"])) == (400, [name])


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("audioPreference", "Loud", "must be one of"),
        ("supportedModalities", ["Telepathy"], "must be a list of strings"),
        ("supportedModalities", ["Audio"] * 17, "of at most 16 items"),
        ("phoneNumber", "1" * 101, "of at most 100 characters"),
        ("conversationHistory", 7, "must be one of"),
    ],
)
def test_what_is_wrong_is_told(
    dana: Person, communication: dict[str, Any], name: str, value: object, told: str
) -> None:
    answer = dana.put({**communication, name: value})
    assert (answer.status_code, answer.json()["subcode"]) == (400, "ParameterValidationFailure")
    assert told in answer.json()["parameters"][name]


def test_each_application_has_its_own(
    installation: Installation, dana: Person, communication: dict[str, Any]
) -> None:
    """Its instances have it in common; and what it was goes with it."""
    other = installation.sign_in()
    dana.put({**communication, **GIVEN})
    assert "audioPreference" not in other.application["_embedded"]["communication"]
    tab = dana.register(instanceId="tab").json()
    assert tab["_embedded"]["communication"]["audioPreference"] == "PhoneAudio"
    for instance in ("", "?instanceId=tab"):
        assert dana.delete(dana.href("self") + instance).status_code == 204
    again = dana.register().json()
    assert "audioPreference" not in again["_embedded"]["communication"]
