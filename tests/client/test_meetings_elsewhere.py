"""Meetings of another UCWA server: nothing is lost there either, though it tells less."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openucwa.client import (
    Meeting,
    MeetingChanged,
    MeetingGone,
    MeetingNotFound,
    NotOffered,
)
from openucwa.client.transports import InProcess
from tests.client.elsewhere import PLAY_BACK, Elsewhere
from tests.passwords import PASSWORD


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
def meetings(flavour: Callable[..., Any], elsewhere: Elsewhere) -> Iterator[Any]:
    with (
        InProcess(elsewhere) as transport,
        flavour("dana@fabrikam.com", PASSWORD, transport=transport) as client,
    ):
        yield client.meetings


@pytest.fixture
def weekly(meetings: Any) -> Meeting:
    meeting: Meeting = meetings.schedule(subject="Weekly", attendees=["alex@fabrikam.com"])
    return meeting


def test_meetings_that_are_only_linked_are_listed(
    meetings: Any, elsewhere: Elsewhere, weekly: Meeting
) -> None:
    """In batches, not one by one."""
    scheduled = {weekly.id} | {meetings.schedule(subject=f"No {n}").id for n in range(5)}
    before = len(elsewhere.requests)
    assert {one.id for one in meetings.list()} == scheduled
    asked = [method for method, _ in elsewhere.requests[before:]]
    assert asked == ["GET", "GET", "POST", *6 * ["GET"]]  # which are the parts of the batch


def test_both_keep_their_work(meetings: Any, elsewhere: Elsewhere, weekly: Meeting) -> None:
    with meetings.edit(weekly.id) as draft:
        elsewhere.change(weekly.id, description="Lunch.", roomNumber="18/2107")
        draft.subject = "Q3 review"
        draft.attendees.add("chris@fabrikam.com")
    assert draft.outcome.kept == ("description", "roomNumber")
    assert draft.outcome.by is None
    found = elsewhere.meetings[weekly.id].properties
    assert (found["subject"], found["description"]) == ("Q3 review", "Lunch.")
    assert found["attendees"] == ["sip:alex@fabrikam.com", "sip:chris@fabrikam.com"]
    assert found["roomNumber"] == "18/2107"
    assert weekly.properties[PLAY_BACK]


def test_clash_is_told(meetings: Any, elsewhere: Elsewhere, weekly: Meeting) -> None:
    elsewhere.change(weekly.id, subject="Weekly (moved)")
    with pytest.raises(MeetingChanged) as caught:
        meetings.update(weekly, subject="Q3 review")
    assert caught.value.conflicts["subject"].theirs == "Weekly (moved)"
    assert caught.value.changed_by is None
    assert str(caught.value).startswith("Somebody else has changed the meeting")


def test_meeting_that_was_deleted_is_told(
    meetings: Any, elsewhere: Elsewhere, weekly: Meeting
) -> None:
    del elsewhere.meetings[weekly.id]
    with pytest.raises(MeetingGone):
        meetings.update(weekly, subject="Q3 review")
    with pytest.raises(MeetingNotFound):
        meetings.get(weekly.id)


def test_history_is_not_offered(meetings: Any, elsewhere: Elsewhere, weekly: Meeting) -> None:
    elsewhere.change(weekly.id, description="Lunch.")
    with pytest.raises(NotOffered):
        meetings.history(weekly)
    with pytest.raises(MeetingNotFound, match="does not have version"):
        meetings.update(weekly.id, if_match=weekly.etag, subject="Q3 review")
