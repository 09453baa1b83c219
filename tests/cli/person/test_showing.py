"""What people read of meetings."""

from datetime import UTC, datetime, timedelta

import pytest

from openucwa.cli.person import showing
from openucwa.cli.person.author import Author
from openucwa.client import Meeting, Resource
from tests.cli.person.authors import by

SOON = datetime.now(UTC) + timedelta(days=2)


def meeting(**properties: object) -> Meeting:
    raw: dict[str, object] = {"onlineMeetingId": "PYC58WSY", "subject": "Weekly", **properties}
    return Meeting(Resource.parse({"rel": "myOnlineMeeting", "etag": "7", **raw}, "/1"))


def milliseconds(moment: datetime) -> str:
    return f"/Date({int(moment.timestamp() * 1000)})/"


def test_a_list_is_in_the_order_of_expiry_and_names_a_few_people(
    capsys: pytest.CaptureFixture[str],
) -> None:
    many = [f"sip:person{number}@contoso.com" for number in range(200)]
    showing.show_list(
        [
            meeting(subject="Soon", expirationTime=milliseconds(SOON), attendees=many),
            meeting(subject="Later", expirationTime=milliseconds(SOON + timedelta(days=1))),
            meeting(subject="Never"),
        ]
    )
    rows = capsys.readouterr().out.splitlines()
    assert [row.split("\t")[1] for row in rows] == ["Soon", "Later", "Never"]
    assert rows[0].endswith("person0, person1, person2 and 197 more")


@pytest.mark.parametrize(
    ("names", "other", "sentence"),
    [
        (["subject"], by("sip:Kim@contoso.com"), "Also kept Kim's change to subject."),
        (
            ["subject", "accessLevel", "x"],
            by("sip:Kim@contoso.com"),
            "Also kept Kim's changes to subject, access level and x.",
        ),
        (
            ["subject"],
            by("sip:dana@contoso.com", changedWith="openucwa on laptop-2"),
            "Also kept your own change to subject, on another device (openucwa on laptop-2).",
        ),
        (["description"], by(), "Also kept the change to description."),
    ],
)
def test_tells_whose_changes_were_kept(names: list[str], other: Author, sentence: str) -> None:
    assert showing.kept(names, other) == sentence


@pytest.mark.parametrize(
    ("name", "before", "after", "line"),
    [
        ("subject", "Weekly", "Q3", "Weekly → Q3"),
        ("subject", None, "Q3", "- → Q3"),
        ("attendees", ("sip:a@b.c",), ("sip:A@b.c", "sip:d@b.c"), "+d"),
        ("leaders", ("sip:a@b.c", "sip:d@b.c"), ("sip:d@b.c",), "-a"),
        ("description", "old", "new", "old → new"),
        ("description", "a\nb\nc", "a\nB\nc", "\n    - b\n    + B"),
        ("description", "a\nb", "a\r\nb", "only the line ends differ"),
        ("description", "a\nb", "", "removed"),
        ("description", "", "a\nb", "\n    + a\n    + b"),
        ("custom", 1, 2, "1 → 2"),
    ],
)
def test_tells_a_difference_on_a_line(name: str, before: object, after: object, line: str) -> None:
    assert showing.difference(name, before, after) == line


def test_programs_get_times_in_utc_and_no_random_member() -> None:
    found = showing.meeting_json(
        meeting(
            expirationTime="/Date(1800000000000)/",
            **{"56de7bbf-1081-43e6-bbf2-1cabf3224c83": "please pass this in a PUT request"},
            custom=[1, "/Date(0)/"],
        )
    )
    assert found == {
        "onlineMeetingId": "PYC58WSY",
        "subject": "Weekly",
        "expirationTime": "2027-01-15T08:00:00Z",
        "custom": [1, "1970-01-01T00:00:00Z"],
        "etag": "7",
    }
