"""What was done and not answered is neither done twice nor taken for somebody else's work."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from openucwa.client import Meeting, MeetingChanged
from tests.client.watched import Watched


class Losing:
    """A network that loses the answers to the next requests of a method, once they are done.

    `meanwhile` happens after each.
    """

    def __init__(self, server: Watched) -> None:
        self._server = server
        self.lost = 0

    def lose(
        self, method: str, count: int = 1, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
            if request.method != method or self.lost == count:
                return response
            self.lost += 1
            if self.lost == 1:
                meanwhile()
            raise httpx2.ReadError("The connection broke.", request=request)

        self._server.after = after


@pytest.fixture
def network(server: Watched) -> Losing:
    return Losing(server)


@pytest.fixture
def weekly(phone: Any) -> Meeting:
    meeting: Meeting = phone.schedule(subject="Weekly", description="What is done.")
    return meeting


@pytest.mark.parametrize("strategy", ["merge", "fail", "mine", "theirs"])
def test_saving_is_repeated(phone: Any, network: Losing, weekly: Meeting, strategy: str) -> None:
    """And the second try, which is refused, is not taken for a conflict with oneself."""
    network.lose("PUT")
    with phone.edit(weekly.id, on_conflict=strategy) as draft:
        draft.subject = "Q3 review"
    assert network.lost == 1
    assert draft.saved == phone.get(weekly.id)
    assert draft.saved.subject == "Q3 review"
    assert draft.outcome.kept == ()


def test_change_of_another_after_the_lost_answer_is_kept(
    phone: Any, laptop: Any, network: Losing, weekly: Meeting
) -> None:
    laptop.list()  # so that it knows its way when the network fails
    network.lose("PUT", meanwhile=lambda: laptop.update(weekly.id, description="Lunch."))
    with phone.edit(weekly.id) as draft:
        draft.subject = "Q3 review"
    saved = draft.saved
    assert (saved.subject, saved.description) == ("Q3 review", "Lunch.")
    assert phone.get(weekly.id) == saved
    assert draft.outcome.kept == ("description",)


@pytest.mark.parametrize("strategy", ["merge", "fail"])
@pytest.mark.parametrize(
    "changes",
    [
        {"description": None},
        {"expires": datetime(2026, 12, 1, 15, 0, 0, 123456, tzinfo=UTC)},
        {"leaders": ["alex@contoso.com"]},  # to whom the server adds the organizer
    ],
)
def test_own_change_is_known_again_as_the_server_writes_it(
    phone: Any, network: Losing, weekly: Meeting, strategy: str, changes: dict[str, Any]
) -> None:
    network.lose("PUT")
    saved = phone.update(weekly.id, on_conflict=strategy, **changes)
    assert network.lost == 1
    assert saved == phone.get(weekly.id) != weekly


def test_nobody_is_named_where_nothing_of_others_was_kept(
    phone: Any, network: Losing, weekly: Meeting
) -> None:
    network.lose("PUT")
    with phone.edit(weekly.id) as draft:
        draft.subject = "Q3 review"
    assert (draft.outcome.kept, draft.outcome.by, draft.outcome.at) == ((), None, None)


def test_clash_after_the_lost_answer_is_told(
    phone: Any, laptop: Any, network: Losing, weekly: Meeting
) -> None:
    laptop.list()
    network.lose("PUT", meanwhile=lambda: laptop.update(weekly.id, subject="Weekly (moved)"))
    with pytest.raises(MeetingChanged) as caught:
        phone.update(weekly.id, subject="Q3 review")
    assert caught.value.conflicts["subject"].theirs == "Weekly (moved)"


def test_scheduling_is_done_once(phone: Any, network: Losing) -> None:
    phone.schedule(subject="Weekly")  # looks the same
    network.lose("POST")
    scheduled = phone.schedule(subject="Weekly")
    assert network.lost == 1
    assert [one.subject for one in phone.list() if not one.is_standing] == ["Weekly", "Weekly"]
    assert scheduled in phone.list()


def test_scheduling_that_was_not_done_is_done(phone: Any, server: Watched) -> None:
    """The connection broke on the way to the server."""
    broken: list[httpx2.Request] = []

    def before(request: httpx2.Request) -> None:
        if request.method == "POST" and not broken:
            broken.append(request)
            raise httpx2.ReadError("The connection broke.", request=request)

    server.before = before
    scheduled = phone.schedule(subject="Weekly")
    assert broken
    assert [one for one in phone.list() if not one.is_standing] == [scheduled]


def test_cancelling_is_repeated(phone: Any, network: Losing, weekly: Meeting) -> None:
    network.lose("DELETE")
    phone.cancel(weekly.id)
    assert network.lost == 1
    assert weekly not in phone.list()
