"""The time of a meeting at the command line: set, moved, merged, asked about, invited to."""

import json
import re
from datetime import datetime, timedelta

import pytest

from tests.cli.person.conftest import Person
from tests.cli.person.terminal import Editor
from tests.cli.person.test_invite import event

pytestmark = pytest.mark.slow

NEXT = f"{datetime.now().year + 1}"  # noqa: DTZ005 - any zone will do
DAY = f"{NEXT}-01-04"
LATER = f"{NEXT}-01-05"
QUARTER_TO = f"{DAY} 10:00 to 10:45"


@pytest.fixture
def planned(elsewhere: Person) -> str:
    """The id of a meeting with a time, that was scheduled at the other machine."""
    made = elsewhere.told(
        *("meeting", "schedule", "--subject", "Weekly", "--attendee", "chris@contoso.com"),
        *("--start", f"{DAY} 10:00", "--for", "45m"),
    )
    assert isinstance(made["onlineMeetingId"], str)
    return str(made["onlineMeetingId"])


def times(person: Person, meeting: str) -> object:
    return person.told("meeting", "show", meeting).get("onlineMeetingSchedule")


def utc(start: str, end: str, day: str = DAY) -> dict[str, str]:
    return {
        "startTime": f"{day}T{start}:00Z",
        "endTime": f"{day}T{end}:00Z",
        "timeZone": "Europe/Berlin",
    }


def seen(person: Person, meeting: str) -> None:
    with person.at_terminal("meeting", "show", meeting) as terminal:
        assert terminal.ends() == 0


def test_schedules_with_a_time(dana: Person) -> None:
    done = dana.runs(
        *("meeting", "schedule", "--subject", "Budget", "--start", f"{DAY} 10:00", "--end", "11:30")
    )
    assert done.returncode == 0, done.stderr
    id = re.match(rf"Scheduled (\w+), ... {DAY} 10:00 to 11:30\.\n", done.stdout)
    assert id, done.stdout
    found = dana.told("meeting", "show", id[1])
    assert found["onlineMeetingSchedule"] == utc("09:00", "10:30")
    assert found["expirationTime"] == f"{DAY}T18:30:00Z"
    assert f"time          ... {DAY}" in re.sub(
        r"time +\w{3} ", "time          ... ", dana.runs("meeting", "show", id[1]).stdout
    )
    dana.told("meeting", "cancel", id[1], "--yes")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--start", f"{DAY} 10:00"], "Give the end of the meeting, too"),
        (["--for", "45m"], "give its start"),
        (["--start", f"{DAY} 10:00", "--for", "long"], "is not a duration"),
        (["--start", f"{DAY} 10:00", "--for", "boss@contoso.com"], "Give the end of the meeting"),
        (["--start", "2027-03-28 02:30", "--for", "1h"], "does not exist"),
        (["--start", "2027-10-31 02:30", "--for", "1h"], "occurs twice"),
        (["--start", f"{DAY} 10:00", "--end", f"{DAY} 09:00"], "is not after the start"),
        (["--start", f"{DAY} 10:00", "--for", "40d"], "endTime must be at most 31 days"),
    ],
)
def test_wrong_times_are_refused(dana: Person, options: list[str], told: str) -> None:
    done = dana.runs("meeting", "schedule", "--subject", "Wrong", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_moves_and_takes_the_time_away(dana: Person, planned: str) -> None:
    done = dana.told("meeting", "update", planned, "--start", f"{LATER} 14:00")
    assert done["changed"] == ["onlineMeetingSchedule"]
    assert times(dana, planned) == utc("13:00", "13:45", LATER)
    dana.told("meeting", "update", planned, "--for", "90")
    assert times(dana, planned) == utc("13:00", "14:30", LATER)
    dana.told("meeting", "update", planned, "--end", "14:15", "--subject", "Q3 review")
    assert times(dana, planned) == utc("13:00", "13:15", LATER)
    done = dana.told("meeting", "update", planned, "--no-time")
    assert done["changed"] == ["onlineMeetingSchedule"]
    assert times(dana, planned) is None
    failed = dana.runs("meeting", "update", planned, "--start", f"{LATER} 14:00")
    assert (failed.returncode, "Give the end" in failed.stderr) == (2, True)


def test_lists_by_the_start(dana: Person, planned: str) -> None:
    for subject, start in (("Second", f"{DAY} 12:00"), ("First", f"{DAY} 09:00")):
        dana.told("meeting", "schedule", "--subject", subject, "--start", start, "--for", "1h")
    listed = dana.told("meeting", "list", "--upcoming")
    with_times = [one["subject"] for one in listed if "onlineMeetingSchedule" in one]
    assert [one for one in with_times if one in ("First", "Weekly", "Second")][:1] == ["First"]
    assert with_times.index("First") < with_times.index("Weekly") < with_times.index("Second")
    with dana.at_terminal("meeting", "list", planned, columns=100) as terminal:
        assert terminal.ends() == 0
        heading, row = terminal.lines
        assert heading.split() == ["id", "subject", "time", "attendees"]
        assert row.split(maxsplit=2)[2].startswith(QUARTER_TO)
    columns = dana.runs("meeting", "list", planned).stdout.rstrip("\n").split("\t")
    assert columns[4:6] == [f"{DAY}T09:00:00Z", f"{DAY}T09:45:00Z"]


def test_both_changes_are_kept_and_the_move_is_told(
    dana: Person, elsewhere: Person, planned: str
) -> None:
    seen(dana, planned)
    elsewhere.told("meeting", "update", planned, "--start", f"{DAY} 14:00")
    with dana.at_terminal(
        "meeting", "update", planned, "--subject", "Q3 review", columns=120
    ) as terminal:
        assert terminal.ends() == 0
        _, told, undoing = terminal.lines
    moved = (
        rf"  you, on another device, moved it from {DAY} 10:00 to {DAY} 14:00 "
        r"\(openucwa on elsewhere, \d\d:\d\d\)"
    )
    assert re.fullmatch(moved, told)
    _, command = undoing.split("openucwa ")
    assert command.endswith(f"'--start={DAY} 10:00' '--end={DAY} 10:45'")
    found = dana.told("meeting", "show", planned)
    assert found["subject"] == "Q3 review"
    assert found["onlineMeetingSchedule"] == utc("13:00", "13:45")


@pytest.mark.parametrize(
    ("answer", "left"), [("m", utc("15:00", "15:45")), ("t", utc("13:00", "13:45"))]
)
def test_two_moves_are_asked_about_as_one(
    dana: Person, elsewhere: Person, planned: str, answer: str, left: object
) -> None:
    seen(dana, planned)
    elsewhere.told("meeting", "update", planned, "--start", f"{DAY} 14:00")
    options = ("--start", f"{DAY} 16:00", "--subject", "Q3 review")
    with dana.at_terminal("meeting", "update", planned, *options, columns=120) as terminal:
        terminal.sees("[m]ine [t]heirs [e]dit [q]uit")
        told, heading, row, *_ = terminal.lines
        assert told.startswith("You have changed time in the meantime")
        assert re.fullmatch(r" +before +other device, \d\d:\d\d +yours", heading)
        assert re.fullmatch(rf"time +{QUARTER_TO} +{DAY} 14:00 to 14:45 +{DAY} 16:00 to 16:45", row)
        terminal.types(answer)
        assert terminal.ends() == 0
    assert times(dana, planned) == left
    assert dana.told("meeting", "show", planned)["subject"] == "Q3 review"


def test_a_script_gets_both_moves(dana: Person, elsewhere: Person, planned: str) -> None:
    tag = dana.told("meeting", "show", planned)["etag"]
    seen(dana, planned)
    elsewhere.told("meeting", "update", planned, "--start", f"{DAY} 14:00")
    done = dana.runs("meeting", "update", planned, "--start", f"{DAY} 16:00", "--json")
    assert done.returncode == 0  # it starts from what is there now
    done = dana.runs(
        *("meeting", "update", planned, "--subject", "Q3", "--if-match", tag, "--json")
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["meeting"]["onlineMeetingSchedule"] == utc("15:00", "15:45")


def test_quitting_keeps_the_move_as_a_draft(dana: Person, elsewhere: Person, planned: str) -> None:
    seen(dana, planned)
    elsewhere.told("meeting", "update", planned, "--start", f"{DAY} 14:00")
    with dana.at_terminal("meeting", "update", planned, "--start", f"{DAY} 16:00") as terminal:
        terminal.sees("[q]uit")
        terminal.types("q")
        assert terminal.ends() == 4
    (draft,) = dana.told("meeting", "drafts")
    assert draft["changes"] == ["onlineMeetingSchedule"]
    with dana.at_terminal("meeting", "edit", planned, columns=120) as terminal:
        terminal.sees(f"time: {QUARTER_TO} → {DAY} 16:00 to 16:45")
        terminal.types("s")
        terminal.sees("[m]ine")
        terminal.types("m")
        assert terminal.ends() == 0
    assert times(dana, planned) == utc("15:00", "15:45")


def test_the_form_has_a_line_for_the_time(dana: Person, planned: str) -> None:
    editor = Editor(dana.home / "editor", f"s/^time: .*/time: {LATER} 9:00 for 1h30m/")
    with dana.at_terminal("meeting", "edit", planned, EDITOR=editor.command) as terminal:
        assert terminal.ends() == 0
    assert f"\ntime: {QUARTER_TO}\n" in (editor.folder / "page.1").read_text()
    assert times(dana, planned) == utc("08:00", "09:30", LATER)


def test_the_invitation_has_the_time(dana: Person, planned: str) -> None:
    done = dana.runs("meeting", "invite", planned)
    assert done.stderr == ""
    assert re.search(rf"^When: \w+ {DAY} 10:00 to 10:45 \(Europe/Berlin\)$", done.stdout, re.M)
    first = dana.told("meeting", "invite", planned, "--ics")["ics"]
    assert f"DTSTART;TZID=Europe/Berlin:{NEXT}0104T100000\r\n" in first
    failed = dana.runs("meeting", "invite", planned, "--start", f"{DAY} 12:00")
    assert (failed.returncode, "The meeting has a time" in failed.stderr) == (2, True)
    dana.told("meeting", "update", planned, "--start", f"{DAY} 14:00")
    second = dana.told("meeting", "invite", planned, "--ics")["ics"]
    events = [event(one) for one in (first, second)]
    assert events[0]["SEQUENCE"] < events[1]["SEQUENCE"]
    lengths = [one.decoded("DTEND") - one.decoded("DTSTART") for one in events]
    assert lengths == 2 * [timedelta(minutes=45)]
    cancelled = dana.told("meeting", "cancel", planned, "--yes", "--ics", "-")["ics"]
    gone = event(cancelled)
    assert gone.decoded("DTSTART") == events[1].decoded("DTSTART")
    assert gone["SEQUENCE"] > events[1]["SEQUENCE"]


def test_watching_tells_who_moved_it(dana: Person, elsewhere: Person, planned: str) -> None:
    with dana.at_terminal("meeting", "watch", planned, columns=100) as terminal:
        terminal.sees("Waiting for changes")
        elsewhere.told("meeting", "update", planned, "--start", f"{DAY} 14:00")
        terminal.sees("you, on another device (openucwa on elsewhere), changed")
        terminal.sees(f"time: {QUARTER_TO} → {DAY} 14:00 to 14:45")


def test_two_people_move_one_meeting_and_are_told_each_others_name(
    dana: Person, kim: Person, planned: str
) -> None:
    dana.told("meeting", "share", planned, "kim@contoso.com")
    seen(dana, planned)
    kim.told("meeting", "update", planned, "--start", f"{DAY} 14:00")
    with dana.at_terminal("meeting", "update", planned, "--subject", "Q3 review") as terminal:
        assert terminal.ends() == 0
        terminal.sees("Updated. Also kept kim's change to time")
        terminal.sees(f"kim moved it from {DAY} 10:00 to {DAY} 14:00")
    seen(kim, planned)
    dana.told("meeting", "update", planned, "--start", f"{DAY} 16:00")
    options = ("--start", f"{DAY} 11:00")
    with kim.at_terminal("meeting", "update", planned, *options, columns=120) as terminal:
        terminal.sees("[m]ine [t]heirs [e]dit [q]uit")
        heading, row, _ = terminal.lines
        assert re.fullmatch(r" +before +Dana, \d\d:\d\d +yours", heading)
        assert re.fullmatch(
            rf"time +{DAY} 14:00 to 14:45 +{DAY} 16:00 to 16:45 +{DAY} 11:00 to 11:45", row
        )
        terminal.types("t")
        assert terminal.ends() == 0
    assert times(kim, planned) == times(dana, planned) == utc("15:00", "15:45")


def test_a_delegate_schedules_with_a_time(dana: Person, kim: Person) -> None:
    dana.told("delegate", "add", "kim@contoso.com")
    made = kim.told(
        *("meeting", "schedule", "--subject", "Board", "--start", f"{DAY} 10:00"),
        *("--for", "1h", "--for", "dana@contoso.com"),
    )
    dana.told("delegate", "remove", "kim@contoso.com")
    assert made["organizerUri"] == "sip:Dana@contoso.com"
    assert times(dana, made["onlineMeetingId"]) == utc("09:00", "10:00")
