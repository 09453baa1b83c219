"""How much may be stored for a user."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from tests.installation import CHRIS, Clock, Person, installed, with_limits

KIB = 1024


@pytest.fixture
def dana(tmp_path: Path, clock: Clock) -> Iterator[Person]:
    limits = with_limits(bytes_per_user=64 * KIB, history_bytes_per_meeting=100 * KIB)
    with installed(tmp_path, clock, limits) as installation:
        yield installation.sign_in()


def refused(answer: Response) -> str:
    assert answer.status_code == 413, answer.text
    assert answer.json()["code"] == "EntityTooLarge"
    return str(answer.json()["message"])


def text(kib: int) -> str:
    return "x" * (kib * KIB)


def extend(person: Person, meeting: dict[str, Any], id: str, kib: int) -> Response:
    members = {f"m{number}": "x" * 4096 for number in range(kib // 4)}
    return person.post(
        f"{meeting['_links']['self']['href']}/extensions", json={"id": id, **members}
    )


def test_a_user_has_room_for_so_much(dana: Person) -> None:
    first = dana.schedule(description=text(30))
    dana.schedule(description=text(30))
    message = refused(dana.post(dana.meetings, json={"description": text(30)}))
    assert message == (
        "This would exceed the 0.0625 MiB that your meetings and their extensions may take "
        "together. "
        "Shorten or delete some."
    )
    assert len(dana.get(dana.meetings).json()["_embedded"]["myOnlineMeeting"]) == 2
    dana.schedule(description="small")
    chris = dana.installation.sign_in(CHRIS)
    assert chris.post(chris.meetings, json={"description": text(30)}).status_code == 200
    dana.delete(first["_links"]["self"]["href"])
    dana.schedule(description=text(30))


def test_a_meeting_may_not_grow_beyond_and_may_always_shrink(dana: Person) -> None:
    for _ in range(2):
        dana.schedule(description=text(29))
    meeting = dana.schedule(description=text(4))
    assert "Shorten" in refused(dana.put({**meeting, "description": text(7)}))
    current = meeting
    for size in (4500, 4400, 4, 4500, 4300, 4500):  # its history does not count
        answer = dana.put({**current, "description": "x" * size})
        assert answer.status_code == 200
        current = answer.json()


def test_extensions_count_too(dana: Person) -> None:
    meeting = dana.schedule(description=text(20))
    assert extend(dana, meeting, "one", 32).status_code == 201
    refused(extend(dana, meeting, "two", 32))
    href = f"{meeting['_links']['self']['href']}/extensions/one"
    found = dana.get(href).json()
    larger = {f"n{number}": "x" * 4096 for number in range(8)}
    refused(dana.put({**found, **larger}))
    assert dana.put({**found, "more": "x"}).status_code == 200


def test_extensions_of_a_meeting_are_bounded_together(
    dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openucwa.domain.extensions.LARGEST", 20 * KIB)
    meeting, other = dana.schedule(), dana.schedule()
    assert extend(dana, meeting, "one", 12).status_code == 201
    assert "extensions of a meeting" in refused(extend(dana, meeting, "two", 12))
    assert extend(dana, other, "one", 12).status_code == 201


def test_old_versions_of_a_large_meeting_are_forgotten(dana: Person) -> None:
    meeting = current = dana.schedule(description=text(30))
    for number in range(8):
        current = dana.put({**current, "subject": str(number)}).json()
    versions = dana.get(f"{meeting['_links']['self']['href']}/versions").json()
    assert len(versions["_embedded"]["onlineMeetingVersion"]) == 1 + 3
