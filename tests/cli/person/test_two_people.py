"""Dana and Kim change one meeting, each signed in as herself, and are told the other's name."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.cli.person.conftest import Person

pytestmark = pytest.mark.slow

NOW = r"\d\d:\d\d"


@pytest.fixture
def shared(dana: Person, kim: Person, meeting: str) -> str:
    """The id of a meeting that Kim may change."""
    dana.told("meeting", "share", meeting, "kim@contoso.com")
    return meeting


@pytest.fixture
def delegate(dana: Person, kim: Person) -> Iterator[Person]:
    """Kim, who acts for Dana."""
    dana.told("delegate", "add", "kim@contoso.com")
    yield kim
    dana.told("delegate", "remove", "kim@contoso.com")


def seen(person: Person, meeting: str) -> None:
    with person.at_terminal("meeting", "show", meeting) as terminal:
        assert terminal.ends() == 0


def test_both_changes_are_kept_and_each_is_told_the_others_name(
    dana: Person, kim: Person, shared: str
) -> None:
    seen(dana, shared)
    kim.told("meeting", "update", shared, "--description", "Bring figures.")
    with dana.at_terminal("meeting", "update", shared, "--subject", "Q3") as terminal:
        assert terminal.ends() == 0
        told, who = terminal.lines[:2]
        assert re.fullmatch(rf"Updated\. Also kept kim's change to description \({NOW}\)\.", told)
        assert re.fullmatch(rf"  description, by kim \({NOW}\):", who)
    seen(kim, shared)
    dana.told("meeting", "update", shared, "--access-level", "Locked")
    with kim.at_terminal("meeting", "update", shared, "--subject", "Q4") as terminal:
        assert terminal.ends() == 0
        terminal.sees("Updated. Also kept Dana's change to access level")
    found = dana.told("meeting", "show", shared)
    assert (found["subject"], found["accessLevel"]) == ("Q4", "Locked")
    assert found["description"] == "Bring figures."


def test_a_clash_names_the_other(dana: Person, kim: Person, shared: str) -> None:
    seen(dana, shared)
    kim.told("meeting", "update", shared, "--subject", "Weekly (moved)")
    with dana.at_terminal("meeting", "update", shared, "--subject", "Q3 review") as terminal:
        terminal.sees("[q]uit")
        heading, row, _ = terminal.lines
        assert re.fullmatch(rf" +before +kim, {NOW} +yours", heading)
        assert re.fullmatch(r"subject +Weekly +Weekly \(moved\) +Q3 review", row)
        terminal.types("q")
        assert terminal.ends() == 4
    tag = dana.told("meeting", "history", shared)[1]["version"]
    done = dana.runs("meeting", "update", shared, "--subject", "Mine", "--if-match", tag)
    assert done.returncode == 4
    assert json.loads(done.stdout)["changedByName"] == "kim"
    assert re.search(
        rf"Error: kim has changed the meeting in the meantime \({NOW}\)\. "
        r"Your changes conflict in: subject\.",
        done.stderr,
    )


def test_a_delegate_is_told_with_the_organizer(
    dana: Person, delegate: Person, meeting: str
) -> None:
    seen(dana, meeting)
    with dana.at_terminal("meeting", "watch", meeting) as terminal:
        terminal.sees("Waiting for changes")
        delegate.told("meeting", "update", meeting, "--subject", "For you")
        terminal.sees("kim, for you, changed subject: Weekly → For you")
        terminal.presses("c")
        assert terminal.ends() == 0
    newest, _ = dana.told("meeting", "history", meeting)
    assert (newest["by"], newest["byName"]) == ("sip:kim@contoso.com", "kim")
    assert (newest["with"], newest["onBehalfOf"]) == ("openucwa on kim", "sip:Dana@contoso.com")
    with dana.at_terminal("meeting", "history", meeting) as terminal:
        assert terminal.ends() == 0
        assert re.fullmatch(rf"\d+  \S+ {NOW}  kim, for you", terminal.lines[0])
        assert terminal.lines[-1].endswith("  you (openucwa on elsewhere)")
    with delegate.at_terminal("meeting", "history", meeting) as terminal:
        assert terminal.ends() == 0
        assert terminal.lines[0].endswith("  you (openucwa on kim)")
        assert terminal.lines[-1].endswith("  Dana")


def test_events_name_who_caused_them(dana: Person, kim: Person, shared: str) -> None:
    with kim.at_terminal("events", "--follow") as terminal:
        terminal.sees("Waiting for events")
        dana.told("meeting", "update", shared, "--subject", "Q3")
        terminal.sees(f"updated sharedOnlineMeeting {shared} Q3, by Dana")
        terminal.presses("c")
        assert terminal.ends() == 0
