"""Meetings in the client: scheduled, edited by two without losing anything, cancelled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from openucwa.client import (
    Meeting,
    MeetingChanged,
    MeetingGone,
    MeetingNotFound,
    PreconditionFailed,
)
from openucwa.client.resource import Resource
from openucwa.domain.applications import Application
from openucwa.domain.meetings import is_assigned
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import AccessLevel, LobbyBypassForPhoneUsers
from tests.client.conftest import Connect
from tests.client.watched import Watched
from tests.installation import DANA

EXPIRES = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)


@pytest.fixture
def weekly(phone: Any) -> Meeting:
    meeting: Meeting = phone.schedule(
        subject="Weekly",
        description="What is done.\n\nWhat comes next.\n",
        attendees=["chris@contoso.com", "sip:Alex@contoso.com"],
        expires=EXPIRES,
    )
    return meeting


def test_scheduled_meeting_is_as_was_asked(phone: Any, laptop: Any, weekly: Meeting) -> None:
    assert weekly.subject == "Weekly"
    assert weekly.attendees == ("sip:chris@contoso.com", "sip:Alex@contoso.com")
    assert weekly.expires == EXPIRES
    assert weekly.access_level is AccessLevel.SAME_ENTERPRISE
    assert weekly.join_url.startswith("https://meet.contoso.com/")
    assert laptop.get(weekly.id) == weekly
    assert laptop.get(weekly.id.lower()).properties == weekly.properties
    assert laptop.get(weekly).etag == weekly.etag


def test_list_has_all_meetings(phone: Any, laptop: Any, server: Watched, weekly: Meeting) -> None:
    other = phone.schedule(subject="Budget")
    laptop.list()  # which leads to the application
    before = len(server.seen)
    listed = {one.id: one for one in laptop.list() if not one.is_standing}
    assert len(server.seen) - before <= 2
    assert listed.keys() == {weekly.id, other.id}
    assert listed[weekly.id] == laptop.get(weekly.id)


@pytest.mark.parametrize("flavour", ["sync"], indirect=True)  # one is like the other, and slow
def test_thousand_meetings_come_with_one_request(
    phone: Any, server: Watched, weekly: Meeting
) -> None:
    """After the one that leads there."""

    def fill(tx: Transaction) -> None:
        dana = tx.of(Users).by_uri(DANA.uri)
        assert dana
        found = next(one for one in tx.of(Meetings).of(dana.id) if not is_assigned(one))
        by = Application(
            id=1,
            user_id=dana.id,
            version=1,
            last_seen_at=tx.now,
            user_agent="test",
            endpoint_id="test",
            culture="en-US",
        )
        for _ in range(999):
            tx.of(Meetings).add(found.online_meeting_rel, found.details, by=by)

    server.installation.transact(fill)
    before = len(server.seen)
    assert len([one for one in phone.list() if not one.is_standing]) == 1000
    assert len(server.seen) - before == 1


def test_meeting_that_is_not_there(phone: Any, weekly: Meeting) -> None:
    with pytest.raises(MeetingNotFound, match="PYC58WSX"):
        phone.get("PYC58WSX")
    phone.cancel(weekly)
    with pytest.raises(MeetingNotFound, match=weekly.id):
        phone.get(weekly.id)
    with pytest.raises(MeetingNotFound):
        phone.cancel(weekly.id)


def test_edit_saves_at_the_end_of_the_block(phone: Any, laptop: Any, weekly: Meeting) -> None:
    with phone.edit(weekly.id) as draft:
        draft.subject = "Q3 review"
        draft.attendees.remove("chris@contoso.com")
        draft.expires = EXPIRES + timedelta(hours=1)
        assert laptop.get(weekly.id).subject == "Weekly"
    assert draft.saved == laptop.get(weekly.id)
    assert draft.outcome.kept == ()
    assert (draft.saved.subject, draft.saved.attendees) == ("Q3 review", ("sip:Alex@contoso.com",))
    assert draft.saved.expires == EXPIRES + timedelta(hours=1)


def test_block_that_raises_saves_nothing(phone: Any, weekly: Meeting) -> None:
    def edit() -> None:
        with phone.edit(weekly.id) as draft:
            draft.subject = "Q3 review"
            raise RuntimeError

    raised(RuntimeError, edit)
    assert phone.get(weekly.id) == weekly


def test_draft_without_changes_is_not_sent(phone: Any, server: Watched, weekly: Meeting) -> None:
    with phone.edit(weekly) as draft:
        draft.subject = "Weekly"
        before = len(server.seen)
    assert len(server.seen) == before
    assert draft.saved == weekly


def test_two_who_change_different_things_both_keep_their_work(
    phone: Any, laptop: Any, weekly: Meeting
) -> None:
    with phone.edit(weekly.id) as mine, laptop.edit(weekly.id) as theirs:
        mine.subject = "Q3 review"
        mine.attendees.add("lenea@contoso.com")
        mine.description = "What is done.\n\nWhat comes next.\nLunch.\n"
        theirs.attendees.remove("chris@contoso.com")
        theirs.access_level = AccessLevel.EVERYONE
        theirs.description = "What was done.\n\nWhat comes next.\n"
    now = phone.get(weekly.id)
    assert mine.saved == now
    assert now.subject == "Q3 review"
    assert now.attendees == ("sip:Alex@contoso.com", "sip:lenea@contoso.com")
    assert now.access_level is AccessLevel.EVERYONE
    assert now.description == "What was done.\n\nWhat comes next.\nLunch.\n"
    assert set(mine.outcome.kept) == {"accessLevel", "attendees", "description"}
    assert mine.outcome.by == "sip:Dana@contoso.com"
    assert mine.outcome.at is not None
    assert mine.outcome.tries == 2


def clash(phone: Any, laptop: Any, weekly: Meeting, **how: Any) -> Any:
    """What the phone is told when both change the subject, and the laptop the access, too."""

    def edit() -> None:
        with phone.edit(weekly.id, **how) as mine:
            laptop.update(weekly.id, subject="Weekly (moved)", access_level=AccessLevel.EVERYONE)
            mine.subject = "Q3 review"
            mine.attendees.add("lenea@contoso.com")

    return raised(MeetingChanged, edit)


def test_clash_is_told_with_the_three_versions(phone: Any, laptop: Any, weekly: Meeting) -> None:
    conflict = clash(phone, laptop, weekly)
    assert conflict.base == weekly
    assert conflict.theirs == laptop.get(weekly.id)
    assert conflict.mine["subject"] == "Q3 review"
    assert conflict.conflicting == ["subject"]
    assert conflict.conflicts["subject"].theirs == "Weekly (moved)"
    assert conflict.merged["accessLevel"] == "Everyone"
    assert "sip:lenea@contoso.com" in conflict.merged["attendees"]
    assert conflict.changed_by == "sip:Dana@contoso.com"
    assert conflict.changed_at is not None
    assert conflict.change.by_name == "Dana Birkby"
    assert conflict.change.application == "Calendar on laptop"
    assert conflict.change.changed == ("accessLevel", "subject")
    assert (
        str(conflict)
        == "Dana Birkby has changed the meeting in the meantime. Your changes conflict in: subject."
    )


@pytest.mark.parametrize(
    ("choice", "subject"),
    [
        ({"subject": "mine"}, "Q3 review"),
        ({"subject": "theirs"}, "Weekly (moved)"),
        ({"values": {"subject": "Both"}}, "Both"),
        ({"default": "mine"}, "Q3 review"),
    ],
)
def test_clash_is_resolved(
    loop: Any, phone: Any, laptop: Any, weekly: Meeting, choice: dict[str, Any], subject: str
) -> None:
    """What does not clash is kept, whatever was chosen."""
    conflict = clash(phone, laptop, weekly)
    saved = finished(loop, conflict.resolve(**choice))
    assert saved == laptop.get(weekly.id)
    assert saved.subject == subject
    assert saved.access_level is AccessLevel.EVERYONE
    assert "sip:lenea@contoso.com" in saved.attendees


def test_choice_has_to_be_made_for_every_clash(
    loop: Any, phone: Any, laptop: Any, weekly: Meeting
) -> None:
    conflict = clash(phone, laptop, weekly)
    with pytest.raises(ValueError, match="The conflict of subject is not resolved"):
        finished(loop, conflict.resolve())
    with pytest.raises(ValueError, match="attendees is not in conflict"):
        finished(loop, conflict.resolve(subject="mine", attendees="mine"))
    with pytest.raises(ValueError, match="can be 'mine' or 'theirs'"):
        finished(loop, conflict.resolve(subject="ours"))
    assert laptop.get(weekly.id) == conflict.theirs


def test_meeting_that_changes_again_while_a_clash_is_resolved(
    loop: Any, phone: Any, laptop: Any, weekly: Meeting
) -> None:
    conflict = clash(phone, laptop, weekly)
    laptop.update(weekly.id, subject="Weekly (moved again)", description="New.")
    again = raised(MeetingChanged, lambda: finished(loop, conflict.resolve(subject="mine")))
    assert again.conflicts["subject"].base == "Weekly (moved)"
    assert again.conflicts["subject"].theirs == "Weekly (moved again)"
    saved = finished(loop, again.resolve(subject="mine"))
    assert (saved.subject, saved.description) == ("Q3 review", "New.")
    assert "sip:lenea@contoso.com" in saved.attendees


@pytest.mark.parametrize(
    ("strategy", "subject"), [("mine", "Q3 review"), ("theirs", "Weekly (moved)")]
)
def test_strategy_decides_what_clashes(
    phone: Any, laptop: Any, weekly: Meeting, strategy: str, subject: str
) -> None:
    """And nothing else: what does not clash is kept of both."""
    with phone.edit(weekly.id, on_conflict=strategy) as mine:
        laptop.update(weekly.id, subject="Weekly (moved)", access_level=AccessLevel.EVERYONE)
        mine.subject = "Q3 review"
        mine.attendees.add("lenea@contoso.com")
    now = laptop.get(weekly.id)
    assert now.subject == subject
    assert now.access_level is AccessLevel.EVERYONE
    assert "sip:lenea@contoso.com" in now.attendees


def test_strategy_fail_refuses_what_could_be_merged(
    loop: Any, phone: Any, laptop: Any, weekly: Meeting
) -> None:
    def edit() -> None:
        with phone.edit(weekly, on_conflict="fail") as mine:
            laptop.update(weekly.id, subject="Weekly (moved)")
            mine.description = "Lunch."

    conflict = raised(MeetingChanged, edit)
    assert conflict.conflicting == []
    assert laptop.get(weekly.id).description == weekly.description
    saved = finished(loop, conflict.resolve())
    assert (saved.subject, saved.description) == ("Weekly (moved)", "Lunch.")


def test_who_gets_in_is_decided_together(phone: Any, laptop: Any, weekly: Meeting) -> None:
    def edit() -> None:
        with phone.edit(weekly.id) as mine:
            laptop.update(weekly.id, access_level=AccessLevel.LOCKED)
            mine.lobby_bypass_for_phone_users = LobbyBypassForPhoneUsers.ENABLED

    assert set(raised(MeetingChanged, edit).conflicting) == {
        "accessLevel",
        "lobbyBypassForPhoneUsers",
    }


@pytest.mark.parametrize("strategy", ["mine", "theirs"])
def test_a_clash_about_one_person_loses_nobody_else(
    phone: Any, laptop: Any, weekly: Meeting, strategy: str
) -> None:
    """I make Alex a leader, they uninvite him; each of us invites somebody else, too."""
    with phone.edit(weekly.id, on_conflict=strategy) as mine:
        laptop.update(weekly.id, attendees=["chris@contoso.com", "theirs@contoso.com"])
        mine.leaders.add("alex@contoso.com")
        mine.attendees.add("mine@contoso.com")
    names = {one.partition(":")[2].partition("@")[0].lower() for one in mine.saved.attendees}
    assert names - {"alex"} == {"chris", "mine", "theirs"}
    assert ("alex" in names) is (strategy == "mine")


def test_same_change_of_both_is_no_conflict(phone: Any, laptop: Any, weekly: Meeting) -> None:
    with phone.edit(weekly.id) as mine:
        theirs = laptop.update(weekly.id, subject="Q3 review")
        mine.subject = "Q3 review"
    assert mine.saved == theirs
    assert mine.outcome.tries == 1


def test_meeting_that_was_deleted_is_not_made_again(
    loop: Any, phone: Any, laptop: Any, weekly: Meeting
) -> None:
    def edit() -> None:
        with phone.edit(weekly.id) as mine:
            laptop.cancel(weekly.id)
            mine.subject = "Q3 review"

    deleted = raised(MeetingGone, edit)
    assert [one for one in phone.list() if not one.is_standing] == []
    assert "Schedule it again" in str(deleted)
    anew = finished(loop, deleted.schedule_anew())
    assert anew.id != weekly.id
    assert (anew.subject, anew.attendees) == ("Q3 review", weekly.attendees)


def test_standing_meeting_is_merged_like_any(phone: Any, laptop: Any, server: Watched) -> None:
    (standing,) = (one for one in phone.list() if one.is_standing)
    with phone.edit(standing) as mine:
        laptop.update(standing.id, description="Lunch.")
        mine.subject = "Dana's room"
    assert mine.outcome.kept == ("description",)
    assert mine.outcome.by == "sip:Dana@contoso.com"
    assert mine.saved.is_standing
    assert mine.saved == laptop.get(standing.id)
    back = phone.restore(standing, standing.etag)
    assert (back.subject, back.description, back.expires) == (standing.subject, "", None)


def test_draft_can_be_saved_again(phone: Any, laptop: Any, weekly: Meeting) -> None:
    """It goes on from what was saved, with what others had changed."""
    draft = phone.draft(weekly)
    people = draft.attendees
    draft.subject = "Q3 review"
    laptop.update(weekly.id, description="Lunch.", attendees=["chris@contoso.com"])
    first = phone.save(draft)
    assert (draft.base, draft.changes(), draft.description) == (first, {}, "Lunch.")
    assert draft.outcome.kept == ("attendees", "description")
    attendees, description = draft.outcome.changes
    assert set(attendees.removed) == set(weekly.attendees) - {"sip:chris@contoso.com"}
    assert (description.before, description.after) == (weekly.description, "Lunch.")
    draft.subject = "Q4 review"
    people.add("lenea@contoso.com")
    second = phone.save(draft)
    assert draft.outcome.tries == 1
    assert phone.save(draft) == second
    assert draft.outcome.tries == 1
    now = laptop.get(weekly.id)
    assert now == second
    assert (now.subject, now.description) == ("Q4 review", "Lunch.")
    assert now.attendees == ("sip:chris@contoso.com", "sip:lenea@contoso.com")


def test_strategy_that_is_none_is_refused_before_anything_is_done(
    phone: Any, server: Watched, weekly: Meeting
) -> None:
    """A misspelt one would undo the work of one of the two."""
    before = len(server.seen)
    draft = phone.draft(weekly)
    draft.subject = "Q3 review"
    calls: list[Callable[[], object]] = [
        lambda: phone.edit(weekly, on_conflict="Merge"),
        lambda: phone.update(weekly.id, on_conflict="ours", subject="Q3 review"),
        lambda: phone.save(draft, on_conflict="yours"),
    ]
    for call in calls:
        with pytest.raises(
            ValueError, match="on_conflict must be one of merge, fail, mine, theirs"
        ):
            call()
    assert len(server.seen) == before


def test_strategy_fail_lets_pass_what_changes_nothing(
    phone: Any, laptop: Any, weekly: Meeting
) -> None:
    with phone.edit(weekly, on_conflict="fail") as mine:
        laptop.update(weekly.id, subject="Weekly (moved)")
        laptop.update(weekly.id, subject="Weekly")
        mine.description = "Lunch."
    assert laptop.get(weekly.id).description == "Lunch."


def test_meeting_that_is_there_is_not_taken_for_deleted(
    phone: Any, server: Watched, weekly: Meeting
) -> None:
    """Its old address may lead nowhere, in the application that took the place of an old one."""
    gone: list[httpx2.Request] = []

    def before(request: httpx2.Request) -> httpx2.Response | None:
        if request.method == "PUT" and not gone:
            gone.append(request)
            return httpx2.Response(404, json={"code": "NotFound"})
        return None

    server.before = before
    assert phone.update(weekly, on_conflict="fail", subject="Q3 review").subject == "Q3 review"
    assert gone


def test_meeting_without_a_version_is_compared_before_it_is_saved(
    phone: Any, laptop: Any, weekly: Meeting
) -> None:
    """Without its ETag nothing would hold the server from undoing the work of others."""
    raw = {name: value for name, value in weekly.resource.raw.items() if name != "etag"}
    nameless = Meeting(Resource.parse(raw))
    assert nameless.etag is None
    laptop.update(weekly.id, subject="Weekly (moved)")
    assert phone.update(nameless, description="Lunch.").subject == "Weekly (moved)"
    with pytest.raises(MeetingChanged):
        phone.update(nameless, subject="Q3 review")


def test_tag_may_come_with_its_quotes(phone: Any, laptop: Any, weekly: Meeting) -> None:
    """As in the header."""
    moved = laptop.update(weekly.id, subject="Weekly (moved)")
    assert phone.update(weekly, if_match=f'"{weekly.etag}"', description="1").description == "1"
    assert phone.version(weekly, f'W/"{moved.etag}"').details["subject"] == "Weekly (moved)"
    assert phone.update(weekly.id, if_match="*", subject="Q3 review").subject == "Q3 review"


def test_meeting_without_an_id_is_none(phone: Any, weekly: Meeting) -> None:
    with pytest.raises(MeetingNotFound):
        phone.get("")


def test_meeting_that_was_got_earlier_is_the_base(phone: Any, laptop: Any, weekly: Meeting) -> None:
    """However long ago, and in another process."""
    kept = Meeting.from_json(weekly.to_json())
    laptop.update(weekly.id, description="New.")
    assert phone.update(kept, subject="Q3 review").description == "New."
    with pytest.raises(MeetingChanged):
        phone.update(kept, subject="Q4 review")


def test_cancelling_a_version(phone: Any, laptop: Any, weekly: Meeting) -> None:
    changed = laptop.update(weekly.id, subject="Weekly (moved)")
    with pytest.raises(PreconditionFailed):
        phone.cancel(weekly, if_match=weekly.etag)
    with pytest.raises(PreconditionFailed):
        phone.cancel(weekly, if_match="\N{EURO SIGN}")  # what another server's tag may hold
    phone.cancel(weekly, if_match=changed.etag)
    with pytest.raises(MeetingNotFound):
        laptop.get(weekly.id)


def test_client_knows_its_user(connect: Connect) -> None:
    with connect() as client:
        me = client.me()
    assert (me.uri, me.name, me.title) == ("sip:Dana@contoso.com", "Dana Birkby", "Project lead")
    assert me.email_addresses == ("danab@contoso.com",)
    assert me.company == ""


def test_what_may_be_chosen(phone: Any) -> None:
    assert phone.defaults().access_level is AccessLevel.SAME_ENTERPRISE
    assert AccessLevel.EVERYONE in phone.eligible().access_levels
    assert phone.policies().meeting_size > 0
    assert phone.dial_in() is None
    assert phone.invitation_texts().footer == ""


def raised(expected: type[Exception], action: Callable[[], object]) -> Any:
    """What an action raises; its methods are those of either flavour."""
    with pytest.raises(expected) as caught:
        action()
    return caught.value


def finished(loop: Any, result: Any) -> Any:
    """What an exception's method comes to, in either flavour."""

    async def wait() -> Any:
        return await result

    return loop.call(wait) if hasattr(result, "__await__") else result
