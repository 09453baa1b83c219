"""Meetings that are shared, through the client: two people change one, and nothing is lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from openucwa.client import (
    AnswerLost,
    BadInput,
    Conflict,
    Forbidden,
    Gone,
    Meeting,
    MeetingChanged,
    MeetingGone,
    MeetingNotFound,
    MeetingRole,
    NotFound,
    NotOffered,
    PreconditionFailed,
    ShareRole,
)
from openucwa.domain.people import Profile
from tests.client.watched import Watched
from tests.installation import CHRIS

Connect = Callable[..., Any]


@pytest.fixture
def dana(connect: Connect, server: Watched) -> Iterator[Any]:
    server.installation.add_user(CHRIS)
    with connect() as client:
        yield client


@pytest.fixture
def chris(connect: Connect, dana: Any) -> Iterator[Any]:
    del dana
    with connect("chris@contoso.com") as client:
        yield client


@pytest.fixture
def weekly(dana: Any) -> Meeting:
    found: Meeting = dana.meetings.schedule(subject="Weekly", attendees=["alex@contoso.com"])
    return found


def test_two_people_change_one_meeting_and_both_changes_are_kept(
    dana: Any, chris: Any, weekly: Meeting
) -> None:
    share = dana.meetings.share(weekly, "chris@contoso.com")
    assert (share.uri, share.name, share.role) == (CHRIS.uri, "Chris Barry", ShareRole.EDITOR)
    (shared,) = chris.meetings.shared()
    assert (shared.id, shared.etag) == (weekly.id, weekly.etag)
    assert (shared.role, shared.is_shared, shared.organizer) == (
        MeetingRole.EDITOR,
        True,
        "sip:Dana@contoso.com",
    )
    assert (weekly.role, weekly.is_shared) == (MeetingRole.ORGANIZER, False)
    draft = chris.meetings.draft(shared)
    draft.subject = "Q3 review"
    dana.meetings.update(weekly, description="Bring figures")
    saved = chris.meetings.save(draft)
    assert (saved.subject, saved.description) == ("Q3 review", "Bring figures")
    assert draft.outcome.kept == ("description",)
    assert draft.outcome.by == "sip:Dana@contoso.com"
    now = dana.meetings.get(weekly)
    assert (now.subject, now.etag) == ("Q3 review", saved.etag)
    newest, *_ = dana.meetings.history(weekly)
    assert newest.by == CHRIS.uri


def test_a_shared_meeting_is_found_by_its_id(dana: Any, chris: Any, weekly: Meeting) -> None:
    with pytest.raises(MeetingNotFound, match="none is shared with you"):
        chris.meetings.get(weekly.id)
    dana.meetings.share(weekly.id, "chris@contoso.com")
    assert chris.meetings.get(weekly.id.lower()).subject == "Weekly"
    assert weekly.id not in [one.id for one in chris.meetings.list()]
    assert chris.meetings.history(weekly.id)
    first = chris.meetings.update(weekly.id, subject="Moved")
    assert chris.meetings.restore(first, weekly.etag).subject == "Weekly"


def test_the_role_of_a_share_is_changed_and_it_is_taken_away(
    dana: Any, chris: Any, weekly: Meeting
) -> None:
    dana.meetings.share(weekly, "chris@contoso.com")
    assert dana.meetings.share(weekly, "SIP:Chris@Contoso.com", "Reader").role == "Reader"
    assert [one.role for one in dana.meetings.shares(weekly)] == [ShareRole.READER]
    (shared,) = chris.meetings.shared()
    assert not shared.may_change
    with pytest.raises(Forbidden):
        chris.meetings.update(shared, subject="Mine")
    dana.meetings.unshare(weekly, "chris@contoso.com")
    dana.meetings.unshare(weekly, "chris@contoso.com")
    assert (chris.meetings.shared(), dana.meetings.shares(weekly)) == ([], [])


def test_what_is_taken_away_while_it_is_edited_is_told(
    dana: Any, chris: Any, weekly: Meeting
) -> None:
    dana.meetings.share(weekly, "chris@contoso.com")
    (shared,) = chris.meetings.shared()
    draft = chris.meetings.draft(shared)
    draft.subject = "Mine"
    dana.meetings.unshare(weekly, "chris@contoso.com")
    with pytest.raises(MeetingGone, match="no longer shared with you") as gone:
        chris.meetings.save(draft)
    assert gone.value.mine["subject"] == "Mine"
    assert dana.meetings.get(weekly).subject == "Weekly"


def test_who_can_not_be_given_a_share(dana: Any, weekly: Meeting) -> None:
    for person, said in (
        ("nobody@contoso.com", "is not a user"),
        ("dana@contoso.com", "organizer"),
    ):
        with pytest.raises(BadInput, match=said):
            dana.meetings.share(weekly, person)
    with pytest.raises(ValueError, match="is not an address"):
        dana.meetings.share(weekly, "chris")
    with pytest.raises(ValueError, match="Owner"):
        dana.meetings.share(weekly, "chris@contoso.com", "Owner")


def test_an_editor_can_neither_share_on_nor_cancel(
    dana: Any, chris: Any, weekly: Meeting, server: Watched
) -> None:
    server.installation.add_user(Profile(uri="sip:kim@contoso.com", name="Kim"))
    dana.meetings.share(weekly, "chris@contoso.com")
    with pytest.raises(NotOffered, match="Only the organizer"):
        chris.meetings.share(weekly.id, "kim@contoso.com")
    with pytest.raises(Forbidden):
        chris.meetings.cancel(weekly.id)


def test_a_delegate_schedules_moves_shares_and_cancels(
    dana: Any, chris: Any, server: Watched
) -> None:
    server.installation.add_user(Profile(uri="sip:kim@contoso.com", name="Kim"))
    with pytest.raises(Forbidden, match="You don't act for Dana Birkby"):
        chris.meetings.schedule(subject="For you", organizer="dana@contoso.com")
    dana.delegates.add("chris@contoso.com")
    starts, ends = (datetime(2026, 12, 1, hour, tzinfo=UTC) for hour in (10, 11))
    made = chris.meetings.schedule(
        subject="For you", starts=starts, ends=ends, organizer="dana@contoso.com"
    )
    assert (made.organizer, made.role) == ("sip:Dana@contoso.com", MeetingRole.DELEGATE)
    hers = dana.meetings.get(made.id)
    assert (hers.subject, hers.starts) == ("For you", starts)
    with chris.meetings.edit(made) as draft:
        draft.move(ends)
    assert dana.meetings.get(made.id).starts == ends
    chris.meetings.share(made, "kim@contoso.com", "Reader")
    assert [one.uri for one in dana.meetings.shares(made.id)] == ["sip:kim@contoso.com"]
    chris.meetings.cancel(made)
    with pytest.raises(MeetingNotFound):
        dana.meetings.get(made.id)


def test_a_lost_answer_shares_once(dana: Any, server: Watched, weekly: Meeting) -> None:
    left = ["POST", "PUT"]

    def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if "/shares" in request.url.path and request.method in left:
            left.remove(request.method)
            raise httpx2.ReadError("lost")
        return response

    server.after = after
    assert dana.meetings.share(weekly, "chris@contoso.com").role == "Editor"
    assert dana.meetings.share(weekly, "chris@contoso.com", "Reader").role == "Reader"
    assert (len(dana.meetings.shares(weekly)), left) == (1, [])


def test_meetings_that_are_too_large_together_are_all_listed(
    dana: Any, chris: Any, server: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana.delegates.add("chris@contoso.com")
    for size in (30, 10, 20):
        dana.meetings.schedule(subject=str(size), description="x" * size * 1000)
    monkeypatch.setattr("openucwa.resources.online_meetings.room.LARGEST", 40_000)
    *embedded, linked = (one.subject for one in chris.meetings.shared())
    assert ({*embedded}, linked) == ({"", "10", "20"}, "30")  # one is the standing meeting
    assert server.count("GET", "sharedOnlineMeetings") == 1
    (batch,) = (one for one in server.seen if one.url.path.endswith("batch"))
    assert batch.content.count(b"GET ") == 1


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (409, Conflict), (410, Gone), (412, PreconditionFailed)]
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_share_that_is_refused_each_time_is_no_lost_answer(
    dana: Any, server: Watched, weekly: Meeting, method: str, status: int, error: type[Exception]
) -> None:
    if method == "PUT":
        dana.meetings.share(weekly, "chris@contoso.com")
    sent = []

    def before(request: httpx2.Request) -> httpx2.Response | None:
        if "/shares" in request.url.path and request.method == method:
            sent.append(request)
            return httpx2.Response(status, json={"message": f"Refused {len(sent)} times."})
        return None

    server.before = before
    with pytest.raises(error, match="Refused 3 times"):
        dana.meetings.share(weekly, "chris@contoso.com", "Reader")
    assert len(sent) == 3


def test_a_share_whose_answers_are_all_lost(dana: Any, server: Watched, weekly: Meeting) -> None:
    def before(request: httpx2.Request) -> httpx2.Response | None:
        if "/shares" in request.url.path and request.method == "POST":
            raise httpx2.ReadError("lost")
        return None

    server.before = before
    with pytest.raises(AnswerLost):
        dana.meetings.share(weekly, "chris@contoso.com")


def test_a_server_that_shares_nothing(connect: Connect, server: Watched, weekly: Meeting) -> None:
    def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if not response.is_success:
            return response
        content = response.read()
        for name in (b'"sharedOnlineMeetings"', b'"onlineMeetingShares"'):
            content = content.replace(name, b'"else"')
        return httpx2.Response(response.status_code, content=content)

    server.after = after
    with connect(application_name="Another client") as dana:
        assert dana.meetings.shared() == []
        with pytest.raises(NotOffered, match="does not share meetings"):
            dana.meetings.share(weekly.id, "chris@contoso.com")
        with pytest.raises(NotOffered):
            dana.meetings.schedule(subject="For you", organizer="chris@contoso.com")


def test_an_editor_moves_a_meeting_and_two_moves_are_asked_about(
    dana: Any, chris: Any, weekly: Meeting
) -> None:
    dana.meetings.share(weekly, "chris@contoso.com")
    starts = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
    with dana.meetings.edit(weekly) as draft:
        draft.move(starts, starts.replace(minute=45))
    (shared,) = chris.meetings.shared()
    assert shared.schedule == draft.saved.schedule
    moved = chris.meetings.update(shared, starts=starts.replace(hour=14))
    assert moved.is_shared
    assert moved.ends == starts.replace(hour=14, minute=45)
    with pytest.raises(MeetingChanged) as conflict:
        dana.meetings.update(draft.saved, starts=starts.replace(hour=16))
    assert conflict.value.conflicting == ["onlineMeetingSchedule"]
    assert conflict.value.theirs.starts == starts.replace(hour=14)
    assert conflict.value.changed_by == CHRIS.uri
    assert str(conflict.value).startswith("Chris Barry has changed the meeting")
    dana.meetings.share(weekly, "chris@contoso.com", role=ShareRole.READER)
    with pytest.raises(Forbidden):
        chris.meetings.update(weekly.id, starts=starts.replace(hour=18))
    assert dana.meetings.get(weekly).schedule == moved.schedule
