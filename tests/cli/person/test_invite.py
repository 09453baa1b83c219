"""Invitations, and taking them back, at a real server."""

import re
from typing import Any

import pytest
from icalendar import Calendar

from tests.cli.person.conftest import Person

pytestmark = pytest.mark.slow


def event(content: bytes | str) -> Any:
    (found,) = Calendar.from_ical(content).walk("VEVENT")
    return found


def test_invites_in_words(dana: Person, meeting: str) -> None:
    done = dana.runs("meeting", "invite", meeting, "--start", "2027-07-01 15:00")
    assert done.stdout.startswith(
        "Weekly\n\nWhen: Thu 2027-07-01 15:00 to 16:00 (Europe/Berlin)\nOrganizer: Dana (danab@"
    )
    assert "One.\nTwo.\nThree.\n\nJoin the meeting: https://" in done.stdout
    assert re.fullmatch("Warning: The meeting expires at .*\n", done.stderr)
    done = dana.runs("meeting", "invite", meeting)
    assert re.search("^When: until ... 20", done.stdout, re.MULTILINE)
    assert "Give one with --start" in done.stderr
    done = dana.runs("meeting", "invite", meeting, "--minutes", "30")
    assert "When: until" not in done.stdout
    assert "Use --start and --minutes to change that" in done.stderr


def test_invites_by_a_calendar_file(dana: Person, meeting: str) -> None:
    done = dana.runs("meeting", "invite", meeting, "--ics", "--start", "tomorrow 15:00")
    assert done.returncode == 0
    assert event(done.stdout)["UID"] == f"{meeting}@contoso.com"
    assert done.stderr == ""
    done = dana.runs("meeting", "invite", meeting, "--ics", "-o", "invitation.ics")
    assert done.stdout == "Written to invitation.ics.\n"
    assert "Use --start and --minutes to change that" in done.stderr
    assert (dana.home / "invitation.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")


def test_minutes_are_minutes_when_the_clocks_are_set(dana: Person, meeting: str) -> None:
    for start, minutes in (("2027-03-28 01:30", 120), ("2027-10-31 01:30", 30)):
        options = ("--ics", "--start", start, "--minutes", str(minutes))
        found = event(dana.told("meeting", "invite", meeting, *options)["ics"])
        span = found.decoded("DTEND") - found.decoded("DTSTART")
        assert span.total_seconds() == minutes * 60
    done = dana.runs("meeting", "invite", meeting, "--start", "2027-10-31 02:30")
    assert done.returncode == 2
    assert "occurs twice" in done.stderr


def test_each_invitation_replaces_the_one_before(dana: Person, meeting: str) -> None:
    files = []
    for subject in ("Weekly", "Monthly", "Never"):
        dana.told("meeting", "update", meeting, "--subject", subject)
        files.append(event(dana.told("meeting", "invite", meeting, "--ics")["ics"]))
    files.append(event(dana.told("meeting", "cancel", meeting, "--yes", "--ics", "-")["ics"]))
    assert len({str(one["UID"]) for one in files}) == 1
    numbers = [one["SEQUENCE"] for one in files]
    assert numbers == sorted(set(numbers))


def test_takes_a_meeting_off_calendars(dana: Person, meeting: str) -> None:
    done = dana.runs("meeting", "cancel", meeting, "--start", "tomorrow 15:00", "--yes")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: --start needs a calendar file. Add --ics FILE.\n"
    done = dana.runs("meeting", "cancel", meeting, "--yes", "--ics", "no/such/place.ics")
    assert done.returncode == 2
    assert "can't be written" in done.stderr
    done = dana.runs("meeting", "cancel", meeting, "--yes", "--if-match", "7", "--ics", "a.ics")
    assert done.returncode == 4
    assert not (dana.home / "a.ics").exists()
    done = dana.runs("meeting", "cancel", meeting, "--yes", "--ics", "-")
    assert done.returncode == 0
    assert event(done.stdout)["STATUS"] == "CANCELLED"
    assert "METHOD:CANCEL\n" in done.stdout
    assert dana.runs("meeting", "show", meeting).returncode == 5


def test_says_how_to_tell_others_before_it_cancels(dana: Person, meeting: str) -> None:
    with dana.at_terminal("meeting", "cancel", meeting) as terminal:
        terminal.sees("Use --ics FILE to write a calendar file that removes it.")
        terminal.types("n")
        assert terminal.ends() == 0
    with dana.at_terminal("meeting", "cancel", meeting, "--ics", "off.ics") as terminal:
        terminal.sees("[y]es [n]o")
        terminal.types("y")
        terminal.sees("Send off.ics to the people whom you have invited.")
        assert terminal.ends() == 0
        assert "calendars of others" not in terminal.text


def test_does_not_steer_the_terminal(dana: Person, meeting: str) -> None:
    steering = "One.\N{RIGHT-TO-LEFT OVERRIDE}Two."
    dana.told("meeting", "update", meeting, "--description", steering)
    with dana.at_terminal("meeting", "invite", meeting) as terminal:
        assert terminal.ends() == 0
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in terminal.raw.decode()
    assert steering in dana.runs("meeting", "invite", meeting).stdout
