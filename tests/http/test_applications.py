"""Applications: ApplicationDashboard.md, CreateAnApplication.md."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from openucwa.store.sweep import sweep
from tests.engines import CURRENT
from tests.installation import (
    CHRIS,
    DEPLOYMENT,
    Clock,
    Installation,
    Person,
    installed,
    with_limits,
)

APPLICATIONS = "/ucwa/oauth/v1/applications"


def test_create(dana: Person) -> None:
    answer = dana.register(instanceId="tab-1")
    found = answer.json()
    assert answer.status_code == 201
    assert re.fullmatch(r"\d{12}", found["id"])
    assert found["type"] == "Browser"
    assert found["endpointId"] == dana.endpoint_id
    assert found["instanceId"] == "tab-1"
    assert answer.headers["Location"] == found["_links"]["self"]["href"]
    assert answer.headers["Location"] == f"{APPLICATIONS}/{found['id']}?instanceId=tab-1"
    assert set(found["_embedded"]) == {"me", "people", "onlineMeetings", "communication"}


def test_channel_of_a_new_application_is_silent(dana: Person) -> None:
    """The answer has shown what was there by then, such as the standing meeting."""
    assert dana.get(dana.href("events")).json()["sender"] == []
    again = dana.register(instanceId="tab-2").json()["_links"]["events"]["href"]
    assert dana.get(again).json()["sender"] == []


def test_input_as_clients_send_it(dana: Person) -> None:
    answer = dana.post(
        APPLICATIONS,
        json={
            "UserAgent": "x",
            "EndpointId": "y",
            "Culture": "en-US",
            "instanceId": None,
            "rel": None,
        },
    )
    assert answer.status_code == 201


def test_same_endpoint_is_the_same_application(dana: Person, chris: Person) -> None:
    first, again = dana.register(), dana.register()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    chris.endpoint_id = dana.endpoint_id
    assert chris.register().json()["id"] != first.json()["id"]


@pytest.mark.parametrize("name", ["userAgent", "endpointId", "culture"])
def test_required_input(dana: Person, name: str) -> None:
    for value in (None, "x" * 101, 7):
        answer = dana.register(**{name: value})
        assert answer.status_code == 400
        assert answer.json()["subcode"] == "ParameterValidationFailure"
        assert list(answer.json()["parameters"]) == [name]


def test_empty_endpoint_is_refused(dana: Person) -> None:
    assert dana.register(endpointId="").json()["parameters"] == {"endpointId": "must not be empty"}


def test_list_and_get(dana: Person, chris: Person) -> None:
    assert "_embedded" not in dana.get(APPLICATIONS).json()
    href = dana.application["_links"]["self"]["href"]
    (listed,) = dana.get(APPLICATIONS).json()["_embedded"]["application"]
    assert listed == dana.get(href).json() == dana.application
    assert "_embedded" not in chris.get(APPLICATIONS).json()


def test_every_link_works(dana: Person) -> None:
    """No link is dead: each is followed, in everything that is reached but the event channel."""
    seen: set[str] = set()
    only_posted_to = re.compile(
        re.escape(dana.href("batch"))
        + r"|.*/(merge|makeMeAvailable|reportMyActivity)|.*/\w+Invitations(\?.*)?"
    )
    waiting = [dana.application["_links"]["self"]["href"]]
    while waiting:
        href = waiting.pop()
        if href in seen:
            continue
        seen.add(href)
        answer = dana.get(href)
        wanted = 400 if href.endswith("/search") else 200  # which has to be told for what
        assert answer.status_code == (405 if only_posted_to.fullmatch(href) else wanted), href
        if "/events?" not in href:  # which goes on for ever
            waiting += re.findall(r'"href":"([^"]+)"', answer.text)
    assert len(seen) >= 12


def test_me(dana: Person) -> None:
    assert dana.application["_embedded"]["me"] == {
        "name": "Dana Birkby",
        "uri": "sip:Dana@contoso.com",
        "emailAddresses": ["danab@contoso.com"],
        "title": "Project lead",
        "department": "Sales",
        "workPhoneNumber": "tel:+14255550101",
        "_links": {
            "self": {"href": dana.href("me", "self")},
            "makeMeAvailable": {"href": dana.href("me", "self") + "/makeMeAvailable"},
        },
        "rel": "me",
    }


def test_delete(dana: Person) -> None:
    href = dana.application["_links"]["self"]["href"]
    answer = dana.delete(href)
    assert (answer.status_code, answer.content) == (204, b"")
    gone = dana.get(href)
    assert (gone.status_code, gone.json()["subcode"]) == (404, "ApplicationNotFound")


class TestLimit:
    """At the limit an application that nobody uses makes room."""

    @pytest.fixture
    def dana(self, tmp_path: Path, clock: Clock) -> Iterator[Person]:
        with installed(tmp_path, clock, with_limits(applications_per_user=2)) as installation:
            yield installation.sign_in()

    def created(self, dana: Person, endpoint: str) -> str:
        answer = dana.register(endpointId=endpoint)
        assert answer.status_code == 201
        href = answer.json()["_links"]["self"]["href"]
        assert isinstance(href, str)
        return href

    def follows_events(self, dana: Person, clock: Clock, href: str) -> None:
        clock.advance(timedelta(seconds=1))
        assert dana.request("HEAD", f"{href}/events?ack=1").status_code == 200

    def test_the_least_recently_used_one_ends(self, dana: Person, clock: Clock) -> None:
        first = self.created(dana, "a")
        clock.advance(timedelta(seconds=1))
        second = self.created(dana, "b")
        clock.advance(timedelta(seconds=1))
        third = self.created(dana, "c")
        assert (dana.get(second).status_code, dana.get(third).status_code) == (200, 200)
        ended = dana.get(first)
        assert (ended.status_code, ended.json()["subcode"]) == (410, "InactiveApplicationExpired")
        assert "Create it again" in ended.json()["message"]
        assert "was ended" in ended.json()["message"]
        assert dana.get(f"{first}/events?ack=1").status_code == 410
        assert dana.register(endpointId="a").status_code == 201
        assert dana.get(second).status_code == 410

    def test_one_that_follows_events_stays(self, dana: Person, clock: Clock) -> None:
        first = self.created(dana, "a")
        self.follows_events(dana, clock, first)
        for endpoint in "bcd":
            clock.advance(timedelta(minutes=5))
            self.follows_events(dana, clock, first)
            assert dana.get(self.created(dana, endpoint)).status_code == 200
        assert dana.get(first).status_code == 200

    def test_one_that_has_stopped_following_does_not(self, dana: Person, clock: Clock) -> None:
        hrefs = [self.created(dana, endpoint) for endpoint in "ab"]
        for href in hrefs:
            self.follows_events(dana, clock, href)
        answer = dana.register(endpointId="c")
        assert (answer.status_code, answer.json()["subcode"]) == (410, "TooManyApplications")
        assert "Delete one" in answer.json()["message"]
        assert dana.register(endpointId="a").status_code == 200
        clock.advance(timedelta(minutes=17))
        assert dana.get(hrefs[1]).status_code == 200
        self.created(dana, "c")
        assert [dana.get(href).status_code for href in hrefs] == [410, 200]

    def test_others_are_not_concerned(self, dana: Person, clock: Clock) -> None:
        """It takes none of another user's."""
        other = dana.installation.sign_in(CHRIS)
        theirs = other.register(endpointId="a").json()["_links"]["self"]["href"]
        for endpoint in "abcd":
            self.created(dana, endpoint)
        assert other.get(theirs).status_code == 200


class TestExpiry:
    def test_inactive_application_expires(self, dana: Person, clock: Clock) -> None:
        href = dana.application["_links"]["self"]["href"]
        clock.advance(DEPLOYMENT.lifetimes.application)
        for method, path in (("GET", href), ("GET", href + "/me"), ("DELETE", href)):
            answer = dana.request(method, path)
            assert answer.status_code == 410
            assert answer.json()["subcode"] == "InactiveApplicationExpired"
        assert "_embedded" not in dana.get(APPLICATIONS).json()

    def test_requests_keep_it_alive(self, dana: Person, clock: Clock) -> None:
        application, meetings = dana.href("self"), dana.meetings
        for method, href in (("GET", application), ("POST", meetings)) * 2:
            clock.advance(DEPLOYMENT.lifetimes.application * 0.7)
            dana.token = dana.installation.sign_in().token  # the old one may have had its time
            assert dana.request(method, href).status_code == 200

    def test_etag_moves_with_the_expiry(self, dana: Person, clock: Clock) -> None:
        href, before = dana.href("self"), dana.application
        clock.advance(DEPLOYMENT.lifetimes.application / 10)
        dana.get(href)
        after = dana.get(href, **{"If-None-Match": f'"{before["etag"]}"'})
        assert after.status_code == 200
        assert after.json()["expires"] > before["expires"]

    def test_a_request_is_answered_when_its_note_fails(
        self, dana: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        meeting = dana.schedule(subject="x")
        clock.advance(DEPLOYMENT.lifetimes.application / 10)

        def fail(*_: object) -> None:
            raise CURRENT.failure()

        monkeypatch.setattr("openucwa.store.tables.applications.Applications.seen", fail)
        assert dana.put({**meeting, "subject": "y"}).status_code == 200

    def test_a_new_one_takes_its_place(self, dana: Person, clock: Clock) -> None:
        old = dana.application["id"]
        clock.advance(DEPLOYMENT.lifetimes.application)
        answer = dana.register()
        assert answer.status_code == 201
        assert answer.json()["id"] != old

    def test_reason_is_remembered_for_a_while(
        self, installation: Installation, dana: Person, clock: Clock
    ) -> None:
        href = dana.application["_links"]["self"]["href"]
        for span, status in (
            (DEPLOYMENT.lifetimes.application + timedelta(seconds=1), 410),
            (DEPLOYMENT.lifetimes.tombstone - timedelta(seconds=1), 410),
            (timedelta(seconds=2), 404),
        ):
            clock.advance(span)
            installation.transact(lambda tx: sweep(tx, DEPLOYMENT.lifetimes))
            dana.token = installation.sign_in().token
            assert dana.get(href).status_code == status
