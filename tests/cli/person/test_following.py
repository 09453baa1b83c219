"""Watching a meeting, and following events, while somebody else works."""

import json
import re

import pytest

from tests.cli.person.conftest import Person

pytestmark = pytest.mark.slow


def test_shows_each_change_until_the_meeting_is_cancelled(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    with dana.at_terminal("meeting", "watch", meeting) as terminal:
        terminal.sees("Waiting for changes. Press Ctrl+C to stop.")
        change = ("--subject", "Q3", "--remove-attendee", "alex")
        elsewhere.told("meeting", "update", meeting, *change)
        terminal.sees("changed subject: Weekly → Q3 attendees: -alex")
        assert re.search(
            r"^\d\d:\d\d you, on another device \(openucwa on elsewhere\), changed$",
            terminal.text,
            re.MULTILINE,
        )
        elsewhere.told("meeting", "cancel", meeting, "--yes")
        terminal.sees("The meeting was cancelled.")
        assert terminal.ends() == 0


def test_tells_programs_a_line_for_each_change(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    with dana.at_terminal("meeting", "watch", meeting, "--json", columns=5000) as terminal:
        terminal.sees('"current"')
        elsewhere.told("meeting", "update", meeting, "--subject", "Q3")
        terminal.sees('"updated"')
        elsewhere.told("meeting", "cancel", meeting, "--yes")
        assert terminal.ends() == 0
        current, updated, deleted = map(json.loads, terminal.lines)
    assert current["meeting"]["subject"] == "Weekly"
    assert updated.keys() == {
        *("type", "meeting", "changed"),
        *("changedBy", "changedByName", "changedWith", "changedOnBehalfOf", "changedAt"),
    }
    assert (updated["changedByName"], updated["changedOnBehalfOf"]) == ("Dana", None)
    assert updated["changedWith"] == "openucwa on elsewhere"
    assert updated["meeting"]["subject"] == "Q3"
    assert updated["changed"] == ["subject"]
    assert (deleted["type"], deleted["meeting"]["onlineMeetingId"]) == ("deleted", meeting)


def test_ctrl_c_ends_watching_with_status_0(dana: Person, meeting: str) -> None:
    with dana.at_terminal("meeting", "watch", meeting) as terminal:
        terminal.sees("Waiting for changes")
        terminal.presses("c")
        assert terminal.ends() == 0
        assert "Traceback" not in terminal.text


def test_what_is_watched_counts_as_seen(dana: Person, elsewhere: Person, meeting: str) -> None:
    """So a change made from it overwrites nothing that was not shown, and asks nothing."""
    with dana.at_terminal("meeting", "watch", meeting) as terminal:
        terminal.sees("Waiting for changes")
        elsewhere.told("meeting", "update", meeting, "--subject", "Theirs")
        terminal.sees("Weekly → Theirs")
        with dana.at_terminal("meeting", "update", meeting, "--subject", "Mine") as other:
            assert other.ends() == 0
        terminal.sees("Theirs → Mine")


def test_follows_events(dana: Person, elsewhere: Person, meeting: str) -> None:
    with dana.at_terminal("events", "--follow") as terminal:
        terminal.sees("Waiting for events. Press Ctrl+C to stop.")
        elsewhere.told("meeting", "update", meeting, "--subject", "Q3")
        terminal.sees(f"updated myOnlineMeeting {meeting} Q3")
        elsewhere.told("meeting", "cancel", meeting, "--yes")
        terminal.sees(f"deleted myOnlineMeeting {meeting}")
        terminal.presses("c")
        assert terminal.ends() == 0


def test_without_follow_it_ends_with_the_first_event(
    dana: Person, elsewhere: Person, meeting: str
) -> None:
    with dana.at_terminal("events") as terminal:
        terminal.sees("Waiting for events")
        elsewhere.told("meeting", "update", meeting, "--subject", "Q3")
        terminal.sees("updated myOnlineMeeting")
        assert terminal.ends() == 0
