"""Guests of a meeting: AuthenticationInUCWA.md, RootURL.md, anonApplications_ref.md."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import msgspec
import pytest
from httpx2 import Response

from openucwa.domain.deployment import Lifetimes
from openucwa.store.sweep import sweep
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.installation import (
    DEPLOYMENT,
    Clock,
    Installation,
    Person,
    installed,
    with_limits,
)
from tests.passwords import PASSWORD

TOKENS = "/WebTicket/oauthtoken"
USER = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"
APPLICATIONS = "/ucwa/oauth/v1/applications"
ANON_APPLICATIONS = "/ucwa/oauth/v1/anonApplications"
GRANT = "urn:microsoft.rtc:anonmeeting"
REGISTRATION = {"userAgent": "ContosoApp/1.0", "culture": "en-us"}


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Open house")


@pytest.fixture
def guest(installation: Installation, meeting: dict[str, Any]) -> Person:
    return join(installation, meeting)


def form(meeting: dict[str, Any], **more: str) -> dict[str, str]:
    return {
        "grant_type": GRANT,
        "password": meeting["onlineMeetingId"],
        "ms_rtc_conferenceuri": meeting["onlineMeetingUri"],
        **more,
    }


def ask(installation: Installation, meeting: dict[str, Any], **more: str) -> Response:
    answer: Response = installation.client.post(TOKENS, data=form(meeting, **more))
    return answer


def join(installation: Installation, meeting: dict[str, Any], **more: str) -> Person:
    answer = ask(installation, meeting, **more)
    assert answer.status_code == 200, answer.text
    return Person(installation, answer.json()["access_token"])


def register(guest: Person) -> dict[str, Any]:
    answer = guest.post(ANON_APPLICATIONS, json=REGISTRATION)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def identity(guest: Person) -> str:
    uri: str = register(guest)["_embedded"]["me"]["uri"]
    return uri


class TestToken:
    def test_key_is_granted_an_hour(
        self, installation: Installation, meeting: dict[str, Any]
    ) -> None:
        granted = ask(installation, meeting).json()
        assert granted["expires_in"] == 3600
        assert granted["token_type"] == "Bearer"
        assert granted["access_token"].startswith("cwt=")

    def test_lifetime_is_a_setting(self, tmp_path: Path, clock: Clock) -> None:
        short = msgspec.structs.replace(
            DEPLOYMENT, lifetimes=Lifetimes(anonymous_token=timedelta(minutes=5))
        )
        with installed(tmp_path, clock, short) as installation:
            meeting = installation.sign_in().schedule()
            assert ask(installation, meeting).json()["expires_in"] == 300
            guest = join(installation, meeting)
            clock.advance(timedelta(minutes=5))
            assert guest.get(USER).status_code == 401

    @pytest.mark.parametrize(
        "spelled",
        [
            "sip:dana@contoso.com;gruu;opaque=app:conf:focus:id:{id}",
            "SIP:DANA@CONTOSO.COM;GRUU;OPAQUE=APP:CONF:FOCUS:ID:{id}",
            "sip%3adana%40contoso.com%3bgruu%3bopaque%3dapp%3aconf%3afocus%3aid%3a{id}",
            " sip:Dana@contoso.com;gruu;opaque=app:conf:focus:id:{id} ",
        ],
    )
    @pytest.mark.parametrize("case", [str.upper, str.lower])
    def test_spelling_does_not_count(
        self, installation: Installation, meeting: dict[str, Any], spelled: str, case: Any
    ) -> None:
        key = case(meeting["onlineMeetingId"])
        uri = spelled.format(id=case(key))
        assert ask(installation, meeting, password=key, ms_rtc_conferenceuri=uri).is_success

    def test_join_url_stands_for_the_uri(
        self, installation: Installation, meeting: dict[str, Any]
    ) -> None:
        asked = {"ms_rtc_conferenceuri": meeting["joinUrl"]}
        assert ask(installation, meeting, **asked).is_success
        other = {"ms_rtc_conferenceuri": meeting["joinUrl"].replace("danab", "chris")}
        assert ask(installation, meeting, **other).json()["error"] == "invalid_grant"

    def test_body_as_printed(self, installation: Installation, meeting: dict[str, Any]) -> None:
        """The page says that it must be encoded, and prints one that is not."""
        key, uri = meeting["onlineMeetingId"], meeting["onlineMeetingUri"]
        for written in (uri, quote(uri)):
            answer = installation.client.post(
                TOKENS,
                content=f"grant_type={GRANT}&password={key}&ms_rtc_conferenceuri={written}",
                headers={"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"},
            )
            assert answer.status_code == 200

    def test_what_is_wrong_is_not_told_apart(
        self, installation: Installation, dana: Person, chris: Person, meeting: dict[str, Any]
    ) -> None:
        deleted = dana.schedule()
        dana.delete(deleted["_links"]["self"]["href"])
        theirs = chris.schedule()
        uri = meeting["onlineMeetingUri"]
        key = meeting["onlineMeetingId"]

        def disable(tx: Transaction) -> None:
            user = tx.of(Users).by_uri("sip:chris@contoso.com")
            assert user is not None
            tx.of(Users).save(msgspec.structs.replace(user, disabled=True))

        installation.transact(disable)
        answers = [
            ask(installation, meeting, password="AAAAAAAA"),
            ask(installation, meeting, ms_rtc_conferenceuri=uri.replace(key, "AAAAAAAA")),
            ask(installation, meeting, ms_rtc_conferenceuri=uri.replace("Dana", "nobody")),
            ask(installation, meeting, ms_rtc_conferenceuri=uri.replace("Dana", "Chris")),
            ask(installation, meeting, ms_rtc_conferenceuri="nonsense"),
            ask(installation, meeting, ms_rtc_conferenceuri=uri.replace("Dana", "a b")),
            ask(installation, meeting, ms_rtc_renew="cwt=unknown"),
            ask(installation, deleted),
            ask(installation, theirs),
        ]
        assert {answer.status_code for answer in answers} == {400}
        assert {answer.json()["error"] for answer in answers} == {"invalid_grant"}
        assert len({answer.content for answer in answers}) == 1
        assert len({answer.headers["X-Ms-diagnostics"] for answer in answers}) == 1

    @pytest.mark.parametrize("name", ["password", "ms_rtc_conferenceuri"])
    def test_what_is_missing_is_told(
        self, installation: Installation, meeting: dict[str, Any], name: str
    ) -> None:
        answer = ask(installation, meeting, **{name: ""})
        assert answer.json()["error"] == "invalid_request"
        assert name in answer.json()["error_description"]

    def test_guesses_are_throttled_apart_from_the_organizers_sign_in(
        self, installation: Installation, dana: Person, meeting: dict[str, Any], clock: Clock
    ) -> None:
        for number in range(10):
            key = f"AAAAAAA{number}"
            uri = meeting["onlineMeetingUri"].replace(meeting["onlineMeetingId"], key)
            ask(installation, meeting, password=key, ms_rtc_conferenceuri=uri)
        answer = ask(installation, meeting)
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_grant"
        installation.sign_in()
        clock.advance(timedelta(seconds=int(answer.headers["Retry-After"])))
        assert ask(installation, meeting).status_code == 200

    def test_guesses_close_no_meeting_to_others(
        self, installation: Installation, meeting: dict[str, Any]
    ) -> None:
        for network in range(20):
            with installation.at(f"203.0.113.{network}"):
                for _ in range(10):
                    ask(installation, meeting, password="AAAAAAAA")
                assert "Retry-After" in ask(installation, meeting).headers
        join(installation, meeting)

    def test_one_network_does_not_fill_a_meeting(
        self, installation: Installation, meeting: dict[str, Any], clock: Clock
    ) -> None:
        """A minute later, there is room for one more of that network, and one more."""
        with installation.at("203.0.113.7"):
            for _ in range(50):
                join(installation, meeting)
            full = ask(installation, meeting)
            assert (full.status_code, full.json()["error"]) == (400, "invalid_grant")
            assert full.headers["Retry-After"] == "60"
        join(installation, meeting)
        clock.advance(timedelta(minutes=1))
        with installation.at("203.0.113.7"):
            join(installation, meeting)
            assert ask(installation, meeting).status_code == 400

    def test_meeting_has_room_for_so_many(self, tmp_path: Path, clock: Clock) -> None:
        with installed(tmp_path, clock, with_limits(guests_per_meeting=2)) as installation:
            dana = installation.sign_in()
            meeting = dana.schedule()
            first, _ = join(installation, meeting), join(installation, meeting)
            full = ask(installation, meeting)
            assert (full.status_code, full.json()["error"]) == (400, "invalid_grant")
            assert full.headers["Retry-After"] == "60"
            join(installation, meeting, ms_rtc_renew=first.token)
            join(installation, dana.schedule())
            clock.advance(timedelta(hours=1))
            join(installation, meeting)


class TestRenewal:
    def test_identity_is_kept(
        self, installation: Installation, meeting: dict[str, Any], guest: Person
    ) -> None:
        again = join(installation, meeting, ms_rtc_renew=guest.token)
        assert again.token != guest.token
        assert identity(again) == identity(guest)
        assert identity(join(installation, meeting)) != identity(guest)

    def test_application_goes_on(
        self, installation: Installation, meeting: dict[str, Any], guest: Person, clock: Clock
    ) -> None:
        application = register(guest)["_links"]["self"]["href"]
        clock.advance(timedelta(minutes=59))
        again = join(installation, meeting, ms_rtc_renew=guest.token)
        clock.advance(timedelta(minutes=2))
        assert guest.get(application).status_code == 401
        assert again.get(application).status_code == 200

    def test_expired_token_is_renewed(
        self, installation: Installation, meeting: dict[str, Any], guest: Person, clock: Clock
    ) -> None:
        uri = identity(guest)
        clock.advance(timedelta(hours=2))
        assert guest.get(USER).status_code == 401
        assert identity(join(installation, meeting, ms_rtc_renew=guest.token)) == uri

    def test_token_of_another_meeting_or_of_a_user_is_none(
        self, installation: Installation, dana: Person, meeting: dict[str, Any], guest: Person
    ) -> None:
        other = dana.schedule()
        for target, token in ((other, guest.token), (meeting, dana.token)):
            answer = ask(installation, target, ms_rtc_renew=token)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


class TestAuthority:
    def test_user_resource_leads_to_the_guests_entry(self, guest: Person, dana: Person) -> None:
        """Clients follow `applications` in every flow, and post an endpointId there."""
        href = guest.get(USER).json()["_links"]["applications"]["href"]
        assert href == f"http://testserver{ANON_APPLICATIONS}"
        assert dana.get(USER).json()["_links"]["applications"]["href"].endswith(APPLICATIONS)

    def test_application_of_a_guest(self, guest: Person) -> None:
        answer = guest.post(ANON_APPLICATIONS, json=REGISTRATION)
        found = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Location"] == found["_links"]["self"]["href"]
        assert found["rel"] == "application"
        assert found["culture"] == "en-us"
        assert "Set-Cookie" not in answer.headers, "photos are for users"
        assert found["_links"].keys() == {"self", "events", "batch"}
        assert found["_embedded"].keys() == {"me", "communication"}
        assert found["_embedded"]["me"]["name"] == "Guest"
        assert found["_embedded"]["me"]["uri"].endswith("@anonymous.invalid")
        for resource in (found, *found["_embedded"].values()):
            assert guest.get(resource["_links"]["self"]["href"]).status_code == 200
        assert guest.delete(found["_links"]["self"]["href"]).status_code == 204

    def test_guest_follows_the_events_of_her_application(self, guest: Person) -> None:
        answer = guest.get(register(guest)["_links"]["events"]["href"])
        assert (answer.status_code, answer.json()["sender"]) == (200, [])
        assert guest.get(answer.json()["_links"]["next"]["href"]).status_code == 200

    def test_guest_may_send_batches_of_what_is_open(self, guest: Person) -> None:
        links = register(guest)["_links"]
        own = links["self"]["href"]
        content = "".join(
            "--x\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
            f"GET {path} HTTP/1.1\r\nAccept: application/json\r\n\r\n\r\n"
            for path in (f"{own}/me", f"{own}/people")
        )
        answer = guest.post(
            links["batch"]["href"],
            content=f"{content}--x--",
            headers={"Content-Type": "multipart/batching;boundary=x"},
        )
        assert answer.status_code == 200
        assert re.findall(r"^HTTP/1.1 (\d+)", answer.text, re.MULTILINE) == ["200", "403"]

    @pytest.mark.parametrize("name", ["userAgent", "culture"])
    def test_registration_says_what_is_missing(self, guest: Person, name: str) -> None:
        answer = guest.post(ANON_APPLICATIONS, json={**REGISTRATION, name: None})
        assert answer.status_code == 400
        assert name in answer.json()["parameters"]

    def test_guest_is_refused_the_entry_of_users(self, guest: Person) -> None:
        registration = {**REGISTRATION, "endpointId": str(uuid4())}
        assert guest.post(APPLICATIONS, json=registration).status_code == 403

    def test_user_is_refused_the_entry_of_guests(self, dana: Person) -> None:
        answer = dana.post(ANON_APPLICATIONS, json=REGISTRATION)
        assert (answer.status_code, answer.json()["code"]) == (403, "Forbidden")

    def test_entry_of_guests_takes_nothing_but_post(self, guest: Person) -> None:
        answer = guest.get(ANON_APPLICATIONS)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
        told = guest.request("OPTIONS", ANON_APPLICATIONS).json()["metadata"]
        assert [one["httpMethod"] for one in told] == ["POST"]

    def test_applications_of_others_are_not_there(
        self, installation: Installation, dana: Person, meeting: dict[str, Any], guest: Person
    ) -> None:
        other = join(installation, meeting)
        for found in (dana.application, register(other)):
            assert guest.get(found["_links"]["self"]["href"]).status_code == 404

    def test_guest_is_nobody_who_could_sign_in(
        self, installation: Installation, guest: Person
    ) -> None:
        uri = identity(guest)
        for password in ("", PASSWORD, "!"):
            credentials = {"grant_type": "password", "username": uri, "password": password}
            assert installation.client.post(TOKENS, data=credentials).status_code == 400
        everybody = installation.transact(lambda tx: [user.uri for user in tx.of(Users).all()])
        assert everybody == ["sip:Dana@contoso.com"]
        assert installation.transact(lambda tx: tx.of(Users).by_uri(uri)) is None


class TestEnd:
    def test_deleting_the_meeting_ends_its_guests(
        self, installation: Installation, dana: Person, meeting: dict[str, Any], guest: Person
    ) -> None:
        other = join(installation, dana.schedule())
        links = register(guest)["_links"]
        application, events = links["self"]["href"], links["events"]["href"]
        dana.delete(meeting["_links"]["self"]["href"])
        for path in (USER, application, events):
            answer = guest.get(path)
            assert answer.status_code == 403
            assert answer.headers["X-Ms-diagnostics"].startswith("28055;")
        assert ask(installation, meeting, ms_rtc_renew=guest.token).status_code == 400
        assert other.get(USER).status_code == 200
        assert dana.get(USER).status_code == 200

    def test_guests_are_forgotten_when_nothing_of_them_is_left(
        self, installation: Installation, meeting: dict[str, Any], guest: Person, clock: Clock
    ) -> None:
        def swept() -> int:
            found: dict[str, int] = installation.transact(
                lambda tx: sweep(tx, DEPLOYMENT.lifetimes)
            )
            return found["guests_removed"]

        def channels(tx: Transaction) -> Any:
            return tx.connection.execute("SELECT * FROM channels", {}).fetchall()

        second = timedelta(seconds=1)
        register(guest)
        assert installation.transact(channels)
        clock.advance(DEPLOYMENT.lifetimes.application + second)
        assert swept() == 0
        again = join(installation, meeting, ms_rtc_renew=guest.token)
        clock.advance(DEPLOYMENT.lifetimes.tombstone + second)
        assert swept() == 0
        assert not installation.transact(channels)
        clock.advance(DEPLOYMENT.lifetimes.anonymous_token)
        assert swept() == 1
        assert again.get(USER).status_code == 403

    def test_next_user_is_numbered_as_if_there_were_no_guests(
        self, installation: Installation, guest: Person, chris: Person
    ) -> None:
        user = installation.transact(lambda tx: tx.of(Users).by_uri("sip:chris@contoso.com"))
        assert user.id == 2


def test_every_server_offers_the_grant(installation: Installation) -> None:
    line = installation.client.get(USER).headers.get_list("WWW-Authenticate")[0]
    assert line.endswith(f',grant_type="{GRANT},password"')
