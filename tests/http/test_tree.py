"""For everything that can be done: the old tree with the events applied equals the new tree."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openucwa.domain.people import Profile
from openucwa.resources.all import REGISTRY
from openucwa.store.belongings import Belongings
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.users import Users
from prove.tree import Follower
from tests.http import test_live_tree, test_talk_tree
from tests.http.test_sessions import sessions
from tests.http.test_sharing import ROBIN
from tests.installation import CHRIS, DANA, DEPLOYMENT, JSON, Clock, Installation, Person, installed

NOTES = {"id": "notes", "type": "RoamedOrganizerData", "z": "1"}


class Screen:
    """One of the user's applications, with a client that follows its events."""

    def __init__(self, person: Person) -> None:
        self.person = person
        package = person.get(person.href("events") + "&extended=true").json()
        self.next = package["_links"]["next"]["href"]
        self.follower = self.new()
        assert self.follower.tree

    def new(self) -> Follower:
        return Follower(self._get, self.person.href("self"))

    def _get(self, href: str) -> Mapping[str, Any] | None:
        # Trees are read hundreds of times. That XML tells the same is seen in other tests.
        answer = self.person.get(href, Accept=JSON)
        if answer.status_code in (404, 405):
            return None
        assert answer.status_code == 200, answer.text
        found: Mapping[str, Any] = answer.json()
        return found

    def check(self) -> int:
        """Hear what has happened, and compare. Returns how many events there were."""
        package = self.person.get(self.next).json()
        self.next = package["_links"]["next"]["href"]
        self.follower.apply(package)
        assert self.follower.tree == self.new().tree
        return sum(len(sender["events"]) for sender in package["sender"])


class Stage:
    """What is there before something is done: a meeting with an extension, and two screens."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.dana = installation.sign_in()
        self.meeting = self.dana.schedule(subject="Weekly")
        self.extension = self.extend(self.meeting)
        self.chris = installation.sign_in(CHRIS)
        self.share = self.share_with(CHRIS)
        self.screens = [Screen(self.dana), Screen(installation.sign_in())]
        self.others = [Screen(self.chris), Screen(installation.sign_in(CHRIS))]

    def share_with(self, profile: Profile) -> dict[str, Any]:
        href = self.meeting["_links"]["onlineMeetingShares"]["href"]
        answer = self.dana.post(href, json={"uri": profile.uri})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @property
    def shared(self) -> dict[str, Any]:
        """The meeting as it is shared with Chris."""
        there = self.chris.get(self.chris.href("onlineMeetings", "sharedOnlineMeetings")).json()
        found: dict[str, Any] = there["_embedded"]["sharedOnlineMeeting"][0]
        return found

    def extend(self, meeting: Mapping[str, Any], **more: str) -> dict[str, Any]:
        href = meeting["_links"]["onlineMeetingExtensions"]["href"]
        answer = self.dana.post(href, json={**NOTES, **more})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def merge(self, meeting: Mapping[str, Any]) -> None:
        href = meeting["_links"]["onlineMeetingMerge"]["href"]
        assert self.dana.post(href, json={**meeting, "subject": "Mine"}).status_code == 200

    def plan(self, meeting: Mapping[str, Any], hour: int = 9) -> None:
        """Give a meeting a time."""
        schedule = self.dana.get(meeting["_links"]["onlineMeetingSchedule"]["href"]).json()
        day = "2026-11-30T"
        self.put(schedule, startTime=f"{day}{hour:02}:00Z", endTime=f"{day}{hour:02}:45Z")

    def take_time_away(self, meeting: Mapping[str, Any]) -> None:
        self.plan(meeting)
        for screen in (*self.screens, *self.others):
            screen.check()
        assert self.dana.delete(meeting["_links"]["onlineMeetingSchedule"]["href"]).is_success

    @property
    def standing(self) -> dict[str, Any]:
        """The meeting that policy gives to everybody."""
        href = self.dana.href("onlineMeetings", "myAssignedOnlineMeeting")
        found: dict[str, Any] = self.dana.get(href).json()
        return found

    def put(self, resource: Mapping[str, Any], **changes: Any) -> None:
        assert self.dana.put({**resource, **changes}).status_code in (200, 204)

    def delete(self, resource: Mapping[str, Any]) -> None:
        assert self.dana.delete(resource["_links"]["self"]["href"]).status_code == 204

    def delegate(self, profile: Profile) -> dict[str, Any]:
        """Let somebody act for Dana."""
        self.installation.sign_in(profile)
        wanted = {"contactUri": profile.uri, "groupId": "delegates"}
        answer = self.dana.post(self.dana.href("people", "myGroupMemberships"), params=wanted)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def act_for(self, profile: Profile) -> dict[str, Any]:
        """Let Dana act for somebody."""
        boss = self.installation.sign_in(profile)
        wanted = {"contactUri": DANA.uri, "groupId": "delegates"}
        answer = boss.post(boss.href("people", "myGroupMemberships"), params=wanted)
        assert answer.status_code == 201, answer.text
        return {"boss": boss, "membership": answer.json()["_links"]["self"]["href"]}


Action = Callable[[Stage], object]


def remove_delegate(stage: Stage) -> None:
    membership = stage.delegate(CHRIS)
    for screen in stage.screens:
        screen.check()
    stage.delete(membership)


def act_for_one_after_the_other(stage: Stage) -> None:
    """The group of those for whom one acts comes with the first, and goes with the last."""
    first = stage.act_for(CHRIS)
    for screen in stage.screens:
        assert screen.check()
    second = stage.act_for(Profile(uri="sip:alex@contoso.com", name="Alex"))
    stage.screens[0].check()
    assert first["boss"].delete(first["membership"]).status_code == 204
    assert stage.screens[1].check()
    assert second["boss"].delete(second["membership"]).status_code == 204


def remove_somebody(stage: Stage) -> None:
    """Somebody who has acted for Dana, and for whom she has acted, is removed."""
    stage.delegate(CHRIS)
    stage.act_for(CHRIS)
    for screen in stage.screens:
        screen.check()

    def remove(tx: Any) -> None:
        tx.of(Belongings).remove(tx.of(Users).by_uri(CHRIS.uri))

    stage.installation.transact(remove)
    stage.others.clear()


def change_profile(stage: Stage) -> None:
    """Nobody else is told: the names of others stay as they were fetched, as those of contacts."""
    stage.others.clear()

    def change(tx: Any) -> None:
        user = tx.of(Users).by_uri("sip:dana@contoso.com")
        tx.of(Users).save(msgspec.structs.replace(user, name="Dana B.", title="", office="7"))

    stage.installation.transact(change)


def share_with_robin(stage: Stage) -> None:
    robin = stage.installation.sign_in(ROBIN)
    stage.others.append(Screen(robin))
    stage.share_with(ROBIN)


def act_for_dana(stage: Stage) -> None:
    """Chris becomes a delegate, and is told so."""
    stage.delegate(CHRIS)
    for screen in (*stage.screens, *stage.others):
        screen.check()


def keep_the_delegation(stage: Stage) -> None:
    act_for_dana(stage)
    stage.delete(stage.share)


def keep_the_share(stage: Stage) -> None:
    remove_delegate(stage)


def schedule_for_dana(stage: Stage) -> None:
    act_for_dana(stage)
    there = stage.chris.href("onlineMeetings", "sharedOnlineMeetings")
    answer = stage.chris.post(there, json={"organizer": DANA.uri, "subject": "For you"})
    assert answer.status_code == 201, answer.text


def cancel_for_dana(stage: Stage) -> None:
    act_for_dana(stage)
    assert stage.chris.delete(stage.shared["_links"]["self"]["href"]).status_code == 204


def change_shared(stage: Stage) -> None:
    assert stage.chris.put({**stage.shared, "subject": "Moved by Chris"}).status_code == 200


def let_in(stage: Stage) -> None:
    """A guest of the meeting registers an application."""
    granted = stage.installation.client.post(
        "/WebTicket/oauthtoken",
        data={
            "grant_type": "urn:microsoft.rtc:anonmeeting",
            "password": stage.meeting["onlineMeetingId"],
            "ms_rtc_conferenceuri": stage.meeting["onlineMeetingUri"],
        },
    )
    guest = Person(stage.installation, granted.json()["access_token"])
    registration = {"userAgent": "test", "culture": "en-US"}
    answer = guest.post("/ucwa/oauth/v1/anonApplications", json=registration)
    assert answer.status_code == 201, answer.text


def end_session(stage: Stage) -> None:
    """A third sign-in of hers ends, with its application."""
    before = sessions(stage.dana)
    stage.installation.sign_in().register()
    (third,) = (one for one in sessions(stage.dana) if one not in before)
    stage.delete(third)


def remove_expired(stage: Stage) -> None:
    expiring = stage.dana.schedule(expirationTime="2026-11-23T12:00:00Z")
    stage.extend(expiring)
    for screen in (*stage.screens, *stage.others):
        screen.check()
    later = timedelta(days=1) + DEPLOYMENT.lifetimes.meeting_grace

    def remove(tx: Any) -> None:
        assert tx.of(Meetings).sweep(tx.now + later)

    stage.installation.transact(remove)


def back_and_forth(stage: Stage) -> None:
    """Much happens before anybody asks."""
    for _ in range(3):
        stage.delete(stage.extension)
        stage.extension = stage.extend(stage.meeting, z="2")
    for hour in (9, 10):
        stage.plan(stage.meeting, hour)
    stage.meeting = stage.dana.get(stage.meeting["_links"]["self"]["href"]).json()
    stage.put(stage.meeting, subject="Moved")
    gone = stage.dana.schedule()
    stage.extend(gone)
    stage.put(gone, subject="Moved")
    stage.delete(gone)
    stage.delete(stage.standing)
    stage.dana.register(instanceId="tab")
    stage.delete(stage.meeting)


def make_available(stage: Stage) -> None:
    answer = stage.dana.post(stage.dana.href("me", "makeMeAvailable"), json={"signInAs": "Online"})
    assert answer.status_code == 204, answer.text


def of_me(rel: str, **wanted: str) -> Action:
    """Return what uses a link of `me` that is there for those who are available."""

    def use(stage: Stage) -> None:
        make_available(stage)
        me = stage.dana.get(stage.dana.href("me", "self")).json()
        answer = stage.dana.post(me["_links"][rel]["href"], json=wanted)
        assert answer.status_code == 204, answer.text

    return use


def forget_attendance(stage: Stage) -> None:
    stage.delete(stage.dana.get(stage.meeting["_links"]["onlineMeetingAttendance"]["href"]).json())


BY_VERB: Mapping[tuple[str, str], Action] = {
    ("applications", "POST"): lambda stage: stage.dana.register(instanceId="tab"),
    ("application", "DELETE"): lambda stage: stage.delete(
        stage.dana.register(instanceId="tab").json()
    ),
    ("anonApplications", "POST"): let_in,
    ("communication", "PUT"): lambda stage: stage.put(
        stage.dana.application["_embedded"]["communication"], phoneNumber="tel:+14255550101"
    ),
    ("myOnlineMeetings", "POST"): lambda stage: stage.dana.schedule(subject="New"),
    ("myOnlineMeeting", "PUT"): lambda stage: stage.put(stage.meeting, subject="Moved"),
    ("myOnlineMeeting", "DELETE"): lambda stage: stage.delete(stage.meeting),
    ("onlineMeetingMerge", "POST"): lambda stage: stage.merge(stage.meeting),
    ("onlineMeetingSchedule", "PUT"): lambda stage: stage.plan(stage.meeting),
    ("onlineMeetingSchedule", "DELETE"): lambda stage: stage.take_time_away(stage.meeting),
    ("onlineMeetingExtensions", "POST"): lambda stage: stage.extend(stage.meeting, id="more"),
    ("onlineMeetingExtension", "PUT"): lambda stage: stage.put(stage.extension, z="2"),
    ("onlineMeetingExtension", "DELETE"): lambda stage: stage.delete(stage.extension),
    ("onlineMeetingShares", "POST"): share_with_robin,
    ("onlineMeetingShare", "PUT"): lambda stage: stage.put(stage.share, role="Reader"),
    ("onlineMeetingShare", "DELETE"): lambda stage: stage.delete(stage.share),
    ("sharedOnlineMeetings", "POST"): schedule_for_dana,
    ("sharedOnlineMeeting", "PUT"): change_shared,
    ("sharedOnlineMeeting", "DELETE"): cancel_for_dana,
    ("session", "DELETE"): end_session,
    ("myGroupMemberships", "POST"): lambda stage: stage.delegate(CHRIS),
    ("myGroupMembership", "DELETE"): remove_delegate,
    ("makeMeAvailable", "POST"): make_available,
    ("reportMyActivity", "POST"): of_me("reportMyActivity"),
    ("presence", "POST"): of_me("presence", availability="Busy"),
    ("note", "POST"): of_me("note", message="In Berlin"),
    ("location", "POST"): of_me("location", location="Berlin"),
    ("onlineMeetingAttendance", "DELETE"): forget_attendance,
}
"""What each verb does."""
OTHERWISE: Mapping[str, Action] = {
    "standing meeting updated": lambda stage: stage.put(stage.standing, subject="Office hours"),
    "standing meeting deleted": lambda stage: stage.delete(stage.standing),
    "standing meeting planned": lambda stage: stage.plan(stage.standing),
    "meeting scheduled with a time": lambda stage: stage.dana.schedule(
        startTime="2026-11-30T09:00Z", endTime="2026-11-30T09:45Z"
    ),
    "standing meeting extended": lambda stage: stage.extend(stage.standing),
    "profile changed": change_profile,
    "expired meeting removed": remove_expired,
    "much at a time": back_and_forth,
    "acting for others": act_for_one_after_the_other,
    "a delegate removed as a user": remove_somebody,
    "a share of a delegate removed": keep_the_delegation,
    "a delegate with a share removed": keep_the_share,
}
SILENT = {
    ("applications", "POST"),
    ("application", "DELETE"),
    ("anonApplications", "POST"),
    ("onlineMeetingMerge", "POST"),
    ("session", "DELETE"),
    ("onlineMeetingAttendance", "DELETE"),
}
"""What changes nothing that another application, or another instance, can see."""


def test_every_verb_is_there() -> None:
    """A new verb comes with what it does to the tree."""
    verbs = {(one.rel, method) for one in REGISTRY.resources for method in one.verbs}
    assert verbs == {*BY_VERB, *test_live_tree.BY_VERB, *test_talk_tree.BY_VERB}


@pytest.fixture
def stage(installation: Installation) -> Stage:
    return Stage(installation)


@pytest.mark.parametrize("verb", BY_VERB, ids=" ".join)
def test_verbs(stage: Stage, verb: tuple[str, str]) -> None:
    BY_VERB[verb](stage)
    heard = [screen.check() for screen in stage.screens]
    assert any(heard) == (verb not in SILENT)
    for screen in stage.others:
        screen.check()


@pytest.mark.parametrize("what", OTHERWISE)
def test_what_else_happens(stage: Stage, what: str) -> None:
    OTHERWISE[what](stage)
    heard = [screen.check() for screen in stage.screens]
    assert all(heard)
    for screen in stage.others:
        screen.check()


@pytest.mark.parametrize("first", [*BY_VERB.values(), *OTHERWISE.values()])
def test_one_thing_after_another(stage: Stage, first: Action) -> None:
    """Told one by one it comes to the same as all at a time."""
    stage.put(stage.meeting, subject="Before")
    stage.meeting = stage.dana.get(stage.meeting["_links"]["self"]["href"]).json()
    stage.screens[0].check()
    first(stage)
    for screen in (*stage.screens, *stage.others):
        screen.check()


def test_a_delegate_hears_of_a_new_standing_meeting(installation: Installation) -> None:
    """It is made when the organizer, who has cancelled hers, signs in the next time."""
    stage = Stage(installation)
    stage.delegate(CHRIS)
    stage.delete(stage.standing)
    for screen in stage.screens:
        screen.person.delete(screen.person.href("self"))
    for screen in stage.others:
        screen.check()
    installation.sign_in().register()
    assert [screen.check() for screen in stage.others] == [1, 1]


def test_standing_meeting_assigned(tmp_path: Path, clock: Clock) -> None:
    """To a user who had none, when the policy has changed and she signs in the next time."""
    policy = msgspec.structs.replace(DEPLOYMENT.policy("default"), assigned_meeting=False)
    without = msgspec.structs.replace(DEPLOYMENT, policies={"default": policy})
    with installed(tmp_path, clock, without) as installation:
        dana = installation.sign_in()
        assert "myAssignedOnlineMeeting" not in dana.application["_embedded"]["onlineMeetings"]
    with installed(tmp_path, clock) as installation:
        dana.installation = installation
        screen = Screen(dana)
        assert screen.check() == 0
        installation.sign_in().register()
        assert screen.check() == 3
        dashboard = dana.get(dana.href("onlineMeetings", "self")).json()
        assert "myAssignedOnlineMeeting" in dashboard["_links"]
