"""Which meetings are listed, in which order, and what other programs read of them."""

from datetime import timedelta

import pytest

from openucwa.cli.failure import NotThere, WrongInput
from openucwa.cli.person import listing, session, times
from openucwa.client import Meeting
from openucwa.client.resource import Resource

HOUR = timedelta(hours=1)


def meeting(id: str, subject: str, hours: float | None = None, **more: object) -> Meeting:
    properties = {
        "onlineMeetingId": id,
        "subject": subject,
        "joinUrl": f"https://meet.contoso.com/danab/{id}",
        "onlineMeetingUri": f"sip:dana@contoso.com;gruu;opaque=app:conf:focus:id:{id}",
        **more,
    }
    if hours is not None:
        properties["expirationTime"] = times.iso(times.now() + hours * HOUR)
    return Meeting(Resource.parse(properties, f"/meetings/{id}"))


MEETINGS = [
    meeting("OLD22222", "Over for long", -48),
    meeting("STAND222", "Standing"),
    meeting("LATE2222", "Later", 48, attendees=["sip:chris@contoso.com"]),
    meeting("OLD33333", "Just over", -1),
    meeting("SOON2222", "Soon", 1),
]


def ids(**options: object) -> list[str]:
    return [one.id for one in listing.chosen(MEETINGS, **options)]  # type: ignore[arg-type] # as given


def test_the_next_comes_first_and_what_is_over_last() -> None:
    assert ids() == ["SOON2222", "LATE2222", "STAND222", "OLD33333", "OLD22222"]
    assert ids(limit=2) == ["SOON2222", "LATE2222"]


def test_lists_what_is_asked_for() -> None:
    assert ids(upcoming=True) == ["SOON2222", "LATE2222", "STAND222"]
    assert ids(ended=True) == ["OLD33333", "OLD22222"]
    assert ids(text="OVER") == ["OLD33333", "OLD22222"]
    assert ids(text="chris") == ["LATE2222"]
    assert ids(text="late2") == ["LATE2222"]
    assert ids(text="nothing") == []


def test_a_line_is_a_meeting_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    subject = "A\ttab, a\nline, a \\"
    people = ["sip:chris@contoso.com", "sip:alex@contoso.com"]
    listing.write([meeting("PYC58WSY", subject, 1, attendees=people), meeting("STAND222", "")])
    first, second = capsys.readouterr().out.splitlines()
    id, shown, expires, attendees, start, end, whose = first.split("\t")
    assert (start, end, whose) == ("", "", "")
    assert (id, attendees) == ("PYC58WSY", "sip:chris@contoso.com,sip:alex@contoso.com")
    assert shown == r"A\ttab, a\nline, a \\"
    assert expires.endswith("Z")
    assert second == "STAND222\t\t\t\t\t\t"


@pytest.mark.parametrize(
    "typed",
    [
        "SOON2222",
        "soon2222",
        "so",
        "https://meet.contoso.com/danab/SOON2222",
        "https://MEET.contoso.com/danab/SOON2222/",
        "https://meet.contoso.com/danab/SOON2222?sl=1",
        "sip:dana@contoso.com;gruu;opaque=app:conf:focus:id:SOON2222",
    ],
)
def test_finds_a_meeting_by_what_people_paste(typed: str) -> None:
    assert session.meant(typed, MEETINGS).id == "SOON2222"


def test_a_beginning_of_several_ids_is_refused_with_their_names() -> None:
    with pytest.raises(
        WrongInput,
        match=r"old is ambiguous: it may be OLD22222 \(Over for long\) or OLD33333 \(Just",
    ):
        session.meant("old", MEETINGS)


@pytest.mark.parametrize("typed", ["", "X", "https://meet.contoso.com/danab/", "https://x/SO"])
def test_finds_nothing_by_less(typed: str) -> None:
    with pytest.raises(NotThere):
        session.meant(typed, MEETINGS)
