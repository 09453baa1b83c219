"""Attendance at the command line: who was in a meeting, for people, programs and spreadsheets."""

import csv
from collections.abc import Iterator

import pytest

from openucwa.client import Client
from tests.cli.person.conftest import Person
from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME

pytestmark = pytest.mark.slow


@pytest.fixture
def weekly(dana: Person) -> Iterator[str]:
    """The id of a meeting that Dana is in."""
    made = dana.told("meeting", "schedule", "--subject", "Weekly")
    with Client.discover(USERNAME, PASSWORD, at=dana.root_url) as client:
        communication = client.follow(client.application(), "communication")
        href = communication.link("joinOnlineMeeting")
        assert href
        client.send("POST", href, {"onlineMeetingUri": made["onlineMeetingUri"]})
        yield made["onlineMeetingId"]


def test_who_was_there(dana: Person, kim: Person, weekly: str) -> None:
    (one,) = dana.told("meeting", "attendance", weekly)
    assert one["leaveTime"] is None
    assert one == {
        "name": "Dana",
        "uri": "sip:Dana@contoso.com",
        "role": "Leader",
        "anonymous": False,
        "joinTime": one["joinTime"],
        "leaveTime": None,
    }
    done = dana.runs("meeting", "attendance", weekly)
    cells = done.stdout.removesuffix("\n").split("\t")
    assert (*cells[:3], cells[4]) == ("Dana", "Dana@contoso.com", "leader", "")
    table = dana.runs("meeting", "attendance", weekly, "--csv").stdout
    columns, row = csv.reader(table.splitlines())
    assert columns == ["name", "uri", "role", "anonymous", "joinTime", "leaveTime"]
    assert row[:4] == ["Dana", "sip:Dana@contoso.com", "Leader", "false"]
    assert one["joinTime"].startswith(row[4].removesuffix("Z"))
    assert row[5] == ""
    dana.runs("meeting", "share", weekly, "kim@contoso.com", "--reader")
    done = kim.runs("meeting", "attendance", weekly)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "Error: Only Dana, the delegates of Dana and those who may change"
    )


def test_what_goes_wrong(dana: Person) -> None:
    empty = dana.told("meeting", "schedule", "--subject", "Empty")["onlineMeetingId"]
    assert dana.runs("meeting", "attendance", empty).stdout == ""
    assert dana.told("meeting", "attendance", empty) == []
    done = dana.runs("meeting", "attendance", empty, "--csv", "--json")
    assert done.returncode == 2
    with dana.at_terminal("meeting", "attendance", empty) as terminal:
        terminal.sees(f"Nobody has been in {empty} (Empty) yet.")
