"""The versions that a meeting had, and how to return to one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from openucwa.client import Meeting, MeetingChanged, MeetingNotFound
from openucwa.client.options import USER_AGENT
from openucwa.client.resource import Resource
from tests.client.conftest import Connect
from tests.installation import Clock


@pytest.fixture
def meetings(connect: Connect) -> Iterator[Any]:
    with connect() as client:
        yield client.meetings


@pytest.fixture
def weekly(meetings: Any) -> Meeting:
    meeting: Meeting = meetings.schedule(subject="Weekly", attendees=["alex@contoso.com"])
    return meeting


def test_history_tells_who_changed_what_and_when(
    meetings: Any, weekly: Meeting, clock: Clock
) -> None:
    clock.advance(timedelta(minutes=5))
    moved = meetings.update(weekly, subject="Weekly (moved)", attendees=[])
    newest, first = meetings.history(weekly)
    assert (newest.etag, first.etag) == (moved.etag, weekly.etag)
    assert newest.by == first.by == "sip:Dana@contoso.com"
    assert newest.at - first.at == timedelta(minutes=5)
    assert set(newest.changed) == {"subject", "attendees"}
    assert first.changed == ()
    assert (newest.by_name, newest.application, newest.on_behalf_of) == (
        "Dana Birkby",
        USER_AGENT,
        "",
    )


def test_version_says_what_the_meeting_was(meetings: Any, weekly: Meeting) -> None:
    moved = meetings.update(weekly, subject="Weekly (moved)", description="Lunch.")
    version = meetings.version(weekly.id, weekly.etag)
    assert version.details["subject"] == "Weekly"
    then = version.as_meeting(moved)
    assert then == weekly
    assert then.attendees == ("sip:alex@contoso.com",)
    assert then.join_url == moved.join_url
    assert Meeting.from_json(then.to_json()).properties == then.properties


def test_version_in_a_list_is_not_taken_for_an_empty_meeting(
    meetings: Any, weekly: Meeting
) -> None:
    (listed,) = meetings.history(weekly)
    for make in (listed.as_meeting, listed.restored):
        with pytest.raises(ValueError, match="Fetch that version alone"):
            make(weekly)


def test_version_leaves_alone_what_it_does_not_tell(meetings: Any, weekly: Meeting) -> None:
    """As with the server of a later version, which has properties that nobody here knows."""
    moved = meetings.update(weekly, subject="Weekly (moved)")
    now = Meeting(Resource.parse({**moved.resource.raw, "roomNumber": "18/2107"}))
    then = meetings.version(weekly.id, weekly.etag).as_meeting(now)
    assert then.properties["roomNumber"] == "18/2107"
    assert (then.subject, then.expires) == ("Weekly", weekly.expires)


def test_restoring_is_a_change_like_any(meetings: Any, weekly: Meeting) -> None:
    changed = meetings.update(
        weekly, subject="Weekly (moved)", description="Lunch.", attendees=["chris@contoso.com"]
    )
    restored = meetings.restore(weekly.id, weekly.etag)
    assert (restored.subject, restored.description) == ("Weekly", "")
    assert restored.attendees == ("sip:alex@contoso.com",)
    assert restored.expires == weekly.expires
    assert restored.etag not in (weekly.etag, changed.etag)
    _, last, first = meetings.history(weekly)
    assert meetings.restore(weekly, last).subject == "Weekly (moved)"
    assert first.etag == weekly.etag


def test_changes_to_an_older_version_are_merged(meetings: Any, weekly: Meeting) -> None:
    """Whoever knows the ETag alone has the base, because the server keeps it."""
    meetings.update(weekly.id, description="Lunch.")
    saved = meetings.update(weekly.id, if_match=weekly.etag, subject="Q3 review")
    assert (saved.subject, saved.description) == ("Q3 review", "Lunch.")
    with pytest.raises(MeetingChanged) as caught:
        meetings.update(weekly.id, if_match=weekly.etag, subject="Q4 review")
    assert caught.value.conflicts["subject"].base == "Weekly"


def test_version_that_is_not_there(meetings: Any, weekly: Meeting) -> None:
    calls: list[Callable[[], object]] = [
        lambda: meetings.version(weekly.id, "7"),
        lambda: meetings.restore(weekly, "7"),
        lambda: meetings.update(weekly.id, if_match="7", subject="Q3 review"),
    ]
    for call in calls:
        with pytest.raises(MeetingNotFound, match="does not have version 7"):
            call()
    assert meetings.get(weekly) == weekly
