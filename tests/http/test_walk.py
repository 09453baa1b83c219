"""The walk over all routes, as everybody: nobody gets more than what was granted.

Routes and methods are those that are declared, so that a new resource is part of the walk. What
each viewer gets follows from her role. Answers and errors in XML are compared each time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx2 import Response

from openucwa.http.routes import Routes
from openucwa.resources.all import REGISTRY
from openucwa.resources.path import ROOT
from openucwa.resources.resource import Audience, Resource
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import MeetingRole
from tests.http.test_conversation_logs import keep
from tests.http.test_delegates import add
from tests.http.test_guests import join, register
from tests.http.test_live_tree import ALEX
from tests.http.test_sharing import ROBIN, share
from tests.http.test_talks import Talker, connect
from tests.installation import CHRIS, DANA, DEPLOYMENT, JSON, Clock, Installation, Person, installed
from tests.live import Seat, guest, link

ROUTES: Routes[Resource[Any]] = Routes(
    ((*ROOT.strip("/").split("/"), *one.template.segments), one) for one in REGISTRY.resources
)
MANAGED = ("onlineMeetingShares", "onlineMeetingShare")
"""What only the organizer and her delegates see, of all that stands below a meeting."""
ABSENT = ("photo", "phoneDialInInformation", "dialInRegion")
"""What Dana has none of."""
MANAGERS_DO = [("sharedOnlineMeeting", "DELETE"), ("onlineMeetingAttendance", "DELETE")]
"""The same of methods."""
NOT_FOR_READERS = ("onlineMeetingAttendance", "onlineMeetingAttendanceRecord")
HERS = ("session", "myGroupMembership", *ABSENT)
"""What is not there for others."""
DIRECTORY = ("contact", "delegatesGroup", "groupContacts")
"""What has a key, and is there for every user of the organization: the groups are the viewer's."""
CONVERSATIONS = "applications/{application_id}/communication/"
"""Below it, what has a key is there for who takes part, and Dana alone is in her conversations."""
SELDOM = ("nextConversationLogTranscripts", "enableAudienceMessaging")
"""What Dana has in states alone that take long to bring about, or in which there is less else."""
NOT_FOR_GUESTS = ("contact", "startMessaging")
"""What guests have a use for, but not for this one, or in a meeting only."""
NOT_FOLLOWED = ("events", "batch")


class Viewer(Enum):
    """Somebody who walks, and her role in Dana's meeting."""

    STRANGER = (None,)
    READER = (MeetingRole.READER,)
    EDITOR = (MeetingRole.EDITOR,)
    DELEGATE = (MeetingRole.DELEGATE,)
    DELEGATE_WHOM_POLICY_FORBIDS_IT = (None, "forbidden")
    EDITOR_WHO_IS_DELEGATE = (MeetingRole.DELEGATE, "both")
    GUEST = (None, "guest")
    GUEST_OF_ANOTHER_MEETING = (None, "other guest")
    DISABLED = (None, "disabled")
    WITHOUT_TOKEN = (None, "no token")

    @property
    def role(self) -> MeetingRole | None:
        role: MeetingRole | None = self.value[0]
        return role

    @property
    def is_guest(self) -> bool:
        return self in (Viewer.GUEST, Viewer.GUEST_OF_ANOTHER_MEETING)

    @property
    def is_outside(self) -> bool:
        """True for who can't be anybody."""
        return self in (Viewer.DISABLED, Viewer.WITHOUT_TOKEN)


USERS = [one for one in Viewer if not (one.is_guest or one.is_outside)]


def expected(resource: Resource[Any], method: str, viewer: Viewer) -> int | None:
    """Return the status with which a request is refused, or None where it is not."""
    if viewer.is_outside:
        return 401 if viewer is Viewer.WITHOUT_TOKEN else 403
    is_for_guests = resource.audience is Audience.GUESTS
    if resource.audience is not Audience.EVERYBODY and viewer.is_guest is not is_for_guests:
        return 403
    if (resource.rel, method) == ("joinOnlineMeeting", "POST"):
        return 403 if viewer.is_guest else 404
    if (resource.rel, method) == ("addParticipant", "POST"):
        return 404  # the conversation is named in the query
    if viewer.is_guest and resource.rel in NOT_FOR_GUESTS:
        return 403
    if resource.path.startswith(CONVERSATIONS) and resource.template.has_keys:
        return 404
    if resource.shared_path or resource.rel in HERS:
        return 404  # at the organizer's own path
    if resource.twin_of is not None:
        return expected_of_shared(resource, method, viewer.role)
    if (resource.rel, method) == ("sharedOnlineMeetings", "POST"):
        return None if viewer.role is MeetingRole.DELEGATE else 403
    assert resource.rel in DIRECTORY or not resource.template.has_keys, resource.rel
    return None


def expected_of_shared(
    resource: Resource[Any], method: str, role: MeetingRole | None
) -> int | None:
    """Readers read, editors write, and delegates do all that the organizer can."""
    if role is None:
        return 404
    if role is MeetingRole.DELEGATE:
        return None
    if resource.rel in MANAGED or (resource.rel, method) in MANAGERS_DO:
        return 403
    is_hidden = method != "GET" or resource.rel in NOT_FOR_READERS
    return 403 if role is MeetingRole.READER and is_hidden else None


@dataclass
class Walk:
    """Dana's meeting with all that there can be below it, and who walks there."""

    installation: Installation
    viewer: Viewer

    def __post_init__(self) -> None:
        self.dana = self.installation.sign_in()
        self.meeting = self.dana.schedule(
            subject="Weekly",
            attendees=[ALEX.uri],
            leaders=[ROBIN.uri],
            startTime="2026-11-30T09:00Z",
            endTime="2026-11-30T09:45Z",
        )
        extensions = self.meeting["_links"]["onlineMeetingExtensions"]["href"]
        assert self.dana.post(extensions, json={"id": "notes"}).status_code == 201
        self.installation.sign_in(ROBIN)
        share(self.dana, self.meeting, ROBIN.uri)
        assert add(self.dana, ROBIN.uri).status_code == 201
        self.meet()
        self.talk()
        self.walker = self.let_in()
        id = self.meeting["onlineMeetingId"]
        self.keys = {
            rel: keys
            for rel, keys in self.crawled()
            if keys.get("online_meeting_id", id).upper() == id  # not of her standing meeting
        }
        self.keys["contact"] = {"address": "chris@contoso.com"}  # who is in none of her meetings

    def meet(self) -> None:
        """Let Dana lead a meeting with everybody in it, and wait in the lobby of another."""
        dana = Talker(self.dana)
        others = [Talker(self.installation.sign_in(one)) for one in (ROBIN, ALEX)]
        for one in (dana, *others, guest(self.installation, self.meeting)):
            one.join(self.meeting)
        for talker in (dana, *others):
            assert talker.use("addMessaging") == 201
        sent = dana.send("Welcome")
        href = link(dana.view(), "addParticipant")
        invited = self.dana.post(href, json={"to": "sip:lee@fabrikam.com"})
        assert invited.status_code == 201, invited.text
        locked = others[0].person.schedule(accessLevel="Locked")
        made = (sent.headers["Location"], invited.headers["Location"])
        self.known_to_dana = [*made, link(Seat(self.dana).join(locked), "self")]

    def talk(self) -> None:
        """Let Dana have a log of a talk with Alex, miss a call, and be called once more."""
        dana, alex = (
            Talker(one).available() for one in (self.dana, self.installation.sign_in(ALEX))
        )
        keep(dana)
        connect(dana, alex, to=ALEX.uri)
        assert alex.send("Hi").status_code == 201
        dana.leave()
        alex.call(to=DANA.uri)
        dana.ringing()
        alex.leave()
        dana.hear()
        alex.call(to=DANA.uri)
        self.known_to_dana.append(link(dana.ringing(), "self"))

    def let_in(self) -> Person:
        """Grant what the viewer is granted."""
        viewer = self.viewer
        if viewer.is_guest:
            met = self.meeting if viewer is Viewer.GUEST else self.dana.schedule()
            guest = join(self.installation, met)
            guest._application = register(guest)
            return guest
        chris = self.installation.sign_in(CHRIS)
        assert chris.application
        if viewer is Viewer.READER:
            share(self.dana, self.meeting, CHRIS.uri, role="Reader")
        if viewer in (Viewer.EDITOR, Viewer.EDITOR_WHO_IS_DELEGATE, Viewer.DISABLED):
            share(self.dana, self.meeting, CHRIS.uri)
        if "DELEGATE" in viewer.name or viewer is Viewer.DISABLED:
            assert add(self.dana, CHRIS.uri).status_code == 201
        if viewer is Viewer.DISABLED:
            self.installation.transact(disable)
        if viewer is Viewer.WITHOUT_TOKEN:
            chris.token = ""
        return chris

    def crawled(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield the keys of everything that Dana's application leads to, by rel."""
        waiting = [self.dana.href("self"), f"{ROOT}sessions", *self.known_to_dana]
        seen = set[str]()
        while waiting:
            href = waiting.pop()
            if href in seen:
                continue
            seen.add(href)
            match = ROUTES.match(href.partition("?")[0].encode())
            if match is None:
                continue
            yield match.endpoint.rel, match.keys
            answer = self.dana.get(href, Accept=JSON)
            if answer.status_code == 200 and "json" in answer.headers["Content-Type"]:
                waiting += linked(answer.json())

    def path(self, resource: Resource[Any], application: str) -> str:
        """Return the path of what is Dana's, below an application."""
        original = resource.twin_of or resource
        keys = {"organizer": "danab", "group_id": "delegates", "after": "0"}
        keys |= self.keys.get(original.rel, {})
        keys["application_id"] = application
        path = "/".join(
            keys.get(part.strip("{}"), "x") if part.startswith("{") else part
            for part in resource.template.segments
        )
        query = "&".join(f"{name}={keys[key]}" for key, name in resource.template.queried.items())
        return f"{ROOT}{path}" + (f"?{query}" if query else "")

    def ask(self, resource: Resource[Any], method: str, application: str) -> Iterator[Response]:
        """Send a request that changes nothing even where it is allowed: the ETag is a wrong one."""
        path, content = self.path(resource, application), {}
        if resource.rel == "sharedOnlineMeetings":
            content = {"organizer": DANA.uri}
        if resource.rel == "joinOnlineMeeting":
            content = {"onlineMeetingUri": "sip:nobody@contoso.com"}
        stale = {"If-Match": '"1"'}
        headers = {} if self.viewer is Viewer.WITHOUT_TOKEN else self.walker.authorization
        client = self.installation.client
        if method == "GET":
            yield client.get(path, headers=headers)
            yield client.head(path, headers=headers)
        elif method == "DELETE":
            yield client.delete(path, headers={**headers, **stale})
        else:
            yield client.request(method, path, json=content, headers=headers)
            if method == "PUT":
                yield client.put(path, json=content, headers={**headers, **stale})

    def own(self) -> str:
        """Return the id of the walker's application."""
        return self.walker.application["_links"]["self"]["href"].rpartition("/")[2]  # type: ignore[no-any-return]

    def known(self) -> list[str]:
        """What Dana sees of the meeting, with its shares, its time and its history."""
        here = self.meeting["_links"]["self"]["href"]
        parts = ("", "/shares", "/schedule", "/versions", "/extensions/notes")
        return [self.dana.get(f"{here}{part}", Accept=JSON).text for part in parts]


def linked(resource: Mapping[str, Any]) -> Iterator[str]:
    for rel, links in resource.get("_links", {}).items():
        if rel not in NOT_FOLLOWED:
            yield from (one["href"] for one in (links if isinstance(links, list) else [links]))
    for found in resource.get("_embedded", {}).values():
        for one in found if isinstance(found, list) else [found]:
            yield from linked(one)


def disable(tx: Transaction) -> None:
    """Disable Chris, as the command does."""
    user = tx.of(Users).by_uri(CHRIS.uri)
    assert user
    tx.of(Users).save(msgspec.structs.replace(user, disabled=True))
    tx.of(Tokens).revoke(user.id)


def methods() -> Iterator[tuple[Resource[Any], str]]:
    for resource in REGISTRY.resources:
        if resource.rel == "batch":
            yield resource, "POST"  # served apart
        elif resource.readable:
            yield resource, "GET"
        yield from ((resource, method) for method in resource.verbs)


@pytest.fixture(params=Viewer, ids=lambda one: one.name.lower())
def walk(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Walk]:
    allowed = request.param is not Viewer.DELEGATE_WHOM_POLICY_FORBIDS_IT
    policy = msgspec.structs.replace(
        DEPLOYMENT.policy("default"), delegates_change_meetings=allowed
    )
    deployment = msgspec.structs.replace(DEPLOYMENT, policies={"default": policy})
    with installed(tmp_path, clock, deployment) as installation:
        yield Walk(installation, request.param)


def test_walk(walk: Walk) -> None:
    """Below the viewer's own application with the keys of what is Dana's, and below Dana's."""
    before, own, wrong = walk.known(), walk.own(), []
    dana = walk.dana.href("self").rpartition("/")[2]
    for resource, method in methods():
        for answer in () if resource.is_entry else walk.ask(resource, method, dana):
            refused = (404,) if walk.viewer in USERS else (401, 403, 404)
            assert answer.status_code in refused, f"{method} {resource.name}"
        wanted = expected(resource, method, walk.viewer)
        for answer in walk.ask(resource, method, own):
            served = answer.status_code not in (401, 403, 404) and answer.status_code < 500
            if answer.status_code != wanted if wanted else not served:
                wrong.append(f"{method} {resource.name}: {answer.status_code}, not {wanted}")
    assert not wrong, "\n".join(wrong)
    assert walk.known()[1:] == before[1:]
    if walk.viewer.role not in (MeetingRole.EDITOR, MeetingRole.DELEGATE):
        assert walk.known() == before  # these have added an extension


def test_all_that_has_keys_is_walked_to(dana: Person, installation: Installation) -> None:
    """Dana has one of everything, or the walk would only look at what is not there."""
    walk = Walk(installation, Viewer.EDITOR_WHO_IS_DELEGATE)
    keyed = {one.rel for one in REGISTRY.resources if one.template.has_keys and not one.twin_of}
    assert keyed - walk.keys.keys() <= {*ABSENT, *SELDOM}
