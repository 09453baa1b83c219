"""Whatever comes in between, what a person wrote is offered again until it is saved or dropped."""

import re
from pathlib import Path

import pytest

from tests.cli.person.conftest import Person
from tests.cli.person.terminal import Editor, Terminal
from tests.cli.person.test_two_terminals import change, clashing, seen, subject
from tests.sockets.process import add_user, serving

pytestmark = pytest.mark.slow

OFFER = "You have an unsaved draft of this meeting"


def editing(person: Person, meeting: str, editor: str) -> Terminal:
    return person.at_terminal("meeting", "edit", meeting, EDITOR=editor)


def offered(person: Person, meeting: str, wanted: str) -> None:
    """The draft is offered, and left."""
    with editing(person, meeting, "false") as terminal:
        terminal.sees(OFFER)
        terminal.sees(wanted)
        terminal.types("q")
        assert terminal.ends() == 1


def used(terminal: Terminal) -> None:
    terminal.sees(OFFER)
    terminal.types("u")


@pytest.fixture
def written(dana: Person, meeting: str) -> str:
    """A meeting of which Dana has a draft: her editor failed after she had written in it."""
    failing = Editor(dana.home / "failing", "s/^subject:.*/subject: Q3/", status=1)
    with editing(dana, meeting, failing.command) as terminal:
        assert terminal.ends() == 1
        terminal.sees(f"Your input is kept as a draft. Use openucwa meeting edit {meeting}")
    return meeting


def test_a_draft_survives_an_editor_that_fails_again(dana: Person, written: str) -> None:
    for _ in range(2):
        with editing(dana, written, "false") as terminal:
            used(terminal)
            assert terminal.ends() == 1
            terminal.sees("is kept")
    offered(dana, written, "subject: Weekly → Q3")


def test_leaving_the_editor_without_saving_leaves_the_draft(dana: Person, written: str) -> None:
    with editing(dana, written, "true") as terminal:
        used(terminal)
        assert terminal.ends() == 1
        terminal.sees("Nothing is saved. The draft is kept: use openucwa")
    assert subject(dana, written) == "Weekly"
    with editing(dana, written, "touch") as terminal:  # saved, as it is
        used(terminal)
        assert terminal.ends() == 0
    assert subject(dana, written) == "Q3"


def test_a_draft_can_be_saved_without_an_editor(dana: Person, written: str) -> None:
    with editing(dana, written, "false") as terminal:
        terminal.sees("[s]ave it as it is")
        terminal.types("s")
        assert terminal.ends() == 0
    assert subject(dana, written) == "Q3"


def test_a_draft_of_a_cancelled_meeting_can_be_scheduled_again(dana: Person, written: str) -> None:
    assert dana.runs("meeting", "cancel", written, "--yes").returncode == 0
    with editing(dana, written, "false") as terminal:
        terminal.sees(f"{written} (Weekly) is gone. You have a draft of it:")
        terminal.types("s")
        terminal.sees("Scheduled ")
        assert terminal.ends() == 0
    assert "Q3" in [one["subject"] for one in dana.told("meeting", "list")]
    assert not dana.told("meeting", "drafts")


def test_deleting_everything_changes_nothing_and_drops_no_draft(dana: Person, written: str) -> None:
    editor = Editor(dana.home / "deleting", "d")
    with editing(dana, written, editor.command) as terminal:
        used(terminal)
        assert terminal.ends() == 1
    offered(dana, written, "subject: Weekly → Q3")


@pytest.mark.parametrize("ending", ["fails", "left", "killed"])
def test_a_text_with_a_mistake_survives(dana: Person, meeting: str, ending: str) -> None:
    editor = Editor(
        dana.home / "editing", "s/^expires:.*/expires: someday/;s/^subject:.*/subject: Q3/"
    )
    with editing(dana, meeting, editor.command) as terminal:
        terminal.ends()  # opened again, and left as it is
        assert "#! 'someday'" in editor.page(2)
    command = {"fails": "false", "left": "true", "killed": "sleep 600 #"}[ending]
    with editing(dana, meeting, f"sh -c '{command}'") as terminal:
        used(terminal)
        if ending == "killed":
            terminal.reads()
            terminal.kill()
        else:
            assert terminal.ends() != 0
    fixing = Editor(dana.home / "fixing", "s/^expires:.*/expires: 2027-07-01 15:00/")
    with editing(dana, meeting, fixing.command) as terminal:
        used(terminal)
        assert terminal.ends() == 0
    assert subject(dana, meeting) == "Q3"


def test_a_text_with_a_mistake_is_corrected_before_it_is_saved(dana: Person, meeting: str) -> None:
    """Saving it as it is, without an editor, is not offered, since it can't be done."""
    editor = Editor(dana.home / "editing", "s/^expires:.*/expires: someday/")
    with editing(dana, meeting, editor.command) as terminal:
        terminal.ends()
    with editing(dana, meeting, "false") as terminal:
        terminal.sees("[u]se it [d]iscard it [q]uit")
        terminal.types("q")
        assert terminal.ends() == 1
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Q3") as terminal:
        terminal.sees("[u]se it [d]iscard it [q]uit")
        terminal.types("?")
        terminal.sees("u  correct the text in your editor")
        terminal.types("q")
        assert terminal.ends() == 1


def test_what_was_merged_by_hand_survives_an_editor_that_fails(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    clashing(dana, elsewhere, meeting)
    editor = Editor(dana.home / "merging", "s/^subject:.*/subject: By hand/", status=1)
    arguments = ("meeting", "update", meeting, "--subject", "Mine")
    with dana.at_terminal(*arguments, EDITOR=editor.command) as terminal:
        terminal.sees("[q]uit")
        terminal.types("e")
        terminal.sees("Your text is kept: press e to open it again.")
        terminal.presses("c")
        assert terminal.ends() == 4
    offered(dana, meeting, "subject: Weekly → By hand")


def test_what_was_merged_by_hand_survives_quitting_at_the_next_clash(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    seen(dana, meeting)
    change(elsewhere, meeting, "--subject", "Theirs", "--announcements", "Enabled")
    editor = Editor(dana.home / "merging", "s/^subject:.*/subject: By hand/")
    options = ("--subject", "Mine", "--announcements", "Unsupported")
    arguments = ("meeting", "update", meeting, *options)
    with dana.at_terminal(*arguments, EDITOR=editor.command) as terminal:
        terminal.sees("subject: [m]ine")
        terminal.types("e")
        terminal.sees("announcements: [m]ine")
        terminal.types("q")
        assert terminal.ends() == 4
    offered(dana, meeting, "subject: Weekly → By hand")


def test_what_was_merged_by_hand_survives_a_closed_window(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    seen(dana, meeting)
    change(elsewhere, meeting, "--description", "One.\nSecond.\nThree.")
    editor = Editor(dana.home / "merging", "s/^Zwei.$/By hand./", waits=True)
    arguments = ("meeting", "update", meeting, "--description", "One.\nZwei.\nThree.")
    with dana.at_terminal(*arguments, EDITOR=editor.command) as terminal:
        terminal.sees("[q]uit")
        terminal.types("e")
        editor.opened()
        (page,) = dana.home.rglob("drafts/*/*.description.txt")
        page.write_text(page.read_text().replace("Zwei", "Half by hand"))
        terminal.hangs_up()
    with dana.at_terminal("meeting", "update", meeting, "--access-level", "Locked") as terminal:
        used(terminal)
        terminal.sees("still contains the marks")
        assert terminal.ends() == 2
    editor = Editor(dana.home / "again", "/^<<<<<<<\\|^>>>>>>>\\|^===\\|^Second/d")
    with editing(dana, meeting, editor.command) as terminal:
        used(terminal)
        terminal.sees("[q]uit")
        terminal.types("m")
        assert terminal.ends() == 0
    found = elsewhere.told("meeting", "show", meeting)["description"]
    assert found == "One.\nHalf by hand.\nThree."


def test_a_description_that_is_typed_survives_a_server_that_is_gone(tmp_path: Path) -> None:
    add_user(tmp_path)
    person = Person(tmp_path / "new", "")
    person.home.mkdir()
    with serving(tmp_path) as server:
        person = Person(person.home, f"http://127.0.0.1:{server.port}/")
        person.signs_in()
        id = person.told("meeting", "schedule", "--subject", "Weekly")["onlineMeetingId"]
        for arguments in (("update", id), ("schedule", "--subject", "Another")):
            with person.at_terminal("meeting", *arguments, "--description", "-") as terminal:
                terminal.sees("Type the description.")
                terminal.types("Half an hour.")
                terminal.sees("Half an hour.")
                if arguments[0] == "schedule":
                    server.kill()
                    terminal.presses("d")
                    assert terminal.ends() == 6
                else:
                    terminal.presses("c")
                    assert terminal.ends() == 130
                terminal.sees("is kept as a draft. Use openucwa meeting")
    drafts = person.told("meeting", "drafts")
    assert [(one["meeting"], one["subject"], one["changes"]) for one in drafts] == [
        ("new", "Another", ["subject", "description"]),
        (id, "Weekly", ["description"]),
    ]
    with serving(tmp_path, "--port", str(server.port)):
        offered(person, id, "description: - → Half an hour.")
        with person.at_terminal("meeting", "schedule") as terminal:
            terminal.sees("You have a draft of an unscheduled meeting")
            terminal.sees("description: Half an hour.")
            terminal.types("u")
            assert terminal.ends() == 0
        made = {one["subject"]: one for one in person.told("meeting", "list")}
        assert made["Another"]["description"] == "Half an hour."
        assert [one["meeting"] for one in person.told("meeting", "drafts")] == [id]


def test_ctrl_c_while_saving_says_where_the_draft_is(tmp_path: Path) -> None:
    add_user(tmp_path)
    editor = Editor(tmp_path / "editing", "s/^subject:.*/subject: Q3/", waits=True)
    with serving(tmp_path) as server:
        person = Person(tmp_path / "new", f"http://127.0.0.1:{server.port}/")
        person.home.mkdir()
        person.signs_in()
        id = person.told("meeting", "schedule", "--subject", "Weekly")["onlineMeetingId"]
        with editing(person, id, editor.command) as terminal:
            editor.opened()
            server.kill()
            editor.go_on()
            terminal.sees("Saving …")
            terminal.presses("c")
            assert terminal.ends() == 130
            terminal.sees(f"Your input is kept as a draft. Use openucwa meeting edit {id}")


def test_drafts_are_listed_and_dropped(dana: Person, elsewhere: Person, written: str) -> None:
    with dana.at_terminal("meeting", "list") as terminal:
        terminal.sees("Weekly (draft)")
        assert terminal.ends() == 0
    elsewhere.told("meeting", "cancel", written, "--yes")
    with dana.at_terminal("meeting", "list") as terminal:
        terminal.sees(f"drafts of meetings that are not in the list: {written}.")
        assert terminal.ends() == 0
    with dana.at_terminal("meeting", "drafts") as terminal:
        assert terminal.ends() == 0
        assert re.search(rf"{written} +Q3 +\S+ \d\d:\d\d +subject", terminal.text)
    assert dana.runs("meeting", "discard", written, typed="y\n").returncode == 2
    with dana.at_terminal("meeting", "discard", written) as terminal:
        terminal.sees("subject: Weekly → Q3")
        terminal.sees("Discard it? [y]es [n]o")
        terminal.types("n")
        assert terminal.ends() == 0
    assert len(dana.told("meeting", "drafts")) == 1
    assert dana.told("meeting", "discard", written, "--yes")["count"] == 1
    assert dana.told("meeting", "drafts") == []
    assert dana.runs("meeting", "discard", written, "--yes").returncode == 5


@pytest.mark.parametrize(
    "script", ["1s/^/\ufeff/", "s/$/\\r/", "1s/^/\ufeff/;s/$/\\r/"], ids=["mark", "CRLF", "both"]
)
def test_what_an_editor_makes_of_line_ends_is_no_change(
    dana: Person, elsewhere: Person, meeting: str, script: str
) -> None:
    change(elsewhere, meeting, "--description", "One.\r\nTwo.\r\nThree.")
    editor = Editor(dana.home / "editing", script)
    done = dana.runs("meeting", "edit", meeting, EDITOR=editor.command)
    assert (done.returncode, done.stdout) == (0, "Nothing to change.\n")
    editor = Editor(dana.home / "again", f"{script};s/Two/2/")
    assert dana.runs("meeting", "edit", meeting, EDITOR=editor.command).returncode == 0
    found = elsewhere.told("meeting", "show", meeting)["description"]
    assert found == "One.\r\n2.\r\nThree."
