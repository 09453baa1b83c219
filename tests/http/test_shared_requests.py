"""Requests about shared meetings that are wrong, or come in another way; and people who leave."""

import json
from typing import Any

import msgspec
import pytest
from httpx2 import Response

from openucwa.domain.people import Profile
from openucwa.store.belongings import Belongings
from openucwa.store.tables import meetings as table
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.shares import Shares
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import OnlineMeetingRel, ShareRole
from tests.http import test_batch as batches
from tests.http.test_delegates import add
from tests.http.test_sharing import ROBIN, link, share, shared
from tests.http.test_tree import Screen
from tests.installation import CHRIS, DANA, XML, Installation, Person
from tests.store.memory import application, details

NAMESPACE = "http://schemas.microsoft.com/rtc/2012/03/ucwa"


@pytest.fixture
def chris(installation: Installation) -> Person:
    return installation.sign_in(CHRIS)


@pytest.fixture
def meeting(dana: Person, chris: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly")


def in_xml(
    person: Person, method: str, href: str, *, if_match: str = "", **values: str
) -> Response:
    """Send an input in XML."""
    content = "".join(
        f'<property name="{name}">{value}</property>' for name, value in values.items()
    )
    headers = {"Content-Type": XML, "Accept": XML}
    if if_match:
        headers["If-Match"] = f'"{if_match}"'
    body = f'<input xmlns="{NAMESPACE}">{content}</input>'
    return person.request(method, href, content=body, headers=headers)


def disable(installation: Installation, profile: Profile) -> None:
    """As the command does."""

    def change(tx: Transaction) -> None:
        user = tx.of(Users).by_uri(profile.uri)
        assert user
        tx.of(Users).save(msgspec.structs.replace(user, disabled=True))
        tx.of(Tokens).revoke(user.id)

    installation.transact(change)


def remove(installation: Installation, profile: Profile) -> None:
    """As the command does."""
    installation.transact(lambda tx: tx.of(Belongings).remove(tx.of(Users).by_uri(profile.uri)))


class TestPeopleWhoLeave:
    def test_shares_go_with_a_person(
        self, installation: Installation, dana: Person, meeting: dict[str, Any]
    ) -> None:
        given = share(dana, meeting)
        screen = Screen(dana)
        remove(installation, CHRIS)
        assert screen.check() > 0
        assert dana.get(link(given, "self")).status_code == 404
        assert "_embedded" not in dana.get(link(meeting, "onlineMeetingShares")).json()
        assert dana.get(link(meeting, "self")).json()["etag"] == meeting["etag"]
        installation.add_user(CHRIS)  # somebody else of the same name has nothing of it
        assert shared(installation.sign_in(CHRIS)) == []
        share(dana, meeting)

    def test_meetings_go_with_their_organizer(
        self, installation: Installation, dana: Person, chris: Person, meeting: dict[str, Any]
    ) -> None:
        share(dana, meeting)
        (found,) = shared(chris)
        screen = Screen(chris)
        remove(installation, DANA)
        assert screen.check() > 0
        assert shared(chris) == []
        answer = chris.put({**found, "subject": "Moved"})
        assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")

    def test_an_organizer_who_is_disabled_is_stood_in_for(
        self, installation: Installation, dana: Person, chris: Person, meeting: dict[str, Any]
    ) -> None:
        robin = installation.sign_in(ROBIN)
        share(dana, meeting)
        assert add(dana, ROBIN.uri).status_code == 201
        (found,) = shared(chris)
        disable(installation, DANA)
        assert dana.get(link(meeting, "self")).status_code == 403
        answer = chris.put({**found, "subject": "Moved"})
        assert answer.status_code == 200, answer.text
        (seen,) = scheduled(robin)
        assert (seen["subject"], seen["myRole"]) == ("Moved", "Delegate")
        assert robin.delete(link(seen, "self")).status_code == 204

    def test_who_is_disabled_keeps_her_share_and_can_be_given_one(
        self, installation: Installation, dana: Person, chris: Person, meeting: dict[str, Any]
    ) -> None:
        """She may be let in again. Until then her token opens nothing."""
        share(dana, meeting)
        (found,) = shared(chris)
        disable(installation, CHRIS)
        assert chris.put({**found, "subject": "Moved"}).status_code == 403
        share(dana, dana.schedule(subject="Other"))
        assert dana.get(link(meeting, "self")).json()["subject"] == "Weekly"


class TestWrong:
    @pytest.mark.parametrize(
        ("organizer", "status", "said"),
        [
            (None, 400, "is missing"),
            ("", 400, "must be the SIP address"),
            ("Dana", 400, "must be the SIP address"),
            ("sip:nobody@contoso.com", 400, "is not a user"),
            ("sip:alex@fabrikam.com", 400, "is not an address of contoso.com"),
            (DANA.uri, 403, "You don't act for Dana Birkby"),
            ("DANA@contoso.com", 403, "You don't act for Dana Birkby"),
            (CHRIS.uri, 400, "is you"),
        ],
    )
    def test_organizer(
        self, dana: Person, chris: Person, organizer: str | None, status: int, said: str
    ) -> None:
        href = chris.href("onlineMeetings", "sharedOnlineMeetings")
        body = {"subject": "For you"} | ({} if organizer is None else {"organizer": organizer})
        answer = chris.post(href, json=body)
        assert answer.status_code == status, answer.text
        assert said in answer.json()["message"]
        assert "_embedded" not in dana.get(dana.meetings).json() or not dana.get(
            dana.meetings
        ).json()["_embedded"].get("myOnlineMeeting")

    def test_editors_must_send_if_match(
        self, dana: Person, chris: Person, meeting: dict[str, Any]
    ) -> None:
        share(dana, meeting)
        (found,) = shared(chris)
        schedule = chris.get(link(found, "onlineMeetingSchedule")).json()
        notes = chris.post(link(found, "onlineMeetingExtensions"), json={"id": "notes"}).json()
        for resource in (found, schedule, notes):
            answer = chris.request("PUT", link(resource, "self"), json=resource)
            assert (answer.status_code, answer.json()["code"]) == (428, "PreconditionRequired")

    def test_a_reader_is_refused_whatever_she_sends(
        self, dana: Person, chris: Person, meeting: dict[str, Any]
    ) -> None:
        share(dana, meeting, role="Reader")
        (found,) = shared(chris)
        schedule = chris.get(link(found, "onlineMeetingSchedule")).json()
        for href in (link(found, "self"), link(schedule, "self")):
            for content in (b"", b"{", b"[]", b'{"subject": 1}'):
                answer = chris.request(
                    "PUT", href, content=content, headers={"Content-Type": "application/json"}
                )
                assert answer.status_code == 403, answer.text

    @pytest.mark.parametrize("role", ["Delegate", "Organizer", "editor", "", "Editor,Reader", 1])
    def test_roles(self, dana: Person, meeting: dict[str, Any], role: Any) -> None:
        body = {"uri": CHRIS.uri, "role": role}
        answer = dana.post(link(meeting, "onlineMeetingShares"), json=body)
        assert answer.status_code == 400
        assert "role" in answer.text
        given = share(dana, meeting)
        assert dana.put({**given, "role": role}).status_code == 400

    def test_a_person_has_1000_meetings_of_others_at_most(
        self, installation: Installation, dana: Person, meeting: dict[str, Any]
    ) -> None:
        boss = Profile(uri="sip:boss@contoso.com", name="Boss")
        installation.add_user(boss)

        def fill(tx: Transaction) -> None:
            owner, person = tx.of(Users).by_uri(boss.uri), tx.of(Users).by_uri(CHRIS.uri)
            assert owner
            assert person
            for number in range(1000):
                given = tx.of(Meetings).add(
                    OnlineMeetingRel.MY_ONLINE_MEETINGS,
                    details(str(number)),
                    by=application(owner.id),
                    told=False,
                )
                tx.of(Shares).add(given, person, ShareRole.READER)

        installation.transact(fill)
        answer = dana.post(link(meeting, "onlineMeetingShares"), json={"uri": CHRIS.uri})
        assert (answer.status_code, answer.json()["subcode"]) == (403, "LimitExceeded")
        assert "Chris Barry has reached the limit of 1000" in answer.json()["message"]
        remove(installation, boss)
        share(dana, meeting)


class TestOtherWays:
    def test_bodies_in_xml(self, dana: Person, chris: Person, meeting: dict[str, Any]) -> None:
        shares = link(meeting, "onlineMeetingShares")
        answer = in_xml(dana, "POST", shares, uri=CHRIS.uri, role="Reader")
        assert answer.status_code == 201, answer.text
        (given,) = dana.get(shares).json()["_embedded"]["onlineMeetingShare"]
        assert given["role"] == "Reader"
        members = {**plain(given), "role": "Editor"}
        answer = in_xml(dana, "PUT", link(given, "self"), if_match=given["etag"], **members)
        assert answer.status_code == 200, answer.text
        (found,) = shared(chris)
        members = {"subject": "Moved", **random_member(found)}
        answer = in_xml(chris, "PUT", link(found, "self"), if_match=found["etag"], **members)
        assert answer.status_code == 200, answer.text
        assert "sharedOnlineMeeting" in answer.text
        assert dana.get(link(meeting, "self")).json()["subject"] == "Moved"
        answer = in_xml(chris, "POST", link(found, "onlineMeetingExtensions"), id="notes")
        assert answer.status_code == 201, answer.text
        assert add(dana, CHRIS.uri).status_code == 201
        href = chris.href("onlineMeetings", "sharedOnlineMeetings")
        answer = in_xml(chris, "POST", href, organizer=DANA.uri, subject="For you")
        assert answer.status_code == 201, answer.text
        assert {one["subject"] for one in scheduled(chris)} == {"Moved", "For you"}

    def test_in_batches(self, dana: Person, chris: Person, meeting: dict[str, Any]) -> None:
        share(dana, meeting)
        (found,) = shared(chris)
        here = link(found, "self")
        schedule = chris.get(link(found, "onlineMeetingSchedule")).json()
        answers = batches.ask(
            chris,
            batches.get(here),
            batches.send("PUT", here, {**found, "subject": "1"}, f'If-Match: "{found["etag"]}"'),
            batches.send("PUT", here, {**found, "subject": "2"}, f'If-Match: "{found["etag"]}"'),
            batches.send("PUT", link(schedule, "self"), schedule),
            batches.get(f"{here}/shares"),
            batches.get(here.replace("danab", "chrisb")),
        )
        statuses = [one.start.split()[1] for one in answers]
        assert statuses == [b"200", b"200", b"412", b"428", b"403", b"404"]
        assert json.loads(answers[1].body)["myRole"] == "Editor"

    def test_what_is_scheduled_once_for_somebody(
        self, dana: Person, chris: Person, meeting: dict[str, Any]
    ) -> None:
        """A repeated POST is answered as before, unless Chris does not act for her any more."""
        membership = add(dana, CHRIS.uri).json()
        href = chris.href("onlineMeetings", "sharedOnlineMeetings")
        wanted, key = {"organizer": DANA.uri, "subject": "For you"}, {"Idempotency-Key": "one"}
        first = chris.post(href, json=wanted, headers=key)
        assert first.status_code == 201, first.text
        again = chris.post(href, json=wanted, headers=key)
        assert (again.status_code, again.json()) == (200, first.json())
        other = chris.post(href, json={**wanted, "subject": "Other"}, headers=key)
        assert (other.status_code, other.json()["subcode"]) == (422, "IdempotencyKeyReused")
        assert len(scheduled(chris)) == 2
        assert dana.delete(link(membership, "self")).status_code == 204
        late = chris.post(href, json=wanted, headers=key)
        assert (late.status_code, late.json()["code"]) == (409, "Conflict")

    def test_join_names_in_any_case(
        self, dana: Person, chris: Person, meeting: dict[str, Any]
    ) -> None:
        share(dana, meeting)
        (found,) = shared(chris)
        here = link(found, "self")
        loud = here.replace("/danab/", "/DanaB/").replace(
            meeting["onlineMeetingId"], meeting["onlineMeetingId"].lower()
        )
        assert chris.get(loud).json() == found
        headers = {"If-Match": f'"{found["etag"]}"'}
        answer = chris.request("PUT", loud, json={**found, "subject": "Moved"}, headers=headers)
        assert (answer.status_code, link(answer.json(), "self")) == (200, here)

    def test_meetings_of_two_organizers_with_the_same_id(
        self,
        installation: Installation,
        dana: Person,
        chris: Person,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        robin = installation.sign_in(ROBIN)
        assert dana.application
        assert robin.application  # with the standing meeting, which has an id of its own
        monkeypatch.setattr(table, "new_id", lambda: "SAMESAME")
        for boss, subject in ((dana, "Dana's"), (robin, "Robin's")):
            assert boss.schedule(subject=subject)["onlineMeetingId"] == "SAMESAME"
            assert add(boss, CHRIS.uri).status_code == 201
        first, second = scheduled(chris)
        assert first["subject"] != second["subject"]
        assert chris.put({**first, "subject": "Moved"}).status_code == 200
        assert (
            chris.put({**second, "subject": "Stays"}, if_match=f'"{first["etag"]}"').status_code
            == 412
        )
        extensions = link(first, "onlineMeetingExtensions")
        assert chris.post(extensions, json={"id": "notes"}).status_code == 201
        assert "_embedded" not in chris.get(link(second, "onlineMeetingExtensions")).json()
        by_subject = {one["subject"]: one for one in scheduled(chris)}
        assert by_subject.keys() == {"Moved", second["subject"]}
        assert "onlineMeetingExtension" in by_subject["Moved"]["_embedded"]
        assert "_embedded" not in by_subject[second["subject"]]
        assert chris.delete(link(second, "self")).status_code == 204
        assert [one["subject"] for one in scheduled(chris)] == ["Moved"]

    def test_head_and_options(self, dana: Person, chris: Person, meeting: dict[str, Any]) -> None:
        share(dana, meeting, role="Reader")
        (found,) = shared(chris)
        here = link(found, "self")
        head, full = chris.request("HEAD", here), chris.get(here)
        assert (head.status_code, head.headers["ETag"], head.content) == (
            200,
            full.headers["ETag"],
            b"",
        )
        told = chris.request("OPTIONS", here)
        assert told.is_success
        assert set(told.headers["Allow"].split(", ")) >= {"GET", "HEAD", "PUT", "DELETE"}


def scheduled(person: Person) -> list[dict[str, Any]]:
    """The meetings that are shared with somebody, but for the standing ones of organizers."""
    rel = OnlineMeetingRel.MY_ONLINE_MEETINGS
    return [one for one in shared(person) if one["onlineMeetingRel"] == rel]


def plain(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource's own members, as an input has them."""
    return {name: one for name, one in resource.items() if name not in ("_links", "rel", "etag")}


def random_member(resource: dict[str, Any]) -> dict[str, str]:
    return {
        name: one for name, one in resource.items() if one == "please pass this in a PUT request"
    }
