"""The floor under an update checks, compares, and commits before it answers."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.bare import Bare

PATH = "/ucwa/oauth/v1/applications/42/onlineMeetings/myOnlineMeetings/ABCD2345"
TARGET = {"path": PATH, "headers": [["Authorization", "Bearer cwt=AAAA"]], "etag": '"7"'}
MEETING = {
    "accessLevel": "Everyone",
    "entryExitAnnouncement": "Disabled",
    "attendees": ["sip:chris@contoso.com"],
    "automaticLeaderAssignment": "Disabled",
    "description": "",
    "expirationTime": "",
    "leaders": [],
    "phoneUserAdmission": "Disabled",
    "lobbyBypassForPhoneUsers": "Disabled",
    "subject": "Weekly meeting",
    "onlineMeetingId": "ABCD2345",
    "onlineMeetingUri": "",
    "onlineMeetingRel": "myOnlineMeetings",
    "organizerUri": "",
    "joinUrl": "",
    "_links": {"self": {"href": PATH}},
}
Put = Callable[..., tuple[int, dict[bytes, bytes], bytes]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "bare.db"


@pytest.fixture
def put(database: Path) -> Put:
    """Return a function that sends an update to a server with one meeting, of version 7."""
    application = Bare(database, [TARGET])

    def sent(
        etag: str = '"7"', body: bytes = json.dumps(MEETING).encode(), user: str = "AAAA"
    ) -> tuple[int, dict[bytes, bytes], bytes]:
        answers: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            answers.append(message)

        headers = {"authorization": f"Bearer cwt={user}", "if-match": etag}
        scope = {
            "type": "http",
            "method": "PUT",
            "path": PATH,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        asyncio.run(application(scope, receive, send))
        start, content = answers
        return start["status"], dict(start["headers"]), content["body"]

    return sent


def stored(database: Path) -> tuple[int, int, int]:
    """Return a meeting's version, and how many versions and facts there are, as others see it."""
    with sqlite3.connect(database) as connection:
        (version,) = connection.execute("SELECT version FROM meetings").fetchone()
        (versions,) = connection.execute("SELECT count(*) FROM meeting_versions").fetchone()
        (facts,) = connection.execute("SELECT count(*) FROM facts").fetchone()
    connection.close()
    return version, versions, facts


def test_an_update_is_in_the_database_with_its_version_and_its_fact(
    put: Put, database: Path
) -> None:
    status, headers, body = put()
    assert status == 200
    version = int(headers[b"etag"].strip(b'"'))
    assert json.loads(body) == {**MEETING, "rel": "myOnlineMeeting", "etag": str(version)}
    assert stored(database) == (version, 2, 1)


@pytest.mark.parametrize(
    ("status", "wrong"),
    [
        (412, {"etag": '"6"'}),
        (403, {"user": "BBBB"}),
        (400, {"body": b"{"}),
        (400, {"body": json.dumps({**MEETING, "subject": 7}).encode()}),
        (400, {"body": json.dumps({**MEETING, "subject": "x" * 251}).encode()}),
    ],
)
def test_what_is_wrong_is_refused_and_writes_nothing(
    status: int, wrong: dict[str, Any], put: Put, database: Path
) -> None:
    assert put(**wrong)[0] == status
    assert stored(database) == (7, 1, 0)
