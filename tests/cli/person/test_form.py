"""A meeting as text in an editor."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.cli.person import fields, form
from openucwa.client import Schedule
from openucwa.wire import lines
from openucwa.wire.members import MEMBERS, SCHEDULE, Kind
from openucwa.wire.text import is_writable

BASE: dict[str, object] = {
    "subject": "Weekly meeting",
    "description": "What is done.\n\n# not a comment\nWhat comes next.",
    "attendees": ("sip:Chris@contoso.com", "sip:Alex@contoso.com"),
    "leaders": (),
    "expirationTime": datetime(2026, 11, 29, 14, 0, 12, 345000, tzinfo=UTC),
    "accessLevel": "SameEnterprise",
    "phoneUserAdmission": "Disabled",
    "lobbyBypassForPhoneUsers": "Disabled",
    "automaticLeaderAssignment": "Disabled",
    "entryExitAnnouncement": "Unsupported",
}


def written(**changes: object) -> str:
    return form.write({**BASE, **changes}, title="PYC58WSY")


def test_looks_like_this() -> None:
    text = form.write(BASE, title="PYC58WSY", eligible={"accessLevel": ("None", "Locked")})
    assert text == (
        "# PYC58WSY\n"
        "# Save and close to continue. Delete everything to change nothing.\n"
        "\n"
        "subject: Weekly meeting\n"
        "\n"
        '# in your time zone, Europe/Berlin; also "tomorrow 15:00 for 45m"; or nothing\n'
        "time:\n"
        "\n"
        '# in your time zone, Europe/Berlin; also "tomorrow 15:00" or "in 2 hours"\n'
        "expires: 2026-11-29 15:00\n"
        "\n"
        "# one address per line\n"
        "attendees:\n"
        "  sip:Chris@contoso.com\n"
        "  sip:Alex@contoso.com\n"
        "\n"
        "# one address per line\n"
        "leaders:\n"
        "\n"
        "# one of None, Locked\n"
        "access-level: SameEnterprise\n"
        "\n"
        "# one of Disabled, Enabled\n"
        "phone-user-admission: Disabled\n"
        "\n"
        "# one of Disabled, Enabled\n"
        "lobby-bypass: Disabled\n"
        "\n"
        "# one of Disabled, SameEnterprise, Everyone\n"
        "leader-assignment: Disabled\n"
        "\n"
        "# one of Unsupported, Disabled, Enabled\n"
        "announcements: Unsupported\n"
        "\n"
        "# Everything below this line is the description.\n"
        "description:\n"
        "What is done.\n"
        "\n"
        "# not a comment\n"
        "What comes next.\n"
    )


def test_what_is_left_alone_is_no_change() -> None:
    """Not even the seconds of the time, which the text does not show."""
    assert form.read(written(), BASE) == {}


def test_reads_what_was_changed() -> None:
    text = (
        written()
        .replace("Weekly meeting", "  Q3 review ")
        .replace("2026-11-29 15:00", "2026-12-01 09:30")
        .replace("  sip:Chris@contoso.com\n", "  lenea@contoso.com\n")
        .replace("leaders:", "leaders: sip:dana@contoso.com, sip:alex@contoso.com")
        .replace("SameEnterprise", "everyone")
        .replace("What comes next.", "What came.")
    )
    assert form.read(text, BASE) == {
        "subject": "Q3 review",
        "expirationTime": datetime(2026, 12, 1, 8, 30, tzinfo=UTC),
        "attendees": ("sip:lenea@contoso.com", "sip:Alex@contoso.com"),
        "leaders": ("sip:dana@contoso.com", "sip:alex@contoso.com"),
        "accessLevel": "Everyone",
        "description": "What is done.\n\n# not a comment\nWhat came.",
    }


def test_a_line_that_is_missing_changes_nothing() -> None:
    assert form.read("subject: Q3 review\n", BASE) == {"subject": "Q3 review"}


def test_another_order_or_spelling_of_people_is_no_change() -> None:
    text = "attendees: sip:ALEX@contoso.com sip:chris@contoso.com\n"
    assert form.read(text, BASE) == {}


def test_a_value_may_be_emptied() -> None:
    text = "subject:\nattendees:\ndescription:\n"
    assert form.read(text, BASE) == {"subject": "", "attendees": (), "description": ""}


def test_reads_what_an_editor_of_windows_has_written() -> None:
    """Line ends are those of the editor; those of the description stay."""
    base = {**BASE, "description": "a\r\nb"}
    text = form.write({**base, "subject": "Q3"}, title="x")
    assert "\r" not in text
    assert form.read(text, base) == {"subject": "Q3"}
    changed = {"subject": "Q3", "description": "a\r\nB"}
    assert form.read(text.replace("\nb", "\nB"), base) == changed


@pytest.mark.parametrize(
    ("line", "number", "why"),
    [
        ("sbject: x", 1, "does not start with a name and a colon"),
        ("subject", 1, "does not start with a name and a colon"),
        ("  sip:alex@contoso.com", 1, "belongs to no field above it"),
        ("\nattendees:\n  alex", 3, "is not a SIP address"),
        ("expires: gibberish", 1, "is not a valid time"),
        ("expires:", 1, "can't be empty"),
        ("access-level: Nobody", 1, "must be one of None, SameEnterprise"),
        ("access-level: Lockd", 1, "Did you mean Locked?"),
        ("subject: a\nsubject: b", 2, "is given twice"),
        ("subject: a\n  b", 2, "takes one line only"),
        ('subject: "a', 1, "must be a JSON string"),
        ("description: a", 1, "must start on the next line"),
    ],
)
def test_tells_where_something_is_wrong(line: str, number: int, why: str) -> None:
    with pytest.raises(form.Unreadable) as wrong:
        form.read(line, BASE)
    ((found, told),) = wrong.value.problems
    assert found == number
    assert why in told


def test_tells_all_problems_above_their_lines_and_takes_them_away_again() -> None:
    text = (
        written(subject="Q3")
        .replace("expires: 2026-11-29 15:00", "expires: never")
        .replace("SameEnterprise", "Nobody")
    )
    with pytest.raises(form.Unreadable) as wrong:
        form.read(text, BASE)
    marked = form.with_problems(text, wrong.value.problems)
    lines = marked.split("\n")
    assert lines[lines.index("expires: never") - 1].startswith("#! 'never' is not a valid time")
    assert lines[lines.index("access-level: Nobody") - 1].startswith("#! access-level must be")
    assert form.without_problems(marked) == text


def test_a_description_may_look_like_what_tells_problems() -> None:
    text = written(description="#! mine\nsubject: no")
    assert form.read(form.without_problems(text), BASE) == {"description": "#! mine\nsubject: no"}


def test_an_hour_that_clocks_go_through_twice_keeps_its_place() -> None:
    for hour in (0, 1):
        moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        text = written(expirationTime=moment)
        assert form.read(text, BASE) == {"expirationTime": moment}


@pytest.mark.parametrize("text", ["", "\n\n", "# a comment\n\n", "#! a problem\n"])
def test_nothing_but_comments_is_empty(text: str) -> None:
    assert form.is_empty(text)
    assert not form.is_empty(f"{text}subject:\n")


def test_only_the_values_that_policy_allows_are_taken() -> None:
    with pytest.raises(form.Unreadable, match="must be one of None, Locked"):
        form.read("access-level: Everyone", BASE, eligible={"accessLevel": ("None", "Locked")})


START, MINUTE = datetime(2021, 1, 1, tzinfo=UTC), timedelta(minutes=1)
TEXTS = st.text(max_size=60).filter(is_writable)
ADDRESSES = st.builds(
    "sip:{}@{}.com".format,
    st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=8),
    st.text(string.ascii_lowercase, min_size=1, max_size=8),
)
LISTS = st.lists(ADDRESSES, max_size=4, unique_by=str.lower).map(tuple)
TIMES = st.none() | st.builds(
    lambda start, length: Schedule(start, start + length, "Europe/Berlin"),
    st.integers(0, 15 * 366 * 1440).map(lambda count: START + count * MINUTE),
    st.integers(1, 31 * 1440).map(lambda count: count * MINUTE),
)
MEETINGS = st.fixed_dictionaries(
    {
        "subject": TEXTS,
        "description": TEXTS,
        "attendees": LISTS,
        "leaders": LISTS,
        SCHEDULE: TIMES,
        "expirationTime": st.datetimes(
            datetime.fromisoformat("2020-01-01"),
            datetime.fromisoformat("2036-01-01"),
            timezones=st.just(UTC),
        ),
        **{one.name: st.sampled_from(one.choices) for one in MEMBERS if one.kind is Kind.CHOICE},
    }
)


@given(MEETINGS)
def test_any_meeting_can_be_written_and_read_without_a_change(meeting: dict[str, object]) -> None:
    assert form.read(form.write(meeting, title="x"), meeting) == {}


@given(MEETINGS, MEETINGS)
def test_any_change_can_be_read(before: dict[str, object], after: dict[str, object]) -> None:
    """Times to the minute, which is what the text shows."""
    moment = after["expirationTime"]
    assert isinstance(moment, datetime)
    after["expirationTime"] = moment.replace(second=0, microsecond=0)
    found = form.read(form.write(after, title="x"), before)
    merged = {**before, **found}
    for name in after:
        if name in ("attendees", "leaders"):
            lists = [fields.people_of(one, name) for one in (merged, after)]
            assert {one.lower() for one in lists[0]} == {one.lower() for one in lists[1]}
        elif name == "expirationTime" and name not in found:
            kept = before[name]
            assert isinstance(kept, datetime)
            assert kept.replace(second=0, microsecond=0) == after[name]
        elif name == "description":  # with the line ends of before
            assert lines.split(str(merged[name])) == lines.split(str(after[name]))
        else:
            assert merged[name] == after[name]
