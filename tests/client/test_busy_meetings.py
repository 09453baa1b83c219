"""A meeting that others keep changing while it is saved, without any clash."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import httpx2
import pytest

from openucwa.client import Meeting, MeetingBusy
from openucwa.client._async import saving as awaiting
from openucwa.client._sync import saving as blocking
from tests.client.watched import Watched

MANY = 16


@pytest.fixture
def weekly(phone: Any) -> Any:
    return phone.schedule(subject="Weekly", attendees=["chris@contoso.com"])


class Others:
    """Somebody who adds a person before each PUT of the phone's, for so many times."""

    def __init__(self, server: Watched, editor: Any, meeting: Meeting, times: int) -> None:
        self._editor = editor
        self._meeting = meeting
        self._left = times
        self._numbers = count()
        self._is_editing = False
        server.before = self._before

    def _before(self, request: httpx2.Request) -> None:
        if request.method != "PUT" or not self._left or self._is_editing:
            return
        self._left -= 1
        self._is_editing = True
        with self._editor.edit(self._meeting.id) as draft:
            draft.attendees.add(f"guest{next(self._numbers)}@contoso.com")
        self._is_editing = False


@pytest.fixture
def blocking_editor(server: Watched) -> Iterator[Any]:
    """The meetings of Dana's, at a machine that does not share the loop of the others."""
    from openucwa.client import Client
    from tests.passwords import PASSWORD

    with Client.discover("dana@contoso.com", PASSWORD, transport=server) as client:
        yield client.meetings


def test_what_clashes_with_nothing_is_saved_however_often_others_are_faster(
    phone: Any, weekly: Meeting, server: Watched, blocking_editor: Any
) -> None:
    Others(server, blocking_editor, weekly, 7)
    with phone.edit(weekly) as draft:
        draft.attendees.add("alex@contoso.com")
    assert draft.outcome.tries == 8
    assert len(draft.saved.attendees) == 9
    assert "sip:alex@contoso.com" in draft.saved.attendees


def test_a_meeting_that_is_never_left_alone_is_told_and_nothing_is_lost(
    phone: Any,
    weekly: Meeting,
    server: Watched,
    blocking_editor: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (awaiting, blocking):
        monkeypatch.setattr(module, "PATIENCE", 0.3)
    blocking_editor.get(weekly.id)
    Others(server, blocking_editor, weekly, 1000)
    with pytest.raises(MeetingBusy, match="without a conflict") as busy:
        phone.update(weekly, subject="Q3 review")
    server.before = lambda _: None
    assert busy.value.base == weekly
    assert busy.value.mine["subject"] == "Q3 review"
    assert len(busy.value.theirs.attendees) > 1
    saved = phone.save(busy.value.draft)
    assert saved.subject == "Q3 review"
    assert len(saved.attendees) > 1


def test_many_who_add_somebody_at_once_all_do(phone: Any, weekly: Meeting) -> None:
    barrier = Barrier(MANY)

    def add(number: int) -> None:
        with phone.edit(weekly) as draft:
            draft.attendees.add(f"guest{number}@contoso.com")
            barrier.wait()

    with ThreadPoolExecutor(MANY) as threads:
        list(threads.map(add, range(MANY)))
    assert len(phone.get(weekly.id).attendees) == MANY + 1
