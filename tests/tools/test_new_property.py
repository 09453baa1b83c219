"""Adding a property to a meeting in two places, as CONTRIBUTING says: done in a copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECLARED = '''
    room_number: Subject = ""
    """The number of the room."""


class Entry('''
LISTED = """
    Member("roomNumber", "room_number", "room", Kind.LINE),
)
"""
DOCUMENTED = """
| any | property | `roomNumber` (String) | The number of the room. |
| any | parameter | `roomNumber` (String) | The same, as it is set. |
| any 412 |"""
USED = '''
"""The new property, wherever a meeting is."""

import inspect
from typing import Any

import pytest

from openucwa.cli.person.meeting import update
from openucwa.client import BadInput, MeetingChanged
from openucwa.http.openapi.schemas import Schemas
from openucwa.resources.all import REGISTRY


def test_it_is_set_shown_kept_and_merged(phone: Any, laptop: Any) -> None:
    weekly = phone.schedule(subject="Weekly", room_number="18/2107")
    assert weekly.room_number == "18/2107"
    laptop.update(weekly.id, room_number="18/2108")
    latest, first = laptop.history(weekly.id)
    assert latest.changed == ("roomNumber",)
    assert laptop.version(weekly.id, first.etag).properties["roomNumber"] == "18/2107"
    assert phone.update(weekly, subject="Q3 review").room_number == "18/2108"
    with pytest.raises(MeetingChanged) as conflict:
        phone.update(weekly, room_number="18/2109")
    assert conflict.value.conflicting == ["roomNumber"]


def test_it_has_a_default_and_a_limit(phone: Any) -> None:
    assert phone.schedule(subject="Weekly").properties["roomNumber"] == ""
    with pytest.raises(BadInput, match="roomNumber"):
        phone.schedule(room_number="x" * 300)


def test_the_command_line_has_an_option() -> None:
    assert "room" in inspect.signature(update).parameters


def test_it_is_described() -> None:
    shown = Schemas(REGISTRY).components
    for rel in ("myOnlineMeeting", "onlineMeetingVersion", "onlineMeetingMerge"):
        assert shown[rel]["properties"]["roomNumber"]["description"] == "The number of the room."
    assert "roomNumber" in shown["myOnlineMeeting"]["required"]
    assert "roomNumber" not in shown["onlineMeetingVersion"]["required"]
'''


@pytest.mark.slow
def test_a_property_is_added_in_two_places(tmp_path: Path) -> None:
    for name in ("src", "tests", "tools", "docs"):
        without = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=without)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "src" / "openucwa"
    _replace(package / "domain" / "meetings.py", "\n\nclass Entry(", DECLARED)
    _replace(package / "wire" / "members.py", "\n)\n", LISTED)
    _replace(tmp_path / "docs" / "extensions.md", "\n| any 412 |", DOCUMENTED)
    used = tmp_path / "tests" / "client" / "test_room_number.py"
    used.write_text(USED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", str(used)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    head, _, tail = text.rpartition(old)
    file.write_text(head + new + tail, encoding="utf-8")
