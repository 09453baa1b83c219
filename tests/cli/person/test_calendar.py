"""Calendar files as calendars read them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from openucwa.cli.person import calendar
from openucwa.cli.person.calendar import Organizer
from openucwa.wire.text import is_writable

START = datetime(2026, 11, 29, 14, tzinfo=UTC)
MEETING: Mapping[str, object] = {
    "onlineMeetingId": "PYC58WSY",
    "subject": "Weekly",
    "joinUrl": "https://meet.contoso.com/danab/PYC58WSY",
    "attendees": ("sip:Chris@contoso.com;gruu", "sip:dana@contoso.com", "sip:Alex@contoso.com"),
    "leaders": ("sip:alex@contoso.com",),
}
DANA = Organizer("sip:Dana@contoso.com", "Dana Birkby", "danab@contoso.com")
TEXTS = st.text(max_size=200).filter(is_writable)


def request(meeting: Mapping[str, object] = MEETING, **changes: object) -> bytes:
    options = {
        "etag": "346579618",
        "organizer": DANA,
        "start": START,
        "end": START + timedelta(hours=1),
        "description": "Bring figures.",
        "now": START,
        **changes,
    }
    content = calendar.request(meeting, **options)  # type: ignore[arg-type] # as the test changed it
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))  # RFC 5545, section 3.1
    return content


def event(content: bytes, method: str = "REQUEST") -> Any:
    found: Any = Calendar.from_ical(content)
    assert found["METHOD"] == method
    (one,) = found.walk("VEVENT")
    return one


def by_the_rfc(content: bytes, name: str) -> str:
    """A TEXT as RFC 5545 reads it: unfolded (section 3.1) and unescaped (section 3.3.11)."""
    unfolded = re.sub(b"\r\n[ \t]", b"", content).decode()
    (value,) = re.findall(rf"^{name}:(.*)\r$", unfolded, re.MULTILINE)
    escapes = {"\\": "\\", ";": ";", ",": ",", "n": "\n", "N": "\n"}
    assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", value)
    return re.sub(r"\\(.)", lambda found: escapes[found[1]], value)


def test_has_all_that_a_calendar_needs() -> None:
    found = event(request())
    assert found["UID"] == "PYC58WSY@contoso.com"
    assert found["SEQUENCE"] == calendar.sequence("346579618")
    assert found.decoded("DTSTAMP") == START
    assert found.decoded("DTSTART") == START
    assert found.decoded("DTEND") == START + timedelta(hours=1)
    assert found["SUMMARY"] == "Weekly"
    assert found["DESCRIPTION"] == "Bring figures."
    assert found["URL"] == found["LOCATION"] == MEETING["joinUrl"]
    assert found["ORGANIZER"] == "mailto:danab@contoso.com"
    assert found["ORGANIZER"].params["CN"] == "Dana Birkby"


def test_a_time_stands_in_its_zone_which_the_file_describes() -> None:
    content = request(zone="Europe/Berlin")
    found = event(content)
    assert found["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert b"DTSTART;TZID=Europe/Berlin:20261129T150000\r\n" in content
    assert (found.decoded("DTSTART"), found.decoded("DTEND")) == (START, START + timedelta(hours=1))
    assert content.count(b"BEGIN:VTIMEZONE") == 1
    assert b"VTIMEZONE" not in request()
    assert b"DTSTART:20261129T140000Z" in request(zone="UTC")


def test_a_move_goes_beyond_the_last_invitation() -> None:
    numbers = [
        event(request(etag=etag, moved=moved))["SEQUENCE"]
        for etag, moved in (
            ("346579618", None),
            ("346579618", "2346579"),
            ("346579618", "9346579"),
            ("346999618", "9346579"),
        )
    ]
    assert numbers == sorted(set(numbers))
    content = calendar.cancellation(
        MEETING, etag="346999618", organizer=DANA, start=START, now=START, moved="9346579"
    )
    assert event(content, "CANCEL")["SEQUENCE"] == numbers[-1] + 1


def test_invites_everybody_once_but_the_organizer() -> None:
    assert event(request())["ATTENDEE"] == ["mailto:Chris@contoso.com", "mailto:Alex@contoso.com"]


def test_an_organizer_without_mail_is_named_by_her_address() -> None:
    found = event(request(organizer=Organizer("sip:Dana@contoso.com")))["ORGANIZER"]
    assert (found, found.params["CN"]) == ("mailto:Dana@contoso.com", "Dana")


@given(TEXTS)
@example(r"See \\NAS\Notes")
@example("\\n\\N\\;\\,\\\\")
@example("tab\tnew\r\nline\rold, separated\u2028by\u2029any\x85of; them\x0b\x0c")
def test_reads_back_as_written(text: str) -> None:
    ends = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
    expected = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", ends.sub("\n", text))
    content = request({**MEETING, "subject": f"S{text}."}, description=f"D{text}.")
    assert by_the_rfc(content, "SUMMARY") == f"S{expected}."
    assert by_the_rfc(content, "DESCRIPTION") == f"D{expected}."
    found = event(content)
    assert found["SUMMARY"] == f"S{expected}."
    assert found["DESCRIPTION"] == f"D{expected}."


@given(TEXTS)
@example('Dana "D."; Birkby:, \\n^n')
@example("a\r\nATTACH:file:///etc/passwd")
def test_no_value_reaches_beyond_its_place(text: str) -> None:
    names = {
        line.partition(b":")[0].partition(b";")[0]
        for line in re.sub(b"\r\n[ \t]", b"", request()).split(b"\r\n")
    }
    content = request(
        {**MEETING, "joinUrl": f"https://x/{text}", "attendees": [f"sip:{text}@x.org"]},
        organizer=Organizer("sip:Dana@contoso.com", f"D{text}.", f"{text}@x.org"),
    )
    lines = re.sub(b"\r\n[ \t]", b"", content).split(b"\r\n")
    assert {line.partition(b":")[0].partition(b";")[0] for line in lines} <= names
    assert not re.search(b"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]", content)
    assert len(content.decode().splitlines()) == content.count(b"\r\n")
    assert event(content)["ORGANIZER"].startswith("mailto:")


def test_addresses_stand_as_a_uri_of_mail_has_them() -> None:
    meeting = {**MEETING, "attendees": ["sip:o'hara?cc=x%20y#1@contoso.com"]}
    assert event(request(meeting))["ATTENDEE"][0] == "mailto:o'hara%3Fcc=x%20y%231@contoso.com"


def test_a_cancellation_goes_beyond_the_last_invitation() -> None:
    tag = "346579618"
    content = calendar.cancellation(MEETING, etag=tag, organizer=DANA, start=START, now=START)
    found, invited = event(content, "CANCEL"), event(request())
    for name in ("UID", "ORGANIZER", "ATTENDEE", "SUMMARY", "DTSTART"):
        assert found[name] == invited[name]
    assert found["STATUS"] == "CANCELLED"
    assert found["SEQUENCE"] == invited["SEQUENCE"] + 1
    assert "DTEND" not in found


def test_a_cancellation_needs_no_time() -> None:
    content = calendar.cancellation(MEETING, etag=None, organizer=DANA, start=None, now=START)
    found = event(content, "CANCEL")
    assert found["SEQUENCE"] == 1
    assert "DTSTART" not in found


def test_the_sequence_grows_with_the_version() -> None:
    tags = [str(346579618 + count * (1 << 23)) for count in range(5000)]
    numbers = [calendar.sequence(tag) for tag in tags]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2**31


@pytest.mark.parametrize("tag", [None, "", "abc", "-1", "9" * 40])
def test_a_tag_that_is_no_number_is_sequence_0(tag: str | None) -> None:
    assert calendar.sequence(tag) == 0
