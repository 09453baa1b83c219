"""Meetings of another UCWA server: nothing is lost there either, though it tells less."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from openucwa.client import (
    AnswerLost,
    ChangesIgnored,
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
    assert (caught.value.change.by_name, caught.value.change.at) == ("", None)
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


class Losing(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A network that loses the answers to the next POSTs of meetings, once they are done."""

    def __init__(self, inner: InProcess) -> None:
        self._inner = inner
        self.lost = 0
        self.most = 1
        self.meanwhile: Callable[[], object] = lambda: None
        self.is_down = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._before(request)
        return self._passed(request, self._inner.handle_request(request))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._before(request)
        return self._passed(request, await self._inner.handle_async_request(request))

    def _before(self, request: httpx2.Request) -> None:
        if self.is_down and self.lost:
            raise httpx2.ConnectError("refused", request=request)

    def _passed(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        is_scheduling = request.method == "POST" and request.url.path.endswith("/mine")
        if not is_scheduling or self.lost == self.most or not response.is_success:
            return response
        self.lost += 1
        self.meanwhile()
        raise httpx2.ReadError("The connection broke.", request=request)


@pytest.fixture
def network(elsewhere: Elsewhere) -> Iterator[Losing]:
    with InProcess(elsewhere) as transport:
        yield Losing(transport)


@pytest.fixture
def far(flavour: Callable[..., Any], network: Losing) -> Iterator[Any]:
    with flavour("dana@fabrikam.com", PASSWORD, transport=network, timeout=0.5) as client:
        yield client.meetings


WANTED = {
    "subject": "Weekly",
    "expires": datetime(2026, 12, 1, 15, 0, 0, 123456, tzinfo=UTC),
    "attendees": ["alex@fabrikam.com"],
    "extra": {"seats": 12},  # of which the server knows nothing
}


def scheduled_without_seats(far: Any) -> Any:
    with pytest.raises(ChangesIgnored, match="but not your seats") as ignored:
        far.schedule(**WANTED)
    return ignored.value.saved


def test_scheduling_is_done_once(far: Any, elsewhere: Elsewhere, network: Losing) -> None:
    """Though a meeting like it is there, and the application ends in between."""
    network.lost = network.most
    before = scheduled_without_seats(far)
    elsewhere.expire_applications()
    network.lost = 0
    scheduled = scheduled_without_seats(far)
    assert network.lost == 1
    assert elsewhere.meetings.keys() == {before.id, scheduled.id}
    assert before.id != scheduled.id


def test_scheduling_is_not_repeated_beside_what_may_be_its_work(
    far: Any, elsewhere: Elsewhere, network: Losing
) -> None:
    """A server may write it otherwise than it was sent."""
    network.meanwhile = lambda: elsewhere.change(next(iter(elsewhere.meetings)), subject="WEEKLY")
    with pytest.raises(AnswerLost, match="Check the list"):
        far.schedule(**WANTED)
    assert len(elsewhere.meetings) == 1


def test_scheduling_of_which_nothing_is_known_may_have_been_done(far: Any, network: Losing) -> None:
    network.is_down = True
    with pytest.raises(AnswerLost, match="may or may not have been executed"):
        far.schedule(**WANTED)
