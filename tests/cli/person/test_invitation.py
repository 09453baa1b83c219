"""Invitations as calendars read them."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from openucwa.cli.person import invitation
from openucwa.cli.person.invitation import DialIn, Organizer

START = datetime(2026, 11, 29, 14, tzinfo=UTC)
MEETING: dict[str, object] = {
    "onlineMeetingId": "PYC58WSY",
    "subject": "Weekly; naïve, \\ and\nlong",
    "description": "Bring figures.",
    "joinUrl": "https://meet.contoso.com/danab/PYC58WSY",
    "conferenceId": "754742148",
    "attendees": ("sip:Chris@contoso.com;gruu", "sip:dana@contoso.com", "sip:Alex@contoso.com"),
    "leaders": ("sip:alex@contoso.com",),
}
NUMBERS = DialIn([("Redmond", "tel:+14255550100"), ("Berlin", "tel:+4930;ext=7")], "https://d")
DANA = Organizer("sip:Dana@contoso.com", "Dana Birkby", "danab@contoso.com")


def event(**changes: object) -> Calendar:
    options = {
        "sequence": 7,
        "organizer": DANA,
        "start": START,
        "end": START + timedelta(hours=1),
        "dial_in": NUMBERS,
        "now": START,
        **changes,
    }
    content = invitation.ics(MEETING, **options)  # type: ignore[arg-type] # as changed by the test
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))  # RFC 5545, section 3.1
    calendar = Calendar.from_ical(content)
    assert calendar["METHOD"] == "REQUEST"
    (found,) = calendar.walk("VEVENT")
    return found


def test_has_all_that_a_calendar_needs() -> None:
    found = event()
    assert found["UID"] == "PYC58WSY@contoso.com"
    assert found["SEQUENCE"] == 7
    assert found.decoded("DTSTART") == START
    assert found.decoded("DTEND") == START + timedelta(hours=1)
    assert found["SUMMARY"] == MEETING["subject"]
    assert found["URL"] == found["LOCATION"] == MEETING["joinUrl"]
    assert found["ORGANIZER"] == "mailto:danab@contoso.com"
    assert found["ORGANIZER"].params["CN"] == "Dana Birkby"


def test_invites_everybody_once_but_the_organizer() -> None:
    assert event()["ATTENDEE"] == ["mailto:Chris@contoso.com", "mailto:Alex@contoso.com"]


def test_tells_the_ways_to_join() -> None:
    assert event()["DESCRIPTION"] == (
        "Bring figures.\n\n"
        "Join the meeting: https://meet.contoso.com/danab/PYC58WSY\n\n"
        "Join by phone:\n"
        "  +14255550100 (Redmond)\n"
        "  +4930 ext. 7 (Berlin)\n"
        "  Conference ID: 754742148\n"
        "  More numbers: https://d"
    )


def test_without_numbers_nothing_is_said_of_telephones() -> None:
    assert "phone" not in event(dial_in=None)["DESCRIPTION"]


def test_an_organizer_without_mail_is_named_by_her_address() -> None:
    found = event(organizer=Organizer("sip:Dana@contoso.com"))["ORGANIZER"]
    assert (found, found.params["CN"]) == ("mailto:Dana@contoso.com", "Dana")


def test_the_uid_stays_and_the_sequence_grows_with_the_version() -> None:
    tags = [str(346579618 + count * (1 << 23)) for count in range(5000)]
    numbers = [invitation.sequence(tag) for tag in tags]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2**31


@pytest.mark.parametrize("tag", [None, "", "abc", "-1", "9" * 40])
def test_a_tag_that_is_no_number_is_sequence_0(tag: str | None) -> None:
    assert invitation.sequence(tag) == 0


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        (START, None, (START, START + timedelta(hours=1))),
        (START, 30, (START, START + timedelta(minutes=30))),
        (None, None, (START - timedelta(hours=1), START)),
        (None, 90, (START - timedelta(minutes=90), START)),
    ],
)
def test_it_lasts_as_was_said_or_until_the_meeting_expires(
    start: datetime | None, minutes: int | None, expected: tuple[datetime, datetime]
) -> None:
    assert invitation.span(START, start, minutes) == expected
    assert invitation.span(None, None, 30) is None
