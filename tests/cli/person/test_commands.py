"""The commands as they are run, at a real terminal and by programs, on a real server."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.person.conftest import Person
from tests.cli.person.terminal import Editor
from tests.cli.person.test_reference import REFERENCE
from tests.cli.person.test_two_terminals import seen
from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME

pytestmark = pytest.mark.slow


REL = "myAssignedOnlineMeeting"


def draft_files(person: Person) -> list[Path]:
    return [path for path in person.home.rglob("drafts/*/*") if path.is_file()]


def examples() -> list[dict[str, object]]:
    """What the reference says that is written for programs."""
    return [json.loads(one) for one in re.findall("```json\n(.*?)```", REFERENCE, re.DOTALL)]


def test_signs_in_and_out(tmp_path: Path, root_url: str) -> None:
    new = Person(tmp_path / "new", root_url)
    new.home.mkdir()
    assert new.runs("whoami").returncode == 3
    with new.at_terminal("login", USERNAME, "--at", root_url) as terminal:
        terminal.sees(f"Password of {USERNAME}:")
        terminal.types(PASSWORD)
        assert terminal.ends() == 0
        assert PASSWORD not in terminal.text
        terminal.sees(f"Signed in as Dana at {root_url}.")
        terminal.sees("This system has no keyring: the token is stored in")
    files = [path for path in new.home.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"accounts.json", "token.json"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    assert not any(PASSWORD in path.read_text() for path in files)
    told = new.told("whoami")
    assert told.keys() == {
        *("address", "uri", "name", "email", "rootUrl", "expires", "accounts"),
    }
    assert told["uri"] == f"sip:{USERNAME}"
    done = new.runs("logout")
    assert (done.returncode, done.stdout) == (0, f"Signed out {USERNAME}.\n")
    assert not [path for path in new.home.rglob("*") if path.is_file()]
    assert new.runs("meeting", "list").returncode == 3


def test_sessions_are_listed_and_ended(tmp_path: Path, root_url: str) -> None:
    desk, phone = Person(tmp_path / "desk", root_url), Person(tmp_path / "phone", root_url)
    for one in (phone, desk):
        one.home.mkdir()
        done = one.runs("login", "pat@contoso.com", "--at", root_url, typed=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stderr
    (current,) = (one for one in desk.told("session", "list") if one["isCurrent"])
    (other,) = (one for one in phone.told("session", "list") if one["isCurrent"])
    assert desk.runs("session", "end", "0" * 16).returncode == 5
    assert desk.runs("session", "end").returncode == 2
    done = desk.runs("session", "end", other["id"])
    assert done.stdout.startswith(f"Ended {other['id']}: ")
    assert phone.runs("meeting", "list").returncode == 3
    desk.told("session", "end", "--others")
    assert [one["id"] for one in desk.told("session", "list")] == [current["id"]]
    assert current["id"] in desk.runs("session", "list").stdout


def test_a_wrong_password_is_status_3(tmp_path: Path, root_url: str) -> None:
    new = Person(tmp_path, root_url)
    done = new.runs("login", "chris@contoso.com", "--at", root_url, typed="wrong\n")
    assert done.returncode == 3
    assert re.fullmatch("Error: .*password is wrong.*\n", done.stderr)
    assert not list(tmp_path.rglob("accounts.json"))


def test_a_token_that_does_not_hold_any_more_is_status_3(dana: Person) -> None:
    (file,) = dana.home.rglob("token.json")
    file.write_text(re.sub(r"cwt=[^\\]+", "cwt=lost", file.read_text()))
    done = dana.runs("meeting", "list")
    assert done.returncode == 3
    assert done.stderr == (
        f"Error: You are no longer signed in. Use openucwa login {USERNAME} to sign in again.\n"
    )


def test_an_ended_sign_in_asks_at_a_terminal_and_goes_on(dana: Person) -> None:
    (file,) = dana.home.rglob("token.json")
    file.write_text(re.sub(r"cwt=[^\\\\]+", "cwt=lost", file.read_text()))
    with dana.at_terminal("meeting", "schedule", "--subject", "Typed already") as terminal:
        terminal.sees(f"The session of {USERNAME} has expired.")
        terminal.types("wrong")
        terminal.sees("The password is wrong.")
        terminal.types(PASSWORD)
        terminal.sees("Scheduled")
        assert terminal.ends() == 0
        assert PASSWORD not in terminal.text
    subjects = {one["subject"] for one in dana.told("meeting", "list")}
    assert "Typed already" in subjects
    file.unlink()
    with dana.at_terminal("meeting", "list", "Typed already") as terminal:
        terminal.sees(f"Password of {USERNAME}:")
        terminal.types(PASSWORD)
        assert terminal.ends() == 0
        terminal.sees("id subject")


def test_nobody_there_is_status_6(tmp_path: Path) -> None:
    new = Person(tmp_path, "http://127.0.0.1:9/")
    done = new.runs("login", USERNAME, "--at", new.root_url, typed="x\n")
    assert done.returncode == 6
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


def test_schedules_shows_lists_and_cancels(dana: Person) -> None:
    done = dana.runs(
        *("meeting", "schedule", "--subject", "Design", "--expires", "2027-07-01 15:00"),
        *("--attendee", "Alex@contoso.com", "--attendee", "sip:alex@contoso.com"),
        *("--access-level", "locked", "--description", "-"),
        typed="Read the draft.\n",
    )
    assert done.returncode == 0, done.stderr
    found = re.fullmatch(
        r"Scheduled (\w{8}), until Thu 2027-07-01 15:00\.\nJoin: https://\S+/\1\n", done.stdout
    )
    assert found is not None
    id = found[1]
    shown = dana.told("meeting", "show", id)
    assert shown.keys() == examples()[0].keys()
    assert shown["subject"] == "Design"
    assert shown["description"] == "Read the draft."
    assert shown["attendees"] == ["sip:Alex@contoso.com"]
    assert shown["expirationTime"] == "2027-07-01T13:00:00Z"
    assert shown["accessLevel"] == "Locked"
    assert shown in dana.told("meeting", "list")
    with dana.at_terminal("meeting", "list") as terminal:
        assert terminal.ends() == 0
        assert re.search(rf"{id} +Design +until 2027-07-01 15:00 +Alex", terminal.text)
    with dana.at_terminal("meeting", "show", id.lower()) as terminal:
        assert terminal.ends() == 0
        assert re.search("expires +Thu 2027-07-01 15:00", terminal.text)
    with dana.at_terminal("meeting", "cancel", id) as terminal:
        terminal.sees(f"Cancel {id} (Design) with 1 attendee? [y]es [n]o")
        terminal.types("n")
        assert terminal.ends() == 0
        terminal.sees("The meeting is kept.")
    with dana.at_terminal("meeting", "cancel", id, "--yes") as terminal:
        assert terminal.ends() == 0
        assert terminal.text == f"Cancelled {id} (Design)."
    assert dana.runs("meeting", "show", id).returncode == 5


def test_a_meeting_that_is_not_there_is_status_5_with_those_that_are_near(
    dana: Person, meeting: str
) -> None:
    near = meeting[:-1] + ("A" if meeting[-1] != "A" else "B")
    done = dana.runs("meeting", "show", near)
    assert done.returncode == 5
    assert f"{meeting} (Weekly)" in done.stderr
    assert "(Weekly)?" in dana.runs("meeting", "edit", "weekly").stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--attendee", "alex"), "'alex' is not a SIP address. Write it like sip:alex@contoso.com"),
        (("--expires", "soon"), "'soon' is not a valid time."),
        (("--access-level", "evryone"), "Did you mean Everyone?"),
        (("--subject", "x" * 300), "subject "),
        (("--leader", "zoe@fabrikam.org"), "leaders must belong to contoso.com"),
    ],
)
def test_wrong_input_is_status_2_and_says_what_to_write(
    dana: Person, options: tuple[str, ...], told: str
) -> None:
    done = dana.runs("meeting", "schedule", *options)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert told in done.stderr


def test_an_expiry_in_the_past_is_warned_of(dana: Person, meeting: str) -> None:
    done = dana.runs("meeting", "update", meeting, "--expires", "2 hours ago")
    assert done.returncode == 0
    assert done.stdout == "Updated.\n"
    assert done.stderr.startswith("Warning: The meeting expired at ")


def test_who_is_not_invited_can_not_be_removed(dana: Person, meeting: str) -> None:
    done = dana.runs("meeting", "update", meeting, "--remove-attendee", "cris@contoso.com")
    assert done.returncode == 2
    assert done.stderr == (
        "Error: 'cris@contoso.com' is not among the attendees of this meeting. Did you mean "
        "sip:chris@contoso.com?\n"
    )


def test_who_was_added_meanwhile_can_be_removed(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    dana.told("meeting", "show", meeting)
    elsewhere.told("meeting", "update", meeting, "--add-attendee", "lenea@contoso.com")
    dana.told("meeting", "update", meeting, "--remove-attendee", "lenea", "--subject", "Q3")
    found = elsewhere.told("meeting", "show", meeting)
    assert found["attendees"] == ["sip:chris@contoso.com", "sip:alex@contoso.com"]


def test_an_update_tells_programs_what_came_of_it(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    tag = dana.told("meeting", "show", meeting)["etag"]
    elsewhere.told("meeting", "update", meeting, "--access-level", "Everyone")
    told = dana.told("meeting", "update", meeting, "--subject", "Q3", "--if-match", tag)
    assert told.keys() == examples()[2].keys()
    assert told["meeting"]["accessLevel"] == "Everyone"
    assert (told["changed"], told["kept"]) == (["subject"], ["accessLevel"])
    assert told["changedBy"] == f"sip:{USERNAME}"
    told = dana.told("meeting", "update", meeting, "--subject", "Q3")
    assert told["changed"] == []


def test_edits_in_an_editor_which_opens_again_where_something_is_wrong(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    editor = Editor(
        dana.home / "editing",
        "s/^subject:.*/subject: Q3/;s/^expires:.*/expires: soon/",
        "s/^expires:.*/expires: 2027-07-01 15:00/;s/^leaders:/leaders: zoe@fabrikam.org/",
        "s/^leaders:.*/leaders: lenea@contoso.com/",
    )
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=editor.command) as terminal:
        assert terminal.ends() == 0
        assert terminal.text == "Updated."
    assert f"# {meeting}, organized by sip:{USERNAME}\n" in editor.page(1)
    assert "#! 'soon' is not a valid time." in editor.page(2)
    assert "subject: Q3\n" in editor.page(2)
    assert "#! leaders must belong to contoso.com" in editor.page(3)
    assert "#! 'soon'" not in editor.page(3)
    found = elsewhere.told("meeting", "show", meeting)
    assert found["subject"] == "Q3"
    assert found["expirationTime"] == "2027-07-01T13:00:00Z"
    assert "sip:lenea@contoso.com" in found["leaders"]
    assert not draft_files(dana)


def test_after_a_refusal_the_editor_has_what_others_have_changed(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    editor = Editor(
        dana.home / "editing",
        "s/^leaders:/leaders: zoe@fabrikam.org/",
        "/^ *[a-z:]*zoe@/d;s/^leaders:.*/leaders:/;s/^subject:.*/subject: Q3/",
        waits=True,
    )
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=editor.command) as terminal:
        editor.opened()
        elsewhere.told("meeting", "update", meeting, "--description", "Theirs.")
        editor.go_on()
        assert terminal.ends() == 0
    assert "has changed in the meantime" in editor.page(2)
    assert editor.page(2).endswith("description:\nTheirs.\n")
    found = elsewhere.told("meeting", "show", meeting)
    assert (found["subject"], found["description"]) == ("Q3", "Theirs.")


@pytest.mark.parametrize("script", ["", "d", "/^[^#]/d"])
def test_an_edit_that_changes_nothing_or_deletes_all_changes_nothing(
    dana: Person, meeting: str, script: str
) -> None:
    before = dana.told("meeting", "show", meeting)
    editor = Editor(dana.home / "editing", script)
    done = dana.runs("meeting", "edit", meeting, EDITOR=editor.command)
    assert (done.returncode, done.stdout) == (0, "Nothing to change.\n")
    assert dana.told("meeting", "show", meeting) == before
    assert not draft_files(dana)


def test_an_editor_that_is_missing_or_fails_is_told(dana: Person, meeting: str) -> None:
    done = dana.runs("meeting", "edit", meeting, EDITOR="/no/such/editor --wait")
    assert done.returncode == 1
    assert "The editor /no/such/editor can't be started" in done.stderr
    done = dana.runs("meeting", "edit", meeting, EDITOR="false")
    assert done.stderr == "Error: The editor false ended with status 1.\n"
    assert not draft_files(dana)


def test_what_was_typed_survives_a_kill_and_is_offered_again(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    killed = Editor(dana.home / "killed", waits=True)
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=killed.command) as terminal:
        killed.opened()
        (page,) = [path for path in draft_files(dana) if path.suffix == ".txt"]
        page.write_text(page.read_text().replace("subject: Weekly", "subject: Q3"))  # she saves
        terminal.kill()  # which ends the editor, too
    assert all(path.stat().st_mode & 0o077 == 0 for path in draft_files(dana))
    elsewhere.told("meeting", "update", meeting, "--description", "Theirs.")
    editor = Editor(dana.home / "editing", "s/^access-level:.*/access-level: Locked/")
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=editor.command) as terminal:
        terminal.sees("You have an unsaved draft of this meeting")
        terminal.sees("subject: Weekly → Q3")
        terminal.types("q")
        assert terminal.ends() == 1
        assert terminal.lines[-1] == "Nothing is saved. The draft is kept."  # that is no error
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=editor.command) as terminal:
        terminal.sees("[u]se it")
        terminal.types("u")
        assert terminal.ends() == 0
        terminal.sees("Updated. Also kept your own change to description, on")
    assert "subject: Q3" in editor.page(1)
    found = elsewhere.told("meeting", "show", meeting)
    assert (found["subject"], found["accessLevel"]) == ("Q3", "Locked")
    assert found["description"] == "Theirs."
    assert not draft_files(dana)


def test_what_was_typed_before_a_kill_can_be_saved_with_an_update(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    killed = Editor(dana.home / "killed", waits=True)
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=killed.command) as terminal:
        killed.opened()
        (page,) = [path for path in draft_files(dana) if path.suffix == ".txt"]
        page.write_text(page.read_text().replace("subject: Weekly", "subject: Q3"))
        terminal.kill()
    options = ("--access-level", "Locked")
    with dana.at_terminal("meeting", "update", meeting, *options) as terminal:
        terminal.sees("[u]se it")
        terminal.types("u")
        assert terminal.ends() == 0
    found = elsewhere.told("meeting", "show", meeting)
    assert (found["subject"], found["accessLevel"]) == ("Q3", "Locked")
    assert not draft_files(dana)


def test_what_can_not_be_read_of_a_draft_is_not_lost(dana: Person, meeting: str) -> None:
    editor = Editor(dana.home / "editing", "s/^expires:.*/expires: soon/")
    done = dana.runs("meeting", "edit", meeting, EDITOR=editor.command)
    assert done.returncode == 2
    assert "Your input is kept as a draft" in done.stderr
    arguments = ("meeting", "update", meeting, "--subject", "Q3")
    with dana.at_terminal(*arguments, EDITOR="false") as terminal:
        terminal.sees("a text from the editor that contains an error")
        terminal.types("u")
        assert terminal.ends() == 1
        terminal.sees("is kept")
    fixing = Editor(dana.home / "fixing", "s/^expires:.*/expires: 2027-07-01 15:00/")
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=fixing.command) as terminal:
        terminal.sees("[u]se it")
        terminal.types("u")
        assert terminal.ends() == 0
    assert "expires: soon" in fixing.page(1)
    assert dana.told("meeting", "show", meeting)["expirationTime"] == "2027-07-01T13:00:00Z"


def test_a_program_is_told_of_a_draft_and_does_not_lose_it(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    seen(dana, meeting)
    elsewhere.told("meeting", "update", meeting, "--subject", "Theirs")
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Mine") as terminal:
        terminal.sees("[q]uit")
        terminal.types("q")
        assert terminal.ends() == 4
    done = dana.runs("meeting", "update", meeting, "--access-level", "Locked")
    assert done.returncode == 0
    assert f"There is an unsaved draft of {meeting} (" in done.stderr
    done = dana.runs("meeting", "edit", meeting, EDITOR="true")
    assert done.returncode == 2
    assert f"There is an unsaved draft of {meeting}." in done.stderr
    assert draft_files(dana)


def test_shows_who_changed_what_and_makes_it_that_again(dana: Person, meeting: str) -> None:
    dana.told("meeting", "update", meeting, "--subject", "Q3", "--remove-attendee", "alex")
    versions = dana.told("meeting", "history", meeting)
    assert [one["by"] for one in versions] == [f"sip:{USERNAME}"] * 2
    assert set(versions[0]["changed"]) == {"attendees", "subject"}
    first = versions[1]["version"]
    with dana.at_terminal("meeting", "history", meeting) as terminal:
        assert terminal.ends() == 0
        assert re.fullmatch(r"\d+  \S+ \d\d:\d\d  you \(openucwa on desk\)", terminal.lines[0])
        assert terminal.lines[1:3] == ["  subject: Weekly → Q3", "  attendees: -alex"]
        assert terminal.lines[3].startswith(f"{first}  ")
    piped = dana.runs("meeting", "history", meeting).stdout.splitlines()
    assert [line.split("\t")[0] for line in piped] == [one["version"] for one in versions]
    assert re.fullmatch(r"\d+\t\S+Z\tsip:Dana@contoso.com\tsubject,attendees", piped[0])
    assert versions[0]["changes"][0].keys() == {"name", "before", "after"}
    changed = {one["name"]: (one["before"], one["after"]) for one in versions[0]["changes"]}
    assert changed["subject"] == ("Weekly", "Q3")
    assert changed["attendees"][1] == ["sip:chris@contoso.com"]
    (latest, _) = dana.told("meeting", "history", meeting, "--limit", "0")
    assert (latest["changed"], latest["changes"]) == (versions[0]["changed"], None)
    with dana.at_terminal("meeting", "restore", meeting, first, "--dry-run") as terminal:
        assert terminal.ends() == 0
        assert terminal.lines == ["Would change:", "  subject: Q3 → Weekly", "  attendees: +alex"]
    told = dana.told("meeting", "restore", meeting, first)
    assert told["meeting"]["subject"] == "Weekly"
    assert "sip:alex@contoso.com" in told["meeting"]["attendees"]
    assert dana.runs("meeting", "restore", meeting, "17").returncode == 5
    assert dana.runs("meeting", "restore", meeting, first).stdout == "Nothing to change.\n"


def test_an_old_version_can_be_what_a_change_is_made_from(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    """Dana has never seen it; the server still knows it."""
    tag = elsewhere.told("meeting", "show", meeting)["etag"]
    elsewhere.told("meeting", "update", meeting, "--description", "Theirs.")
    told = dana.told("meeting", "update", meeting, "--subject", "Q3", "--if-match", tag)
    assert told["kept"] == ["description"]


def test_the_tab_key_knows_commands_and_meetings_that_were_seen(dana: Person, meeting: str) -> None:
    seen(dana, meeting)

    def completed(words: str) -> list[str]:
        done = dana.runs(
            _OPENUCWA_COMPLETE="complete_bash",
            COMP_WORDS=f"openucwa {words}",
            COMP_CWORD=str(len(words.split())),
        )
        return done.stdout.split()

    assert completed("meeting re") == ["restore"]
    assert completed(f"meeting update {meeting} --access-level Ev") == ["Everyone"]
    assert meeting in completed(f"meeting show {meeting[:3]}")


def test_ctrl_c_at_the_password_ends_the_command(dana: Person) -> None:
    with dana.at_terminal("login", "dana@contoso.com", "--at", dana.root_url) as terminal:
        terminal.sees("Password of dana@contoso.com:")
        terminal.presses("c")
        assert terminal.ends() == 130
        assert "Aborted" not in terminal.text


@pytest.mark.parametrize("options", [["update", "--subject", "Q3"], ["cancel", "--yes"], ["edit"]])
def test_an_empty_tag_is_not_taken_for_no_condition(
    dana: Person, meeting: str, options: list[str]
) -> None:
    command, *others = options
    done = dana.runs("meeting", command, meeting, *others, "--if-match", "", EDITOR="true")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: --if-match is empty.")


def test_what_can_not_be_undone_is_not_done_unless_somebody_says_so(
    dana: Person, meeting: str
) -> None:
    for options in ((), ("--json",)):
        done = dana.runs("meeting", "cancel", meeting, *options, typed="n\n")
        assert done.returncode == 2
        assert "--yes" in done.stderr
    assert meeting in {one["onlineMeetingId"] for one in dana.told("meeting", "list")}


def test_cancelling_the_standing_meeting_says_that_there_is_another_link(dana: Person) -> None:
    (standing,) = [one for one in dana.told("meeting", "list") if one["onlineMeetingRel"] == REL]
    id = standing["onlineMeetingId"]
    with dana.at_terminal("meeting", "cancel", id) as terminal:
        terminal.sees("The server replaces it by another one with another link")
        terminal.types("n")
        assert terminal.ends() == 0
    with dana.at_terminal("meeting", "cancel", id) as terminal:
        terminal.sees("[y]es [n]o")
        terminal.types("y")
        assert terminal.ends() == 0
        found = re.search(r"standing meeting is now (\w+)\.\nJoin: (\S+)", terminal.text)
    assert found is not None
    assert found[1] != id
    assert found[2] != standing["joinUrl"]


def test_a_tag_that_no_version_has_cancels_nothing(dana: Person, meeting: str) -> None:
    done = dana.runs("meeting", "cancel", meeting, "--yes", "--if-match", "\N{EURO SIGN}")
    assert done.returncode == 4
    tag = dana.told("meeting", "show", meeting)["etag"]
    assert dana.told("meeting", "cancel", meeting, "--yes", "--if-match", f'"{tag}"') == {
        "cancelled": meeting
    }


def test_no_editor_is_looked_for_without_a_terminal(dana: Person, meeting: str) -> None:
    done = dana.runs("meeting", "edit", meeting)
    assert done.returncode == 1
    assert "Editing needs a terminal" in done.stderr
    done = dana.runs("meeting", "edit", meeting, EDITOR='"my editor')
    assert done.returncode == 1
    assert "a quotation mark is not closed in the variable EDITOR" in done.stderr


def test_without_a_terminal_there_is_no_colour_and_no_broken_line(
    dana: Person, meeting: str
) -> None:
    dana.told("meeting", "update", meeting, "--subject", "long " * 40)
    done = dana.runs("meeting", "list", COLUMNS="40")
    (line,) = [one for one in done.stdout.splitlines() if one.startswith(meeting)]
    assert "long " * 39 in line
    assert "\x1b" not in done.stdout


def test_ctrl_c_ends_a_command_quietly(dana: Person, meeting: str) -> None:
    with dana.at_terminal("meeting", "cancel", meeting) as terminal:
        terminal.sees("[y]es [n]o")
        terminal.presses("c")
        assert terminal.ends() == 130
        assert "Traceback" not in terminal.text
