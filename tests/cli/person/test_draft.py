"""What is kept of what somebody wrote: a draft lives until it is deleted."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openucwa.cli.failure import Failure
from openucwa.cli.person import discarding, folders
from openucwa.cli.person.draft import NEW, Drafts, LocalDraft
from openucwa.client import Schedule

WHOSE = "dana@contoso.com at https://ucwa.contoso.com/"
MINE: dict[str, object] = {
    "subject": "Q3",
    "attendees": ("sip:alex@contoso.com",),
    "expirationTime": datetime(2026, 11, 23, 8, tzinfo=UTC),
    "onlineMeetingSchedule": Schedule(
        datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC), "Asia/Tokyo"
    ),
    "description": None,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


def drafts(folder: Path, whose: str = WHOSE) -> Drafts:
    return Drafts(folder, whose=whose)


def latest(folder: Path, id: str = "PYC58WSY") -> LocalDraft | None:
    """The draft that the next command finds."""
    return next(iter(drafts(folder).of(id)), None)


def test_a_draft_is_there_until_it_is_deleted(folder: Path) -> None:
    with drafts(folder) as mine:
        draft = mine.begin("PYC58WSY", "{}", MINE)
        assert draft.file.stat().st_mode & 0o077 == 0
    found = latest(folder, "pyc58wsy")
    assert found is not None
    assert (found.id, found.base, found.mine, found.pages()) == ("PYC58WSY", "{}", MINE, {})
    with drafts(folder) as mine:
        mine.take(found)
        mine.delete(found)
    assert latest(folder) is None
    assert not [one for one in folder.rglob("*") if one.is_file()]


def test_a_page_is_part_of_the_draft_once_it_was_written_to(folder: Path) -> None:
    with drafts(folder) as mine:
        draft = mine.begin("PYC58WSY", "{}", {})
        page = draft.offer("subject: Weekly\n")
        assert not draft.says_something
        page.write_text("subject: Q3\n")
    found = latest(folder)
    assert found is not None
    assert found.pages() == {"": "subject: Q3\n"}


def test_a_draft_into_which_nothing_was_written_goes(folder: Path) -> None:
    with drafts(folder) as mine:
        mine.begin("PYC58WSY", "{}", {}).offer("subject: Weekly\n")
    assert not [one for one in folder.rglob("*") if one.is_file()]


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_what_was_written_is_there_however_often_it_is_gone_on_with(
    folder: Path, rounds: int
) -> None:
    with drafts(folder) as mine:
        mine.begin("PYC58WSY", "{}", {}).offer("subject: Weekly\n").write_text("subject: Q3\n")
    for number in range(rounds):
        found = latest(folder)
        assert found is not None
        with drafts(folder) as mine:
            assert mine.take(found)
            found.rewrite(f"#! problem {number}\nsubject: Q3\n")
    found = latest(folder)
    assert found is not None
    assert "subject: Q3\n" in found.pages()[""]


def test_values_take_the_place_of_the_pages_that_they_were_read_from(folder: Path) -> None:
    with drafts(folder) as mine:
        draft = mine.begin("PYC58WSY", "{}", {})
        draft.offer("subject: Weekly\n").write_text("subject: Q3\n")
        draft.offer("description:\n", "description").write_text("description:\nHalf an hour.\n")
        draft.keep({"subject": "Q3"}, page="")
        assert draft.pages() == {"description": "description:\nHalf an hour.\n"}
        draft.keep({"subject": "Q3", "description": "Half an hour."})
        assert draft.pages() == {}
    found = latest(folder)
    assert found is not None
    assert found.mine == {"subject": "Q3", "description": "Half an hour."}


@pytest.mark.parametrize(
    "content",
    ["\ufeffsubject: Q3\r\n".encode(), "subject: Q3\n".encode("utf-16"), b"subject: Q3\r"],
)
def test_a_page_is_read_whatever_the_editor_makes_of_it(folder: Path, content: bytes) -> None:
    with drafts(folder) as mine:
        mine.begin("PYC58WSY", "{}", {}).offer("subject: Weekly\n").write_bytes(content)
    found = latest(folder)
    assert found is not None
    assert found.pages() == {"": "subject: Q3\n"}


def test_a_page_in_no_utf_is_not_lost(folder: Path) -> None:
    with drafts(folder) as mine:
        mine.begin("PYC58WSY", "{}", {}).offer("").write_bytes("subject: Grüße".encode("latin-1"))
    found = latest(folder)
    assert found is not None
    assert found.pages() == {"": "subject: Grüße"}


@pytest.mark.parametrize("id", ["../../../etc/passwd", "a/b", "", "." * 3, "x" * 300, "é", NEW])
def test_an_id_of_a_foreign_server_names_no_file_elsewhere(folder: Path, id: str) -> None:
    with drafts(folder) as mine:
        draft = mine.begin(id, "{}", MINE)
        assert draft.file.parent.parent == folder / "drafts"
    found = latest(folder, id)
    assert found is not None
    assert found.id == id


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_a_draft_belongs_to_the_process_that_works_on_it_until_that_ends(folder: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from openucwa.cli.person.draft import Drafts\n"
        f"drafts = Drafts(Path({str(folder)!r}), whose={WHOSE!r})\n"
        "drafts.begin('PYC58WSY', '{}', dict(a='b'))\n"
        "print('begun', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        assert latest(folder) is None
        with drafts(folder) as mine:
            mine.delete(mine.begin("PYC58WSY", "{}", MINE))
    finally:
        process.kill()
        process.communicate()
    found = latest(folder)
    assert found is not None
    assert found.mine == {"a": "b"}
    with drafts(folder) as mine, drafts(folder) as others:
        assert mine.take(found)
        assert others.of("PYC58WSY") == []
        assert not others.take(found)


def test_of_several_drafts_the_latest_comes_first(folder: Path) -> None:
    with drafts(folder) as mine:
        for subject in ("first", "second"):
            mine.begin("PYC58WSY", "{}", {"subject": subject})
    with drafts(folder) as mine:
        found = mine.of("PYC58WSY")
        assert [one.mine["subject"] for one in found] == ["second", "first"]
        mine.delete(found[0])
        assert [one.mine["subject"] for one in mine.all()] == ["first"]
        assert list(mine.ids()) == ["PYC58WSY"]


def test_each_person_has_drafts_of_her_own(folder: Path) -> None:
    with drafts(folder) as mine:
        mine.begin("PYC58WSY", "{}", MINE)
    assert drafts(folder, "chris@contoso.com").all() == []


@pytest.mark.parametrize("text", ["", "{", "null", '{"base": 1}', "\udce4", json.dumps({"id": 1})])
def test_a_draft_that_is_damaged_is_none_and_stays(folder: Path, text: str) -> None:
    with drafts(folder) as mine:
        draft = mine.begin("PYC58WSY", "{}", MINE)
    draft.file.write_bytes(text.encode(errors="surrogateescape"))
    assert latest(folder) is None
    with drafts(folder):
        pass
    assert draft.file.exists()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Failure, match="can't be written: Permission denied"):
        folders.write(tmp_path / "new" / "file", "x")
    with pytest.raises(Failure, match="can't be written"):
        drafts(tmp_path).begin("PYC58WSY", "{}", MINE)


def test_an_error_on_one_page_hides_no_other_value(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with drafts(folder) as found:
        draft = found.begin(NEW, "", {"subject": "Q3", "description": "Figures."})
        draft.offer("subject: Q3\n", "subject").write_text("Merged by hand\n")
        discarding.show(found, as_json=True)
    (shown,) = json.loads(capsys.readouterr().out)
    assert (shown["subject"], shown["changes"]) == ("Q3", ["description"])
