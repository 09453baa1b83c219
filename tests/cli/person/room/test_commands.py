"""Meetings and talks at the command line, at a real server."""

import json
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.cli.person.conftest import Person

pytestmark = pytest.mark.slow


@pytest.fixture
def open_meeting(dana: Person) -> Any:
    made = dana.told("meeting", "schedule", "--subject", "Stand-up", "--access-level", "Everyone")
    return made


def test_lines_are_said_and_told(dana: Person, kim: Person, open_meeting: Any) -> None:
    """In the window of one, and to the program of another one."""
    id, url = open_meeting["onlineMeetingId"], open_meeting["joinUrl"]
    with dana.at_terminal("meeting", "join", id, columns=100) as window:
        window.sees("Stand-up · 1 here · you: leader")
        done = kim.runs("meeting", "join", url, "--json", typed="Good morning\n")
        assert done.returncode == 0, done.stderr
        window.sees("kim has joined.")
        window.sees("kim: Good morning")
        window.sees("kim has left.")
        window.presses("c")
        assert window.ends() == 0
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["type"] for one in told if one["type"] in ("Entered", "Message")] == [
        "Entered",
        "Message",
    ]


def test_guest_is_let_in_by_a_key(dana: Person, kim: Person) -> None:
    made = dana.told("meeting", "schedule", "--access-level", "SameEnterprise")
    with (
        dana.at_terminal("meeting", "join", made["onlineMeetingId"], columns=100) as window,
        kim.at_terminal(
            *("meeting", "join", made["joinUrl"], "--name", "Gustav"),
            *("--at", kim.root_url, "--json"),
            columns=1000,
        ) as guest,
    ):
        guest.sees("MustWait")
        window.sees("Waiting (1)")
        window.sends("\x1bOQ")  # F2
        guest.sees("Entered")
        window.sees("Gustav (guest) has joined.")


def test_who_is_asked_to_talk_talks(dana: Person, kim: Person) -> None:
    with ThreadPoolExecutor() as pool:
        hers: Future[subprocess.CompletedProcess[str]] = pool.submit(
            kim.runs, "chat", typed="Hello Dana\n"
        )
        done = dana.runs("chat", "kim@contoso.com", "--json")
        while "can't be reached" in done.stderr and not hers.done():  # she is not there yet
            done = dana.runs("chat", "kim@contoso.com", "--json")
        answered = hers.result()
    assert answered.returncode == 0, answered.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["text"] for one in told if one["type"] == "Message"] == ["Hello Dana"]
    assert told[-1]["why"]["subcode"] == "CallTerminated"
    assert done.returncode == 0


def test_meeting_that_is_started_at_once_has_a_link(dana: Person) -> None:
    done = dana.runs("meeting", "start", "--subject", "Now", "--json", typed="Hello?\n")
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    (entered,) = [one for one in told if one["type"] == "Entered"]
    assert entered["joinUrl"].startswith("https://meet.contoso.com/dana")


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        (("meeting", "join", "NOPE"), 5, "You have no meeting NOPE"),
        (("meeting", "join", "https://meet.contoso.com/danab/ABCDEFGH"), 5, "no such meeting"),
        (("meeting", "join", "NOPE", "--name", "Gustav"), 2, "by the join URL"),
        (("meeting", "join", "NOPE", "--at", "http://127.0.0.1"), 2, "--at is for guests"),
        (("chat", "pat@contoso.com"), 1, "can't be reached"),
        (("chat", "nobody@contoso.com"), 1, "nobody with that address"),
        (("chat", "a b"), 2, "is not a SIP address"),
    ],
)
def test_errors_say_what_to_do(
    dana: Person, arguments: tuple[str, ...], status: int, why: str
) -> None:
    done = dana.runs(*arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert why in done.stderr


def test_nobody_who_is_signed_in_needs_a_name(tmp_path: Any, kim: Person) -> None:
    done = Person(tmp_path, kim.root_url).runs("meeting", "join", "https://meet.a.b/c/D1")
    assert done.returncode == 3
    assert "Give --name to join as a guest" in done.stderr


def test_closing_the_window_leaves(dana: Person, kim: Person, open_meeting: Any) -> None:
    """Others see it at once."""
    id, url = open_meeting["onlineMeetingId"], open_meeting["joinUrl"]
    with dana.at_terminal("meeting", "join", id, columns=100) as window:
        window.sees("1 here")
        for arguments in ((), ("--json",)):
            with kim.at_terminal("meeting", "join", url, *arguments, columns=100) as other:
                window.sees("2 here")
                other.hangs_up()
            window.sees("1 here")
