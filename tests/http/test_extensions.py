"""Extensions of meetings: onlineMeetingExtensions_ref.md, onlineMeetingExtension_ref.md."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import Clock, Person, installed, play_back_name, with_limits


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly")


@pytest.fixture
def extensions(meeting: dict[str, Any]) -> str:
    found: str = meeting["_links"]["onlineMeetingExtensions"]["href"]
    return found


def added(person: Person, extensions: str, **members: Any) -> dict[str, Any]:
    answer = person.post(extensions, json=members)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == found["_links"]["self"]["href"]
    assert answer.headers["ETag"] == f'"{found["etag"]}"'
    return found


def test_keeps_free_members(dana: Person, extensions: str) -> None:
    found = added(
        dana, extensions, id="ticket", type="RoamedOrganizerData", number="4711", Case="Aa"
    )
    assert found["id"] == "ticket"
    assert found["type"] == "RoamedOrganizerData"
    assert (found["number"], found["Case"]) == ("4711", "Aa")
    assert dana.get(found["_links"]["self"]["href"]).json() == found


def test_id_and_type_may_be_left_out(dana: Person, extensions: str) -> None:
    one, other = added(dana, extensions), added(dana, extensions, id=None, note="x")
    assert one["id"] != other["id"]
    assert one["type"] == "Undefined"


@pytest.mark.parametrize("id", [".", "..", " ", "a/b"])
def test_id_that_would_lead_elsewhere_is_refused(dana: Person, extensions: str, id: str) -> None:
    answer = dana.post(extensions, json={"id": id})
    assert (answer.status_code, list(answer.json()["parameters"])) == (400, ["id"])


def test_id_in_another_alphabet(dana: Person, extensions: str) -> None:
    found = added(dana, extensions, id="прибор:1")
    assert dana.get(found["_links"]["self"]["href"]).json() == found


def test_id_that_is_taken(dana: Person, extensions: str) -> None:
    added(dana, extensions, id="ticket")
    answer = dana.post(extensions, json={"id": "ticket"})
    assert (answer.status_code, answer.json()["subcode"]) == (409, "AlreadyExists")


def test_are_listed_and_embedded_in_their_meeting(
    dana: Person, meeting: dict[str, Any], extensions: str
) -> None:
    assert "_embedded" not in dana.get(extensions).json()
    found = [added(dana, extensions, id=id) for id in ("a", "b")]
    assert dana.get(extensions).json()["_embedded"]["onlineMeetingExtension"] == found
    again = dana.get(meeting["_links"]["self"]["href"]).json()
    assert again["_embedded"]["onlineMeetingExtension"] == found


def test_null_means_not_given(dana: Person, extensions: str) -> None:
    assert "number" not in added(dana, extensions, number=None)


def test_put_replaces(dana: Person, extensions: str) -> None:
    found = added(dana, extensions, id="ticket", type="RoamedParticipantData", number="1", by="me")
    del found["by"], found["type"]
    updated = dana.put({**found, "number": "2"})
    assert updated.status_code == 200
    assert updated.json()["number"] == "2"
    assert updated.json()["type"] == "Undefined"
    assert "by" not in updated.json()
    assert updated.json()["etag"] != found["etag"]
    stale = dana.put({**found, "number": "3"})
    assert stale.status_code == 412
    assert dana.get(found["_links"]["self"]["href"]).json() == updated.json()


def test_put_is_guarded_like_that_of_a_meeting(dana: Person, extensions: str) -> None:
    found = added(dana, extensions, id="ticket", number="1")
    href = found["_links"]["self"]["href"]
    assert dana.request("PUT", href, json=found).status_code == 428
    name = play_back_name(found)
    answer = dana.put({key: value for key, value in found.items() if key != name})
    assert list(answer.json()["parameters"]) == [name]
    answer = dana.put({**found, "id": "other"})
    assert list(answer.json()["parameters"]) == ["id"]
    assert dana.get(href).json() == found


def test_editing_does_not_move_the_meetings_etag(
    dana: Person, meeting: dict[str, Any], extensions: str
) -> None:
    found = added(dana, extensions, number="1")
    updated = dana.put({**found, "number": "2"}).json()
    dana.delete(updated["_links"]["self"]["href"])
    assert dana.get(meeting["_links"]["self"]["href"]).json() == meeting
    assert dana.put(meeting).status_code == 200


def test_stay_when_their_meeting_is_updated_and_go_with_it(
    dana: Person, meeting: dict[str, Any], extensions: str
) -> None:
    found = added(dana, extensions, number="1")
    meeting = dana.put({**meeting, "subject": "Moved"}).json()
    assert meeting["_embedded"]["onlineMeetingExtension"] == [found]
    dana.delete(meeting["_links"]["self"]["href"])
    for href in (extensions, found["_links"]["self"]["href"]):
        assert dana.get(href).status_code == 404


def test_412_carries_the_current_extension(dana: Person, extensions: str) -> None:
    found = added(dana, extensions, number="1")
    current = dana.put({**found, "number": "2"}).json()
    answer = dana.request(
        "PUT",
        found["_links"]["self"]["href"],
        json=found,
        headers={"If-Match": f'"{found["etag"]}"', "Prefer": "return=representation"},
    )
    assert answer.status_code == 412
    assert answer.json()["_embedded"]["onlineMeetingExtension"] == current


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", 7),
        ("number", {"a": "b"}),
        ("number", "x" * 4097),
        ("with space", "x"),
        ("1st", "x"),
        ("x" * 101, "x"),
        ("type", "Everybody"),
        ("id", "x" * 101),
        ("id", 7),
    ],
)
def test_wrong_members(dana: Person, extensions: str, name: str, value: object) -> None:
    answer = dana.post(extensions, json={name: value})
    assert (answer.status_code, answer.json()["subcode"]) == (400, "ParameterValidationFailure")
    assert list(answer.json()["parameters"]) == [name[:100]]
    assert "_embedded" not in dana.get(extensions).json()


def test_too_many_members(dana: Person, extensions: str) -> None:
    for members in (65, 5_000):
        answer = dana.post(extensions, json={f"member{number}": 1 for number in range(members)})
        assert list(answer.json()["parameters"]) == ["member64"]


def test_answer_names_some_of_many_wrong_members(dana: Person, extensions: str) -> None:
    told = dana.post(extensions, json={f"member{number}": 1 for number in range(30)}).json()
    assert len(told["parameters"]) == 20
    assert told["message"].endswith("and 10 more.")


def test_too_many_extensions(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock, with_limits(extensions_per_meeting=2)) as installation:
        dana = installation.sign_in()
        extensions = dana.schedule()["_links"]["onlineMeetingExtensions"]["href"]
        added(dana, extensions)
        added(dana, extensions)
        answer = dana.post(extensions, json={})
        assert answer.json()["subcode"] == "ParameterValidationFailure"


def test_are_the_organizers_alone(dana: Person, chris: Person, extensions: str) -> None:
    found = added(dana, extensions, id="ticket", number="1")
    own = chris.application["id"]
    for href in (extensions, found["_links"]["self"]["href"]):
        answer = chris.get(href.replace(dana.application["id"], own))
        assert answer.status_code == 404
