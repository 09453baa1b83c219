"""Sharing at the command line: two people, each signed in as themselves, change one meeting."""

from typing import Any

import pytest

from tests.cli.person.conftest import Person
from tests.sockets.process import USERNAME

pytestmark = pytest.mark.slow


@pytest.fixture
def weekly(dana: Person) -> Any:
    """The id of a meeting."""
    return dana.told("meeting", "schedule", "--subject", "Weekly")["onlineMeetingId"]


def test_a_meeting_is_shared_changed_and_taken_away(dana: Person, kim: Person, weekly: str) -> None:
    done = dana.runs("meeting", "share", weekly, "kim@contoso.com")
    assert done.stdout == f"kim (kim@contoso.com) may change {weekly} (Weekly).\n"
    assert dana.runs("meeting", "shares", weekly).stdout == "kim\tkim@contoso.com\teditor\n"
    (listed,) = [one for one in kim.told("meeting", "list") if one["onlineMeetingId"] == weekly]
    assert (listed["myRole"], listed["organizerUri"]) == ("Editor", f"sip:{USERNAME}")
    assert kim.runs("meeting", "update", weekly, "--subject", "Moved").returncode == 0
    assert dana.told("meeting", "show", weekly)["subject"] == "Moved"
    assert dana.told("meeting", "history", weekly)[0]["by"] == "sip:kim@contoso.com"
    first = dana.told("meeting", "history", weekly)[-1]["version"]
    assert kim.runs("meeting", "restore", weekly, first).returncode == 0
    done = dana.runs("meeting", "share", weekly, "kim@contoso.com", "--reader")
    assert done.stdout == f"kim (kim@contoso.com) may read {weekly} (Weekly).\n"
    done = kim.runs("meeting", "update", weekly, "--subject", "Mine")
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: You may read the meeting {weekly} (Weekly), but not change it. Ask Dana to share "
        "it with you as an editor.\n"
    )
    done = dana.runs("meeting", "unshare", weekly, "kim")
    assert done.stdout == (
        f"{weekly} (Weekly) is not shared with kim (kim@contoso.com) any more.\n"
    )
    done = kim.runs("meeting", "show", weekly)
    assert (done.returncode, done.stdout) == (5, "")


def test_for_programs(dana: Person, weekly: str) -> None:
    kim = {"uri": "sip:kim@contoso.com", "name": "kim", "role": "Reader"}
    assert dana.told("meeting", "share", weekly, "kim@contoso.com", "--reader") == kim
    assert dana.told("meeting", "shares", weekly) == [kim]
    assert dana.told("meeting", "unshare", weekly, "KIM@contoso.com") == kim


def test_what_goes_wrong(dana: Person, kim: Person, weekly: str) -> None:
    for address, status, said in (
        ("nobody@contoso.com", 2, "nobody@contoso.com is not a user: choose a user of this"),
        ("x@fabrikam.com", 2, "x@fabrikam.com is not an address of contoso.com:"),
        (USERNAME, 2, f"{USERNAME} is the organizer, who needs no share."),
        ("kim", 2, "'kim' is not a SIP address. Write it like sip:kim@contoso.com;"),
    ):
        done = dana.runs("meeting", "share", weekly, address)
        assert (done.returncode, done.stdout) == (status, "")
        assert done.stderr.startswith(f"Error: {said}"), done.stderr
        assert done.stderr.count("\n") == 1
    done = dana.runs("meeting", "unshare", weekly, "kim")
    assert done.stderr == f"Error: {weekly} (Weekly) is shared with nobody.\n"
    dana.runs("meeting", "share", weekly, "kim@contoso.com")
    done = kim.runs("meeting", "share", weekly, "pat@contoso.com")
    assert done.stderr.startswith("Error: Only Dana and the delegates of Dana see and decide")
    done = kim.runs("meeting", "cancel", weekly, "--yes")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1


def test_a_delegate_schedules_for_somebody(dana: Person, kim: Person) -> None:
    done = kim.runs("meeting", "schedule", "--subject", "For you", "--for", USERNAME)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: You don't act for Dana.")
    dana.told("delegate", "add", "kim@contoso.com")
    try:
        made = kim.told(
            *("meeting", "schedule", "--subject", "For you", "--for", USERNAME),
            *("--start", "2026-12-24 10:00", "--for", "45m"),
        )
        id = made["onlineMeetingId"]
        assert (made["myRole"], made["organizerUri"]) == ("Delegate", f"sip:{USERNAME}")
        assert dana.told("meeting", "show", id)["subject"] == "For you"
        file = kim.runs("meeting", "invite", id, "--ics").stdout.replace("\r\n ", "")
        assert 'ORGANIZER;CN=Dana;SENT-BY="mailto:kimb@contoso.com":mailto:' in file
        done = kim.runs("meeting", "cancel", id, "--yes")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"To cancel {id} (For you) of Dana without a question, add --for" in done.stderr
        done = kim.runs("meeting", "cancel", id, "--yes", "--for", USERNAME)
        assert done.stdout == f"Cancelled {id} (For you) of Dana.\n"
    finally:
        dana.told("delegate", "remove", "kim@contoso.com")
