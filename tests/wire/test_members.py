"""The table of settable members: what reads it has what stands in it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

import openucwa
from openucwa.domain.meetings import Details
from openucwa.wire.members import MEMBERS

PACKAGE = Path(openucwa.__file__).parent
ROOM = '    Member("roomNumber", "room_number", "room", Kind.LINE),\n'
WISHES = '    Member("wishes", "wishes", "wishes", Kind.TEXT),\n'
SCRIPT = """
import re, sys
from typer.testing import CliRunner
from openucwa.cli.moving import marks
from openucwa.cli.person import fields, form, meeting, showing
from openucwa.client import Draft, Meeting
from openucwa.client.resource import Resource
from openucwa.wire.merge import merge

def served(**more):
    raw = {"rel": "myOnlineMeeting", "subject": "Weekly", "onlineMeetingId": "A", **more}
    return Meeting(Resource.parse(raw, href="/a"))

old, new = served(), served(roomNumber="18/2107", wishes="Tea\\nCake")

draft = Draft(old)
draft.room_number = "18/2107"
assert draft.changes() == {"roomNumber": "18/2107"}
assert (new.room_number, new.wishes, old.wishes) == ("18/2107", "Tea\\nCake", "")

base = {"roomNumber": "1", "wishes": "Tea\\n\\nCake\\n"}
mine = {"roomNumber": "2", "wishes": "Coffee\\n\\nCake\\n"}
theirs = {"roomNumber": "1", "wishes": "Tea\\n\\nCake\\n\\nJuice\\n"}
found = merge(base, mine, theirs)
assert found.is_clean
assert found.merged == {"roomNumber": "2", "wishes": "Coffee\\n\\nCake\\n\\nJuice\\n"}

assert ("room", "18/2107") in list(showing._rows(new))
assert "room: 18/2107" in form.write(new.properties, title="Edit")
assert form.read("room: 3", new.properties) == {"roomNumber": "3"}
assert marks.digest(old.properties) != marks.digest(new.properties)
for command in ("schedule", "update"):
    told = CliRunner().invoke(meeting.app, [command, "--help"]).output
    assert "--room" in told and "--wishes" in told and "--lobby-bypass" in told, told
"""


def test_the_table_has_all_that_the_organizer_decides() -> None:
    assert {one.encode_name for one in msgspec.structs.fields(Details)} == {
        one.name for one in MEMBERS if not one.is_apart
    }


def test_a_member_that_is_added_to_the_table_is_known_everywhere(tmp_path: Path) -> None:
    """In a copy of the package: the client sets it, and merge, commands and import know it."""
    copy = tmp_path / "openucwa"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    table = copy / "wire" / "members.py"
    text = table.read_text(encoding="utf-8")
    assert text.count("\nMEMBERS = (\n") == 1
    table.write_text(text.replace("\nMEMBERS = (\n", f"\nMEMBERS = (\n{ROOM}{WISHES}"))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
