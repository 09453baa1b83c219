"""Two people at two terminals change one meeting, through every case; nothing of either is lost."""

import json
import re

import pytest

from tests.cli.person.conftest import Person
from tests.cli.person.terminal import Editor

pytestmark = pytest.mark.slow

NOW = r"\d\d:\d\d"
ELSEWHERE = rf"on another device \(openucwa on elsewhere, {NOW}\)"


def change(person: Person, meeting: str, *options: str) -> None:
    """What the other one does meanwhile."""
    person.told("meeting", "update", meeting, *options)


def subject(person: Person, meeting: str) -> str:
    found = person.told("meeting", "show", meeting)["subject"]
    assert isinstance(found, str)
    return found


def seen(person: Person, meeting: str) -> None:
    """Somebody looks at the meeting."""
    with person.at_terminal("meeting", "show", meeting) as terminal:
        assert terminal.ends() == 0


def clashing(dana: Person, elsewhere: Person, meeting: str) -> None:
    """Dana sees the meeting; then the other one changes its subject."""
    seen(dana, meeting)
    change(elsewhere, meeting, "--subject", "Weekly (moved)")


def test_both_changes_are_kept_where_they_do_not_clash(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    seen(dana, meeting)
    change(elsewhere, meeting, "--description", "Bring figures.")
    options = ("--subject", "Q3 review", "--add-attendee", "sip:lenea@contoso.com")
    with dana.at_terminal("meeting", "update", meeting, *options) as terminal:
        assert terminal.ends() == 0
        first, second, who, *lines = terminal.lines
        assert re.fullmatch(
            rf"Updated\. Also kept your own change to description, {ELSEWHERE}\.",
            f"{first} {second}",
        )
        assert re.fullmatch(rf"  description, by you, on another device \({NOW}\):", who)
        assert "    + Bring figures." in lines
        terminal.sees(f"To undo it: find the version with openucwa meeting history {meeting}")
    found = elsewhere.told("meeting", "show", meeting)
    assert found["subject"] == "Q3 review"
    assert found["description"] == "Bring figures."
    assert found["attendees"][-1] == "sip:lenea@contoso.com"


def test_a_change_to_a_list_that_both_changed_is_told_with_its_undoing(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    """One has seen both attendees; the other removes one, and the first then adds somebody."""
    tag = dana.told("meeting", "show", meeting)["etag"]
    seen(dana, meeting)
    change(elsewhere, meeting, "--remove-attendee", "alex")
    change(elsewhere, meeting, "--access-level", "Locked")
    options = ("--add-attendee", "paul@contoso.com")
    with dana.at_terminal("meeting", "update", meeting, *options, columns=200) as terminal:
        assert terminal.ends() == 0
        told, *lines = terminal.lines
    assert re.fullmatch(
        rf"Updated\. Also kept your own changes to attendees and access level, {ELSEWHERE}\.", told
    )
    assert re.fullmatch(rf"  attendees: -alex, by you, on another device \({NOW}\)", lines[0])
    assert re.fullmatch(
        rf"  access level: SameEnterprise → Locked, by you, on another device \({NOW}\)", lines[1]
    )
    assert lines[2].startswith(f"To undo it: openucwa meeting update {meeting} --add-attendee=")
    _, undoing = lines[2].split("openucwa ")
    done = dana.told(*undoing.split())
    assert "sip:alex@contoso.com" in done["meeting"]["attendees"]
    assert done["meeting"]["accessLevel"] == "SameEnterprise"
    told_ = dana.told(
        *("meeting", "update", meeting, "--add-attendee", "sam@contoso.com", "--if-match", tag)
    )
    assert told_["kept"] == ["attendees"]
    (kept,) = told_["keptChanges"]
    assert (kept["name"], kept["changedBy"]) == ("attendees", "sip:Dana@contoso.com")
    assert "sip:paul@contoso.com" in kept["after"]


def test_a_clash_is_shown_in_three_columns(dana: Person, elsewhere: Person, meeting: str) -> None:
    clashing(dana, elsewhere, meeting)
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Q3 review") as terminal:
        terminal.sees("[m]ine [t]heirs [e]dit [q]uit")
        *told, heading, row, question = terminal.lines
        assert re.fullmatch(
            rf"You have changed subject in the meantime, {ELSEWHERE}\.", " ".join(told)
        )
        assert re.fullmatch(rf" +before +other device, {NOW} +yours", heading)
        assert row.split("  ")[0] == "subject"
        assert re.fullmatch(r"subject +Weekly +Weekly \(moved\) +Q3 review", row)
        for column in ("before", "other", "yours"):
            at = heading.index(column)
            assert row[at - 1] == " "
            assert row[at] != " "
        assert question == "[m]ine [t]heirs [e]dit [q]uit"
        assert b"\x1b[" in terminal.raw  # in colour
        terminal.types("q")
        assert terminal.ends() == 4


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("m", "Q3 review"), ("mine", "Q3 review"), ("t", "Weekly (moved)"), ("T", "Weekly (moved)")],
)
def test_a_clash_is_decided_by_the_person(
    dana: Person, elsewhere: Person, meeting: str, answer: str, expected: str
) -> None:
    clashing(dana, elsewhere, meeting)
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Q3 review") as terminal:
        terminal.sees("[q]uit")
        terminal.types("x")
        terminal.sees("Type one of m, t, e, q, then Enter; ? explains them.")
        terminal.types("")
        terminal.types(answer)
        assert terminal.ends() == 0
        assert "Updated." in terminal.text
    assert subject(elsewhere, meeting) == expected


def test_a_clash_is_edited(dana: Person, elsewhere: Person, meeting: str) -> None:
    clashing(dana, elsewhere, meeting)
    editor = Editor(dana.home / "editing", "s/^subject:.*/subject: Q3 review (moved)/")
    arguments = ("meeting", "update", meeting, "--subject", "Q3 review")
    with dana.at_terminal(*arguments, EDITOR=editor.command) as terminal:
        terminal.sees("[q]uit")
        terminal.types("e")
        assert terminal.ends() == 0
    assert re.search(r"# before: Weekly\n# other device, .*: Weekly \(moved\)\n", editor.page(1))
    assert "\nsubject: Q3 review\n" in editor.page(1)
    assert subject(elsewhere, meeting) == "Q3 review (moved)"


def test_a_clash_of_descriptions_is_edited_in_one_text(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    seen(dana, meeting)
    change(elsewhere, meeting, "--description", "One.\nSecond.\nThree.")
    editor = Editor(
        dana.home / "editing", "s/^Zwei.$/again/", "/^<<<<<<<\\|^>>>>>>>\\|^===\\|^again/d"
    )
    arguments = ("meeting", "update", meeting, "--description", "One.\nZwei.\nThree.")
    with dana.at_terminal(*arguments, EDITOR=editor.command) as terminal:
        terminal.sees("[q]uit")
        assert re.search(r"description +Two\. +Second\. +Zwei\.", terminal.text)
        terminal.types("e")
        assert terminal.ends() == 0
    assert "#! The description still contains the marks" in editor.page(2)
    found = elsewhere.told("meeting", "show", meeting)["description"]
    assert found == "One.\nSecond.\nThree."


def test_several_clashes_are_asked_one_after_the_other(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    seen(dana, meeting)
    change(
        elsewhere,
        meeting,
        *("--subject", "Weekly (moved)", "--access-level", "Everyone"),
        *("--announcements", "Disabled", "--description", "Theirs."),
    )
    options = (
        "--subject",
        "Q3 review",
        "--access-level",
        "Locked",
        "--add-attendee",
        "x@contoso.com",
    )
    with dana.at_terminal("meeting", "update", meeting, *options) as terminal:
        terminal.sees("subject: [m]ine [t]heirs [e]dit [q]uit")
        assert re.search(r"access level +SameEnterprise +Everyone +Locked", terminal.text)
        terminal.types("m")
        terminal.sees("access level: [m]ine [t]heirs [e]dit [q]uit")
        terminal.types("t")
        assert terminal.ends() == 0
        terminal.sees("Updated. Also kept your own")
        terminal.sees("description")
    found = elsewhere.told("meeting", "show", meeting)
    assert found["subject"] == "Q3 review"
    assert found["accessLevel"] == "Everyone"
    assert found["description"] == "Theirs."
    assert "sip:x@contoso.com" in found["attendees"]


def test_who_removes_somebody_whom_the_other_adds_is_asked(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    """One removes Alex; the other, who started from before, makes Alex a leader."""
    editor = Editor(dana.home / "editing", "/alex@/d", waits=True)
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=editor.command) as terminal:
        editor.opened()
        change(elsewhere, meeting, "--add-leader", "alex@contoso.com")
        editor.go_on()
        terminal.sees("attendees: [m]ine [t]heirs [e]dit [q]uit")
        terminal.types("t")
        terminal.sees("leaders: [m]ine [t]heirs [e]dit [q]uit")
        terminal.types("t")
        assert terminal.ends() == 0
    assert "sip:alex@contoso.com" in elsewhere.told("meeting", "show", meeting)["leaders"]


def test_quitting_keeps_the_draft_which_is_offered_again(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    clashing(dana, elsewhere, meeting)
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Q3 review") as terminal:
        terminal.sees("[q]uit")
        terminal.types("q")
        assert terminal.ends() == 4
        terminal.sees(
            "Nothing is saved.\n"
            f"Your input is kept as a draft. Use openucwa meeting edit {meeting} to continue."
        )
        assert "Error:" not in terminal.text
    assert subject(elsewhere, meeting) == "Weekly (moved)"
    with dana.at_terminal(
        "meeting", "update", meeting, "--add-attendee", "lenea@contoso.com"
    ) as terminal:
        terminal.sees("You have an unsaved draft of this meeting")
        terminal.sees("subject: Weekly → Q3 review")
        terminal.sees("[u]se it [d]iscard it [q]uit")
        terminal.types("u")
        terminal.sees("[m]ine [t]heirs [e]dit [q]uit")
        terminal.types("m")
        assert terminal.ends() == 0
    found = elsewhere.told("meeting", "show", meeting)
    assert found["subject"] == "Q3 review"
    assert "sip:lenea@contoso.com" in found["attendees"]
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Later") as terminal:
        assert terminal.ends() == 0  # it was saved: nothing is offered any more


def test_a_draft_can_be_discarded(dana: Person, elsewhere: Person, meeting: str) -> None:
    clashing(dana, elsewhere, meeting)
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Q3 review") as terminal:
        terminal.sees("[q]uit")
        terminal.presses("c")
        assert terminal.ends() == 4
    with dana.at_terminal("meeting", "update", meeting, "--description", "Mine.") as terminal:
        terminal.sees("[d]iscard it")
        terminal.types("d")
        assert terminal.ends() == 0
    assert subject(elsewhere, meeting) == "Weekly (moved)"


def test_the_meeting_changes_once_more_while_the_person_decides(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    clashing(dana, elsewhere, meeting)
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Q3 review") as terminal:
        terminal.sees("[q]uit")
        change(elsewhere, meeting, "--subject", "Weekly (cancelled)", "--description", "New.")
        terminal.types("m")
        terminal.sees("You have changed it again, on another device (openucwa on elsewhere")
        terminal.sees("Weekly (cancelled)")
        terminal.types("m")
        assert terminal.ends() == 0
    assert subject(elsewhere, meeting) == "Q3 review"
    assert elsewhere.told("meeting", "show", meeting)["description"] == "New."


def test_both_edit_at_the_same_time(dana: Person, elsewhere: Person, meeting: str) -> None:
    mine = Editor(dana.home / "editing", "s/^subject:.*/subject: Q3 review/", waits=True)
    theirs = Editor(elsewhere.home / "editing", "s/^Two.$/2./", waits=True)
    with (
        dana.at_terminal("meeting", "edit", meeting, EDITOR=mine.command) as first,
        elsewhere.at_terminal("meeting", "edit", meeting, EDITOR=theirs.command) as second,
    ):
        mine.opened()
        theirs.opened()
        theirs.go_on()
        assert second.ends() == 0
        assert second.text == "Updated."
        mine.go_on()
        assert first.ends() == 0
        first.sees("Updated. Also kept your own change to description, on")
    found = elsewhere.told("meeting", "show", meeting)
    assert (found["subject"], found["description"]) == ("Q3 review", "One.\n2.\nThree.")


def test_one_person_edits_it_in_two_terminals_of_one_machine(dana: Person, meeting: str) -> None:
    first = Editor(dana.home / "first", "s/^subject:.*/subject: Q3 review/", waits=True)
    second = Editor(dana.home / "second", "s/^Two.$/2./", waits=True)
    with (
        dana.at_terminal("meeting", "edit", meeting, EDITOR=first.command) as one,
        dana.at_terminal("meeting", "edit", meeting, EDITOR=second.command) as other,
    ):
        first.opened()
        second.opened()
        second.go_on()
        assert other.ends() == 0
        first.go_on()
        assert one.ends() == 0
    found = dana.told("meeting", "show", meeting)
    assert (found["subject"], found["description"]) == ("Q3 review", "One.\n2.\nThree.")


def test_a_meeting_that_was_cancelled_is_scheduled_anew_only_if_wanted(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    editor = Editor(dana.home / "editing", "s/^subject:.*/subject: Q3 review/", waits=True)
    with dana.at_terminal("meeting", "edit", meeting, EDITOR=editor.command) as terminal:
        editor.opened()
        elsewhere.told("meeting", "cancel", meeting, "--yes")
        editor.go_on()
        terminal.sees(f"The meeting {meeting} (Weekly) was cancelled in the meantime.")
        terminal.sees("Schedule it again with your changes? [y]es [n]o")
        terminal.types("n")
        assert terminal.ends() == 5
    assert meeting not in {one["onlineMeetingId"] for one in elsewhere.told("meeting", "list")}
    with dana.at_terminal("meeting", "edit", meeting) as terminal:
        terminal.sees("subject: Weekly → Q3 review")
        terminal.sees("[s]chedule it again [d]iscard it [q]uit")
        terminal.types("s")
        assert terminal.ends() == 0
        found = re.search(r"Scheduled (\w{8})\.", terminal.text)
    assert found is not None
    assert found[1] != meeting
    assert subject(elsewhere, found[1]) == "Q3 review"


@pytest.mark.parametrize(
    ("option", "expected"), [("mine", "Q3 review"), ("theirs", "Weekly (moved)")]
)
def test_an_option_decides_clashes(
    dana: Person, elsewhere: Person, meeting: str, option: str, expected: str
) -> None:
    clashing(dana, elsewhere, meeting)
    arguments = ("meeting", "update", meeting, "--subject", "Q3 review")
    with dana.at_terminal(*arguments, f"--on-conflict={option}") as terminal:
        assert terminal.ends() == 0
    assert subject(elsewhere, meeting) == expected


def test_with_fail_any_change_of_others_refuses(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    tag = dana.told("meeting", "show", meeting)["etag"]
    clashing(dana, elsewhere, meeting)
    arguments = ("meeting", "update", meeting, "--description", "x", "--on-conflict=fail")
    done = dana.runs(*arguments, "--if-match", tag)
    assert done.returncode == 4
    assert json.loads(done.stdout)["conflicting"] == []
    assert "You have changed the meeting in the meantime, on another device" in done.stderr
    with dana.at_terminal(*arguments) as terminal:
        assert terminal.ends() == 4


def test_without_a_terminal_a_clash_is_told_as_json(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    tag = dana.told("meeting", "show", meeting)["etag"]
    change(elsewhere, meeting, "--subject", "Weekly (moved)")
    arguments = ("meeting", "update", meeting, "--subject", "Q3 review", "--if-match")
    done = dana.runs(*arguments, tag)
    assert done.returncode == 4
    told = json.loads(done.stdout)
    assert [*told][:4] == ["base", "theirs", "mine", "conflicting"]
    assert (told["changedByName"], told["changedWith"]) == ("Dana", "openucwa on elsewhere")
    assert all(told[one].keys() == told["base"].keys() for one in ("theirs", "mine"))
    subjects = [told[one]["subject"] for one in ("base", "theirs", "mine")]
    assert subjects == ["Weekly", "Weekly (moved)", "Q3 review"]
    assert told["conflicting"] == ["subject"]
    tag = told["theirs"]["etag"]
    assert dana.runs(*arguments, tag).returncode == 0
    assert subject(elsewhere, meeting) == "Q3 review"


def test_a_script_starts_from_the_current_version_whatever_a_terminal_has_shown(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    for _ in range(2):
        clashing(dana, elsewhere, meeting)
        assert dana.runs("meeting", "update", meeting, "--subject", "Weekly").returncode == 0
        assert subject(elsewhere, meeting) == "Weekly"


def test_what_a_script_has_read_a_person_has_not_seen(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    clashing(dana, elsewhere, meeting)
    assert dana.runs("meeting", "show", meeting).returncode == 0
    with dana.at_terminal("meeting", "update", meeting, "--subject", "Q3 review") as terminal:
        terminal.sees("[q]uit")
        terminal.types("q")
        assert terminal.ends() == 4


def test_if_match_names_the_version_that_a_change_is_made_from(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    tag = dana.told("meeting", "show", meeting)["etag"]
    change(elsewhere, meeting, "--subject", "Weekly (moved)")
    dana.told("meeting", "show", meeting)
    arguments = ("meeting", "update", meeting, "--subject", "Q3 review", "--if-match")
    assert dana.runs(*arguments, tag).returncode == 4
    assert dana.runs(*arguments, "17").returncode == 4
    assert subject(elsewhere, meeting) == "Weekly (moved)"


def test_a_dry_run_shows_and_changes_nothing(dana: Person, elsewhere: Person, meeting: str) -> None:
    tag = dana.told("meeting", "show", meeting)["etag"]
    clashing(dana, elsewhere, meeting)
    options = ("--dry-run", "--remove-attendee", "alex", "--access-level", "Locked")
    with dana.at_terminal("meeting", "update", meeting, *options) as terminal:
        assert terminal.ends() == 0
        assert terminal.lines == [
            "Would change:",
            "  attendees: -alex",
            "  access level: SameEnterprise → Locked",
            "Changes that others have made since you saw it would be kept: subject.",
            "  subject: Weekly → Weekly (moved)",
        ]
    arguments = ("meeting", "update", meeting, "--dry-run", "--subject", "Q3 review")
    done = dana.runs(*arguments, "--if-match", tag)
    assert done.returncode == 4
    assert json.loads(done.stdout)["conflicting"] == ["subject"]
    assert subject(elsewhere, meeting) == "Weekly (moved)"


def test_on_a_narrow_screen_the_versions_stand_one_under_the_other(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    clashing(dana, elsewhere, meeting)
    arguments = ("meeting", "update", meeting, "--subject", "Q3 review")
    with dana.at_terminal(*arguments, columns=40, NO_COLOR="1") as terminal:
        terminal.sees("[q]uit")
        told = [re.sub(NOW, "hh:mm", line) for line in terminal.lines]
        assert " ".join(told[:3]) == (
            "You have changed subject in the meantime, on another device (openucwa on elsewhere, "
            "hh:mm)."
        )
        assert told[3:] == [
            "subject",
            "  before:",
            "    Weekly",
            "  other device, hh:mm:",
            "    Weekly (moved)",
            "  yours:",
            "    Q3 review",
            "[m]ine [t]heirs [e]dit [q]uit",
        ]
        assert not re.search(rb"\x1b\[[0-9;]*3[0-7]m", terminal.raw)  # no colour
        terminal.types("q")
        assert terminal.ends() == 4
