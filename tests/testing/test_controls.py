"""The controls of a server under test, a process of its own, and what UCWA clients see of them."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import pytest

from openucwa.testing.controls import Controls, Refused
from openucwa.testing.server import Server
from tests.testing.conftest import Person, Waiting, href_of, sign_in

pytestmark = pytest.mark.slow

PREFIX = "/test-controls"


@pytest.fixture
def controls(ucwa_server: Server) -> Controls:
    return ucwa_server.controls


@pytest.fixture
def weekly(dana: Person) -> dict[str, Any]:
    """A meeting of Dana's."""
    return dana.schedule(subject="Weekly", attendees=["sip:alex@contoso.com"])


def subject(dana: Person, meeting: dict[str, Any]) -> str:
    found: str = dana.fetched(meeting)["subject"]
    return found


class TestTime:
    def test_it_advances_for_tokens_and_applications(
        self, dana: Person, controls: Controls
    ) -> None:
        before = controls.now()
        assert controls.advance(hours=4) - before >= timedelta(hours=4)
        expired = dana.me()
        assert (expired.status_code, expired.json()["subcode"]) == (
            410,
            "InactiveApplicationExpired",
        )
        controls.advance(hours=4)
        assert dana.me().status_code == 401

    def test_it_is_that_of_the_system_at_first(self, controls: Controls) -> None:
        assert abs(controls.now() - datetime.now(UTC)) < timedelta(seconds=10)

    def test_answers_have_its_date(self, http: httpx2.Client, controls: Controls) -> None:
        now = controls.advance(days=30)
        told = parsedate_to_datetime(http.get("/").headers["Date"])
        assert abs(told - now) < timedelta(seconds=10)

    def test_who_waits_for_events_waits_no_longer(
        self, dana: Person, controls: Controls, waiting: Waiting
    ) -> None:
        answer = waiting(dana)
        controls.advance(seconds=170)
        assert not answer.done()
        controls.advance(seconds=10)
        assert answer.result(10).json()["sender"] == []

    def test_what_is_due_has_happened_when_it_answers(
        self, dana: Person, ucwa_server: Server, controls: Controls
    ) -> None:
        """A call that nobody answers has failed, and its caller is told in the next package."""
        with httpx2.Client(
            base_url=ucwa_server.url, verify=ucwa_server.ssl_context, trust_env=False
        ) as http:
            alex = sign_in(ucwa_server, http, ucwa_server.addresses[2])
            available = alex.application["_embedded"]["me"]["_links"]["makeMeAvailable"]["href"]
            wanted = {"supportedModalities": ["Messaging"]}
            assert http.post(available, json=wanted).status_code == 204
            communication = dana.application["_embedded"]["communication"]["_links"]
            called = dana.http.post(
                communication["startMessaging"]["href"], json={"to": "sip:alex@contoso.com"}
            )
            href = called.json()["_links"]["self"]["href"]
            controls.advance(seconds=29)
            assert dana.get(href).json()["state"] == "Connecting"
            controls.advance(seconds=1)
            assert dana.get(href).json()["state"] == "Failed"

    def test_what_is_due_is_removed(self, dana: Person, controls: Controls) -> None:
        """By the sweep, whose time has come, too: it has also forgotten the token."""
        meeting = dana.schedule(subject="Weekly")
        controls.advance(days=30)
        assert dana.me().status_code == 403
        with pytest.raises(Refused, match="There is no meeting"):
            controls.change_meeting(meeting["onlineMeetingId"])

    def test_connections_stay_open(self, http: httpx2.Client, controls: Controls) -> None:
        """So what a client sees does not depend on when it asked last."""
        for _ in range(3):
            assert http.get("/").status_code == 200
            controls.advance(hours=1)

    def test_it_outlives_the_process(self, ucwa_server: Server, controls: Controls) -> None:
        before = controls.advance(days=2)
        ucwa_server.kill()
        ucwa_server.restart()
        assert controls.now() >= before

    def test_it_does_not_go_back(self, controls: Controls) -> None:
        for days in (0, -1, 10_000):
            with pytest.raises(Refused, match="seconds must be more than 0 seconds, and 3650 days"):
                controls.advance(days=days)
        assert abs(controls.now() - datetime.now(UTC)) < timedelta(seconds=10)


class TestExpiry:
    def test_of_tokens(self, dana: Person, controls: Controls, ucwa_server: Server) -> None:
        assert controls.expire_tokens("chris@contoso.com") == 0
        assert dana.me().status_code == 200
        assert controls.expire_tokens("sip:dana@contoso.com") == 1
        refused = dana.me()
        assert refused.status_code == 401
        assert "The token has expired." in refused.text
        assert "MsRtcOAuth" in refused.headers["WWW-Authenticate"]
        assert controls.expire_tokens() == 0
        again = {"username": ucwa_server.address, "password": ucwa_server.password}
        answer = dana.http.post("/WebTicket/oauthtoken", data={"grant_type": "password", **again})
        assert answer.status_code == 200

    def test_of_applications(self, dana: Person, controls: Controls, waiting: Waiting) -> None:
        """Who waits for events is told at once."""
        answer = waiting(dana)
        assert controls.expire_applications("dana@contoso.com") == 1
        for refused in (dana.me(), answer.result(10)):
            assert refused.status_code == 410
            assert refused.json()["subcode"] == "InactiveApplicationExpired"

    def test_of_a_meeting(
        self, dana: Person, weekly: dict[str, Any], controls: Controls, waiting: Waiting
    ) -> None:
        controls.expire_meeting(weekly["onlineMeetingId"])
        assert dana.get(href_of(weekly)).status_code == 404
        (sender,) = waiting(dana).result(10).json()["sender"]
        assert [event["type"] for event in sender["events"]][-1] == "deleted"

    def test_of_what_is_not_there(self, controls: Controls) -> None:
        with pytest.raises(Refused, match="There is no meeting ABCD1234"):
            controls.expire_meeting("ABCD1234")
        with pytest.raises(Refused, match=r"There is no user eve@contoso\.com"):
            controls.expire_tokens("eve@contoso.com")
        with pytest.raises(Refused, match="'dana' is not an address"):
            controls.expire_applications("dana")


class TestFaults:
    @pytest.mark.parametrize(("when", "expected"), [("before", "Weekly"), ("after", "Moved")])
    def test_no_answer_comes(
        self, dana: Person, weekly: dict[str, Any], controls: Controls, when: Any, expected: str
    ) -> None:
        controls.drop(when=when, method="PUT")
        with pytest.raises(httpx2.TransportError):
            dana.put(weekly, subject="Moved")
        assert subject(dana, weekly) == expected
        assert controls.faults() == []

    @pytest.mark.parametrize(("when", "expected"), [("before", "Weekly"), ("after", "Moved")])
    def test_the_service_is_unavailable(
        self, dana: Person, weekly: dict[str, Any], controls: Controls, when: Any, expected: str
    ) -> None:
        controls.unavailable(retry_after=7, when=when, rel="myOnlineMeeting")
        refused = dana.put(weekly, subject="Moved")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "7")
        assert refused.json()["code"] == "ServiceUnavailable"
        assert subject(dana, weekly) == expected

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_it_takes_a_while(self, http: httpx2.Client, controls: Controls, when: Any) -> None:
        controls.delay(0.3, when=when)
        started = time.monotonic()
        assert http.get("/").status_code == 200
        assert time.monotonic() - started >= 0.3

    def test_advancing_the_time_shortens_a_delay(
        self, dana: Person, controls: Controls, waiting: Waiting
    ) -> None:
        controls.delay(3000, method="GET", rel="events")
        dana.schedule(subject="Something to tell")
        answer = waiting(dana)
        controls.advance(seconds=3000)
        assert answer.result(10).status_code == 200

    def test_somebody_else_is_faster(
        self, dana: Person, weekly: dict[str, Any], controls: Controls
    ) -> None:
        """It is the server's own 412, and nothing has changed that could be in the way."""
        controls.conflict()
        refused = dana.put(weekly, subject="Moved")
        assert refused.status_code == 412
        assert refused.json()["changedProperties"] == []
        current = dana.fetched(weekly)
        assert current == {**weekly, "etag": current["etag"]}
        assert dana.put(current, subject="Moved").status_code == 200

    def test_somebody_else_is_faster_with_changes(
        self, dana: Person, weekly: dict[str, Any], controls: Controls
    ) -> None:
        controls.conflict(by="chris@contoso.com", description="Theirs", access_level="Locked")
        refused = dana.put(weekly, subject="Moved").json()
        assert refused["changedBy"] == "sip:chris@contoso.com"
        assert sorted(refused["changedProperties"]) == ["accessLevel", "description"]
        assert dana.fetched(weekly)["description"] == "Theirs"

    def test_a_meeting_is_changed_before_it_is_cancelled(
        self, dana: Person, weekly: dict[str, Any], controls: Controls
    ) -> None:
        controls.conflict(method="DELETE")
        condition = {"If-Match": f'"{weekly["etag"]}"'}
        assert dana.http.delete(href_of(weekly), headers=condition).status_code == 412

    def test_a_conflict_that_can_not_be_made_is_told(
        self, dana: Person, weekly: dict[str, Any], controls: Controls
    ) -> None:
        controls.conflict(leaders=["sip:eve@fabrikam.com"])
        refused = dana.put(weekly, subject="Moved")
        assert (refused.status_code, "must belong to contoso.com" in refused.text) == (400, True)
        controls.conflict(by="eve@contoso.com")
        refused = dana.put(weekly, subject="Moved")
        assert "There is no user eve@contoso.com" in refused.text

    @pytest.mark.parametrize(("when", "expected"), [("before", "Weekly"), ("after", "Moved")])
    def test_the_process_dies(
        self,
        ucwa_server: Server,
        dana: Person,
        weekly: dict[str, Any],
        controls: Controls,
        when: Any,
        expected: str,
    ) -> None:
        controls.kill_at(when=when, method="PUT", rel="myOnlineMeeting")
        with ucwa_server.restarting(), pytest.raises(httpx2.TransportError):
            dana.put(weekly, subject="Moved")
        assert subject(dana, weekly) == expected

    def test_one_happens_to_a_request_in_the_order_in_which_they_were_asked_for(
        self, http: httpx2.Client, controls: Controls
    ) -> None:
        controls.unavailable(retry_after=3, times=2, rel="root")
        controls.unavailable(retry_after=4, method="POST")
        controls.unavailable(retry_after=5)
        assert [fault.times for fault in controls.faults()] == [2, 1, 1]
        answers = [http.get("/") for _ in range(4)]
        assert [one.headers.get("Retry-After") for one in answers] == ["3", "3", "5", None]
        assert [fault.method for fault in controls.faults()] == ["POST"]
        controls.clear_faults()
        assert http.post("/WebTicket/oauthtoken").status_code == 400

    def test_the_rel_says_which_requests(
        self, http: httpx2.Client, dana: Person, controls: Controls
    ) -> None:
        standing = dana.get(
            dana.application["_embedded"]["onlineMeetings"]["_links"]["myAssignedOnlineMeeting"][
                "href"
            ]
        ).json()
        asked = {
            "root": "/",
            "user": "/Autodiscover/AutodiscoverService.svc/root/oauth/user",
            "token": "/webticket/oauthtoken",
            "me": dana.application["_embedded"]["me"]["_links"]["self"]["href"],
            "events": dana.events,
            "myAssignedOnlineMeeting": href_of(standing),
        }
        for rel in asked:
            controls.unavailable(rel=rel)
        for rel, href in reversed(asked.items()):
            assert http.get(href).status_code == 503, rel
        assert controls.faults() == []

    @pytest.mark.parametrize(
        ("fault", "said"),
        [
            ({"fault": "fire"}, "Invalid enum value 'fire'"),
            ({"fault": "delay"}, "A delay needs seconds."),
            ({"fault": "delay", "seconds": 1e9}, "Expected `float` <= 3600"),
            ({"fault": "drop", "times": 0}, "Expected `int` >= 1"),
            (
                {"fault": "drop", "rel": "hologram"},
                "There is no rel hologram. The rels are",
            ),
            ({"fault": "drop", "on": "PUT"}, "unknown field `on`"),
            ({"fault": "conflict", "rel": "me"}, "A conflict needs a PUT or a DELETE of"),
            ({"fault": "conflict", "when": "after"}, "A conflict needs"),
            ({"fault": "conflict", "changes": {"topic": "x"}}, "A meeting has no 'topic'"),
            ({"fault": "conflict", "changes": {"subject": 1}}, "subject must be a string"),
        ],
    )
    def test_one_that_can_not_happen_is_refused(
        self, http: httpx2.Client, controls: Controls, fault: dict[str, object], said: str
    ) -> None:
        answer = http.post(f"{PREFIX}/faults", json=fault)
        assert answer.status_code == 400
        assert said in answer.json()["error"]
        assert controls.faults() == []


class TestMeetings:
    def test_somebody_else_changes_one(
        self, dana: Person, weekly: dict[str, Any], controls: Controls, waiting: Waiting
    ) -> None:
        etag = controls.change_meeting(
            weekly["onlineMeetingId"].lower(),
            by="chris@contoso.com",
            subject="Theirs",
            expires=datetime(2027, 1, 31, 15, tzinfo=UTC),
        )
        refused = dana.put(weekly, description="Mine")
        assert (refused.status_code, refused.json()["changedBy"]) == (412, "sip:chris@contoso.com")
        current = dana.fetched(weekly)
        assert (current["etag"], current["subject"]) == (etag, "Theirs")
        assert current["attendees"] == ["sip:alex@contoso.com"]
        (sender,) = waiting(dana).result(10).json()["sender"]
        assert sender["events"][-1]["_embedded"]["myOnlineMeeting"]["subject"] == "Theirs"

    def test_by_its_address_and_as_the_organizer(
        self, dana: Person, weekly: dict[str, Any], http: httpx2.Client
    ) -> None:
        answer = http.post(f"{PREFIX}/meetings", json={"meeting": href_of(weekly)})
        assert answer.json()["onlineMeetingId"] == weekly["onlineMeetingId"]
        refused = dana.put(weekly).json()
        assert (refused["changedBy"], refused["changedProperties"]) == ("sip:dana@contoso.com", [])

    def test_what_can_not_be_is_refused(self, weekly: dict[str, Any], controls: Controls) -> None:
        meeting = weekly["onlineMeetingId"]
        for changes, said in (
            ({"topic": "x"}, "A meeting has no 'topic' that can be changed"),
            ({"attendees": ["Alex"]}, "must be SIP addresses"),
            ({"access_level": "Open"}, "accessLevel must be one of"),
        ):
            with pytest.raises(Refused, match=said):
                controls.change_meeting(meeting, **changes)


class TestData:
    def test_a_user_is_added(
        self, ucwa_server: Server, http: httpx2.Client, controls: Controls
    ) -> None:
        controls.add_user("eve@contoso.com", ucwa_server.password, name="Eve Example")
        eve = sign_in(ucwa_server, http, "eve@contoso.com")
        assert eve.me().json()["name"] == "Eve Example"
        with pytest.raises(Refused, match=r"The user sip:Eve@contoso\.com already exists"):
            controls.add_user("sip:Eve@contoso.com", "secret")
        with pytest.raises(Refused, match="is not an address"):
            controls.add_user("eve", "secret")

    def test_it_goes_back(self, dana: Person, controls: Controls, waiting: Waiting) -> None:
        """Who waits is hung up on; time and faults go back, too; tokens hold no more."""
        controls.advance(hours=2)
        answer = waiting(dana)
        controls.drop()
        controls.add_user("eve@contoso.com", "secret")
        controls.reset()
        with pytest.raises(httpx2.TransportError):
            answer.result(10)
        assert dana.me().status_code == 403
        assert (len(controls.users()), controls.faults()) == (3, [])
        assert abs(controls.now() - datetime.now(UTC)) < timedelta(seconds=10)

    def test_a_delay_does_not_outlast_it(
        self, dana: Person, controls: Controls, waiting: Waiting
    ) -> None:
        controls.delay(3000, rel="events")
        answer = waiting(dana)
        controls.reset()
        with pytest.raises(httpx2.TransportError):
            answer.result(10)

    def test_it_goes_back_within_milliseconds(self, controls: Controls) -> None:
        took = []
        for _ in range(20):
            started = time.perf_counter()
            controls.reset()
            took.append(time.perf_counter() - started)
        assert sorted(took)[10] < 0.1, took

    def test_it_goes_back_to_what_was_kept(self, ucwa_server: Server, controls: Controls) -> None:
        before = controls.users()
        with Server(ucwa_server.log.parent.with_name("another")) as another:
            another.controls.add_user("eve@contoso.com", "secret")
            another.controls.keep()
            another.controls.add_user("mallory@contoso.com", "secret")
            another.controls.reset()
            another.restart()
            another.controls.reset()
            assert another.controls.users() == sorted([*before, "sip:eve@contoso.com"])

    def test_it_outlives_the_process(
        self, ucwa_server: Server, dana: Person, weekly: dict[str, Any], controls: Controls
    ) -> None:
        controls.kill()
        ucwa_server.restart()
        assert subject(dana, weekly) == "Weekly"


class TestWhoControls:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://contoso.com"},
            {"Origin": "null"},
            {"Host": "contoso.com"},
            {"Host": "localhost.contoso.com:8080"},
            {"Host": "[::1"},
            {"X-Forwarded-For": "192.0.2.1"},
        ],
    )
    def test_no_web_page_and_nobody_behind_a_proxy(
        self, http: httpx2.Client, headers: dict[str, str]
    ) -> None:
        answer = http.post(f"{PREFIX}/kill", headers=headers)
        assert answer.status_code == 403
        assert "not from web pages or proxies" in answer.json()["error"]

    def test_by_any_name_of_this_machine(self, http: httpx2.Client) -> None:
        for host in ("localhost:8080", "127.0.0.1", "[::1]:8080"):
            assert http.get(PREFIX, headers={"Host": host}).status_code == 200

    def test_what_there_is_not_is_told(self, http: httpx2.Client) -> None:
        unknown = http.post(f"{PREFIX}/fire")
        assert unknown.status_code == 404
        assert "The controls are time, expire, faults" in unknown.json()["error"]
        assert http.get(f"{PREFIX}/reset").json() == {"error": "This control accepts POST."}
        assert http.get(f"{PREFIX}x").json()["code"] == "NotFound"  # which is UCWA's own answer
        for body in (b"{", b"\xff", b"[]", b"{}"):
            answer = http.post(f"{PREFIX}/time", content=body)
            assert answer.status_code == 400
            assert answer.json()["error"].startswith("The body can't be read: ")
