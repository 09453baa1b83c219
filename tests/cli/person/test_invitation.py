"""Invitations in words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from openucwa.cli.person import invitation, times
from openucwa.cli.person.invitation import DialIn, Span

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 29, 14, tzinfo=UTC)
END = datetime(2026, 11, 29, 15, tzinfo=UTC)
MEETING: Mapping[str, object] = {
    "onlineMeetingId": "PYC58WSY",
    "subject": "Weekly",
    "description": "Bring figures.",
    "joinUrl": "https://meet.contoso.com/danab/PYC58WSY",
    "conferenceId": "754742148",
}
NUMBERS = DialIn([("Redmond", "tel:+14255550100"), ("Berlin", "tel:+4930;ext=7")], "https://d")


def text(span: Span, dial_in: DialIn | None = NUMBERS) -> str:
    return invitation.text(MEETING, dial_in, organizer="Dana (danab@contoso.com)", span=span)


def test_says_what_when_who_and_how_to_join() -> None:
    assert text(Span(START, END)) == (
        "Weekly\n\n"
        "When: Sun 2026-11-29 15:00 to 16:00 (Europe/Berlin)\n"
        "Organizer: Dana (danab@contoso.com)\n\n"
        "Bring figures.\n\n"
        "Join the meeting: https://meet.contoso.com/danab/PYC58WSY\n\n"
        "Join by phone:\n"
        "  +14255550100 (Redmond)\n"
        "  +4930 ext. 7 (Berlin)\n"
        "  Conference ID: 754742148\n"
        "  More numbers: https://d"
    )


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (Span(None, END), "When: until Sun 2026-11-29 16:00 (Europe/Berlin)"),
        (
            Span(START, datetime(2026, 11, 30, 1, tzinfo=UTC)),
            "When: Sun 2026-11-29 15:00 to Mon 2026-11-30 02:00 (Europe/Berlin)",
        ),
        (
            Span(datetime(2027, 10, 30, 23, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)),
            "When: Sun 2027-10-31 01:00 to 02:00+01:00 (Europe/Berlin)",
        ),
    ],
)
def test_says_when_as_far_as_it_is_known(span: Span, said: str) -> None:
    assert said in text(span).splitlines()


def test_a_meeting_without_an_end_has_no_time() -> None:
    assert "When" not in text(Span(None, None))


def test_without_numbers_nothing_is_said_of_telephones() -> None:
    assert "phone" not in text(Span(START, END), None)


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        (START, None, Span(START, END)),
        (START, 30, Span(START, datetime(2026, 11, 29, 14, 30, tzinfo=UTC))),
        (None, None, Span(None, START)),
        (None, 90, Span(datetime(2026, 11, 29, 12, 30, tzinfo=UTC), START)),
    ],
)
def test_it_lasts_as_was_said_or_until_the_meeting_expires(
    start: datetime | None, minutes: int | None, expected: Span
) -> None:
    assert invitation.span(START, start, minutes) == expected
    assert invitation.span(None, None, 30) == Span(None, None)


@pytest.mark.parametrize(
    ("typed", "minutes", "ends"),
    [
        ("2027-03-28 01:30", 120, "2027-03-28 04:30"),
        ("2027-10-31 01:30", 30, "2027-10-31 02:00+02:00"),
        ("2027-10-31 01:30", 90, "2027-10-31 02:00+01:00"),
        ("2027-10-31 02:30+02:00", 60, "2027-10-31 02:30+01:00"),
    ],
)
def test_minutes_go_by_evenly_while_clocks_are_set(typed: str, minutes: int, ends: str) -> None:
    start = times.read(typed, at=datetime(2026, 11, 22, tzinfo=BERLIN))
    span = invitation.span(None, start, minutes)
    assert span.start is not None
    assert span.end is not None
    assert times.shown(span.end) == ends
    assert (span.end - span.start.astimezone(UTC)).total_seconds() == minutes * 60
    back = invitation.span(span.end, None, minutes)
    assert back.start == span.start.astimezone(UTC)
