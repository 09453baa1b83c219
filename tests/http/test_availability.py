"""makeMeAvailable, reportMyActivity, presence, note and location (MeDashboard.md)."""

from datetime import timedelta
from typing import Any

import pytest

from openucwa.domain.applications import Application
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.communications import Communications
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import ModalityType
from tests.http.test_events import events, link, package
from tests.http.test_guests import ANON_APPLICATIONS, REGISTRATION, join
from tests.installation import DANA, XML, Clock, Installation, Person

GIVEN = {
    "signInAs": "Busy",
    "supportedModalities": ["Messaging"],
    "supportedMessageFormats": ["Plain", "Html"],
    "phoneNumber": "tel:+14255550101",
    "audioPreference": "PhoneAudio",
    "inactiveTimeout": "00:05:00",
    "voipFallbackToPhoneAudioTimeOut": "PT10S",
}
MINUTE = timedelta(minutes=1)
OWN = ("presence", "note", "location", "reportMyActivity")


def me(dana: Person) -> dict[str, Any]:
    found: dict[str, Any] = dana.get(dana.href("me", "self")).json()
    return found


def communication(dana: Person) -> dict[str, Any]:
    found: dict[str, Any] = dana.get(dana.href("communication", "self")).json()
    return found


def below(dana: Person, path: str) -> str:
    return dana.href("self") + path


def make_available(dana: Person, **given: object) -> None:
    answer = dana.post(dana.href("me", "makeMeAvailable"), json=given)
    assert (answer.status_code, answer.content) == (204, b""), answer.text


def row(installation: Installation, dana: Person) -> Any:
    """What is kept of the application: when it was available and active, and until when."""
    id = int(dana.application["id"])
    select = "SELECT available_at, active_at, inactive_after FROM applications WHERE id = :id"
    return installation.transact(lambda tx: tx.connection.execute(select, {"id": id}).fetchone())


def ringing(installation: Installation, modality: ModalityType) -> list[str]:
    """The applications of Dana's where an invitation rings."""

    def find(tx: Transaction) -> list[Application]:
        user = tx.of(Users).by_uri(DANA.uri)
        assert user is not None
        return tx.of(Communications).available(user.id, modality)

    return [str(one.id) for one in installation.transact(find)]


class TestMakeMeAvailable:
    def test_links_come_and_go(self, dana: Person) -> None:
        before = me(dana)
        assert before == dana.application["_embedded"]["me"]
        assert before["_links"].keys() == {"self", "makeMeAvailable"}
        make_available(dana)
        found = me(dana)
        assert found["_links"].keys() == {"self", *OWN}
        for rel in OWN[:3]:
            assert found["_links"][rel]["href"] == f"{dana.href('me', 'self')}/{rel}"
        again = dana.register()
        assert again.status_code == 200
        assert again.json()["_embedded"]["me"] == found
        assert dana.get(dana.href("self")).json()["etag"] != dana.application["etag"]

    def test_communication_has_what_was_given(self, dana: Person) -> None:
        before = communication(dana)
        make_available(dana, **GIVEN)
        settings = {name: GIVEN[name] for name in before.keys() | GIVEN.keys() if name in GIVEN}
        for name in ("signInAs", "inactiveTimeout", "voipFallbackToPhoneAudioTimeOut"):
            del settings[name]
        after = communication(dana)
        assert after == {**before, **settings, "etag": after["etag"]}
        assert after["etag"] != before["etag"]
        assert dana.put(before).status_code == 412

    def test_what_was_not_given_stays(self, dana: Person) -> None:
        dana.put({**communication(dana), "supportedModalities": ["Audio"]})
        make_available(dana, SupportedMessageFormats=["Html"], PhoneNumber=None)
        found = communication(dana)
        assert found["supportedModalities"] == ["Audio"]
        assert found["supportedMessageFormats"] == ["Html"]

    @pytest.mark.parametrize("path", ["/me/makeMeAvailable", "/COMMUNICATION/makemeavailable"])
    def test_is_there_at_both_paths(self, dana: Person, path: str) -> None:
        assert dana.post(below(dana, path), json=GIVEN).status_code == 204
        for again in ("/me/makeMeAvailable", "/communication/makeMeAvailable"):
            answer = dana.post(below(dana, again), json={})
            assert (answer.status_code, answer.json()["subcode"]) == (409, "AlreadyExists")
            assert dana.get(below(dana, again)).status_code == 405

    def test_needs_no_body_and_takes_xml(self, installation: Installation) -> None:
        first, second = installation.sign_in(), installation.sign_in()
        assert first.post(first.href("me", "makeMeAvailable")).status_code == 204
        body = (
            '<input xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa">'
            '<property name="signInAs">Away</property>'
            '<property name="inactiveTimeout">7</property>'
            '<propertyList name="supportedModalities"><item>Messaging</item></propertyList>'
            "</input>"
        )
        href = second.href("me", "makeMeAvailable")
        assert second.post(href, content=body, headers={"Content-Type": XML}).status_code == 204
        assert communication(second)["supportedModalities"] == ["Messaging"]
        assert row(installation, second)[2] == 7 * 60 * 1000
        assert row(installation, first)[2] is None

    @pytest.mark.parametrize(
        ("given", "parameter"),
        [
            ({"signInAs": "IdleOnline"}, "signInAs"),
            ({"signInAs": "Offline"}, "signInAs"),
            ({"signInAs": "Reset"}, "signInAs"),
            ({"supportedModalities": ["Telepathy"]}, "supportedModalities"),
            ({"inactiveTimeout": "soon"}, "inactiveTimeout"),
            ({"inactiveTimeout": True}, "inactiveTimeout"),
            ({"voipFallbackToPhoneAudioTimeOut": "-00:05:00"}, "voipFallbackToPhoneAudioTimeOut"),
            ({"phoneNumber": "1" * 101}, "phoneNumber"),
        ],
    )
    def test_what_is_wrong_is_told(
        self, dana: Person, given: dict[str, object], parameter: str
    ) -> None:
        answer = dana.post(dana.href("me", "makeMeAvailable"), json=given)
        assert (answer.status_code, list(answer.json()["parameters"])) == (400, [parameter])
        assert "makeMeAvailable" in me(dana)["_links"]

    def test_belongs_to_the_application(self, installation: Installation, dana: Person) -> None:
        """Its instances share it; it ends with the last one, and others don't have it."""
        other = installation.sign_in(DANA)
        make_available(dana)
        assert "makeMeAvailable" in me(other)["_links"]
        tab = dana.register(instanceId="tab").json()
        assert "presence" in tab["_embedded"]["me"]["_links"]
        for instance in ("", "?instanceId=tab"):
            assert dana.delete(dana.href("self") + instance).status_code == 204
        again = dana.register().json()
        assert "makeMeAvailable" in again["_embedded"]["me"]["_links"]

    def test_guests_are_refused(self, installation: Installation, dana: Person) -> None:
        guest = join(installation, dana.schedule())
        application = guest.post(ANON_APPLICATIONS, json=REGISTRATION).json()
        links = application["_embedded"]["me"]["_links"]
        assert links.keys() == {"self"}
        for path in (
            "/me/makeMeAvailable",
            "/communication/makeMeAvailable",
            "/me/reportMyActivity",
            "/reportMyActivity",
        ):
            answer = guest.post(application["_links"]["self"]["href"] + path)
            assert (answer.status_code, answer.json()["subcode"]) == (403, "AnonymousNotAllowed")

    def test_events(self, dana: Person) -> None:
        """Communication comes first, with all of it, and then what me has now."""
        href = events(dana) + "&medium=1"
        make_available(dana, supportedModalities=["Messaging"])
        found = package(dana, href)
        told = [
            (sender["rel"], event["link"]["rel"], event["type"], "_embedded" in event)
            for sender in found["sender"]
            for event in sender["events"]
        ]
        assert told == [
            ("communication", "communication", "updated", True),
            ("me", "me", "updated", False),
            ("me", "presence", "added", False),
            ("me", "note", "added", False),
            ("me", "location", "added", False),
        ]
        (shown,) = found["sender"][0]["events"]
        assert shown["_embedded"]["communication"] == communication(dana)

    def test_invitations_ring_where_the_modality_is_supported(
        self, installation: Installation, dana: Person
    ) -> None:
        other, third = installation.sign_in(DANA), installation.sign_in(DANA)
        dana.put({**communication(dana), "supportedModalities": ["Messaging"]})
        assert ringing(installation, ModalityType.MESSAGING) == []
        make_available(dana)
        make_available(other, supportedModalities=["Messaging", "Audio"])
        make_available(third, supportedModalities=[])
        both = [one.application["id"] for one in (dana, other)]
        assert sorted(ringing(installation, ModalityType.MESSAGING)) == sorted(both)
        assert ringing(installation, ModalityType.AUDIO) == both[1:]
        dana.put({**communication(dana), "supportedModalities": []})
        assert ringing(installation, ModalityType.MESSAGING) == both[1:]
        assert other.delete(other.href("self")).status_code == 204
        assert ringing(installation, ModalityType.MESSAGING) == []


class TestReportMyActivity:
    @pytest.mark.parametrize("path", ["/me/reportMyActivity", "/reportMyActivity"])
    def test_is_noted(
        self, installation: Installation, dana: Person, clock: Clock, path: str
    ) -> None:
        early = dana.post(below(dana, path))
        assert (early.status_code, early.json()["subcode"]) == (409, "MakeMeAvailableRequired")
        make_available(dana)
        available_at, active_at, _ = row(installation, dana)
        assert available_at == active_at
        clock.advance(MINUTE)
        answer = dana.post(below(dana, path))
        assert (answer.status_code, answer.content) == (204, b"")
        assert row(installation, dana)[:2] == (available_at, active_at + 60_000)


class TestPresence:
    @pytest.mark.parametrize("rel", ["presence", "note", "location"])
    def test_is_for_those_who_are_available(self, dana: Person, rel: str) -> None:
        href = f"{dana.href('me', 'self')}/{rel}"
        for answer in (dana.get(href), dana.post(href)):
            assert (answer.status_code, answer.json()["subcode"]) == (
                409,
                "MakeMeAvailableRequired",
            )

    @pytest.mark.parametrize(
        ("rel", "given", "shown", "empty"),
        [
            (
                "presence",
                {"availability": "DoNotDisturb"},
                {"availability": "DoNotDisturb"},
                {"availability": "Online"},
            ),
            (
                "presence",
                {"Availability": "Offwork"},
                {"activity": "off-work", "availability": "Away"},
                {"availability": "Online"},
            ),
            (
                "note",
                {"message": "Back at ten"},
                {"message": "Back at ten", "type": "Personal"},
                {"message": "", "type": "Personal"},
            ),
            ("location", {"location": "Berlin"}, {"location": "Berlin"}, {"location": ""}),
        ],
    )
    def test_is_as_it_was_told(
        self,
        installation: Installation,
        dana: Person,
        rel: str,
        given: dict[str, str],
        shown: dict[str, str],
        empty: dict[str, str],
    ) -> None:
        """In each of the user's applications where she is available, which hear of it."""
        other, lurking = installation.sign_in(DANA), installation.sign_in(DANA)
        for one in (dana, other):
            make_available(one)
        href = me(dana)["_links"][rel]["href"]
        theirs = me(other)["_links"][rel]["href"]
        nothing = {**empty, "_links": {"self": {"href": href}}, "rel": rel}
        assert dana.get(href).json() == nothing
        following = link(package(other, events(other) + "&medium=1"))
        silent = events(lurking) + "&medium=1"
        answer = dana.post(href, json=given)
        assert (answer.status_code, answer.content) == (204, b"")
        assert dana.get(href).json() == {**nothing, **shown}
        assert other.get(theirs).json() == {
            **shown,
            "_links": {"self": {"href": theirs}},
            "rel": rel,
        }
        (sender,) = package(other, following + "&medium=1")["sender"]
        assert sender["rel"] == "me"
        assert sender["events"] == [{"link": {"rel": rel, "href": theirs}, "type": "updated"}]
        assert package(lurking, silent)["sender"] == []
        assert dana.post(href, content=b"").status_code == 204
        assert dana.get(href).json() == nothing

    def test_is_told_in_the_query_and_in_xml(self, dana: Person) -> None:
        make_available(dana)
        links = me(dana)["_links"]
        note = links["note"]["href"]
        assert dana.post(f"{note}?message=On%20the%20train").status_code == 204
        assert dana.get(note).json()["message"] == "On the train"
        body = (
            '<input xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa">'
            '<property name="location">Home</property></input>'
        )
        href = links["location"]["href"]
        assert dana.post(href, content=body, headers={"Content-Type": XML}).status_code == 204
        assert dana.get(href).json()["location"] == "Home"

    @pytest.mark.parametrize(
        ("rel", "given"),
        [
            ("presence", {"availability": "Offline"}),
            ("presence", {"availability": "IdleBusy"}),
            ("note", {"message": "n" * 501}),
            ("location", {"location": "l" * 61}),
        ],
    )
    def test_what_is_wrong_is_told(self, dana: Person, rel: str, given: dict[str, str]) -> None:
        make_available(dana)
        answer = dana.post(me(dana)["_links"][rel]["href"], json=given)
        assert (answer.status_code, list(answer.json()["parameters"])) == (400, list(given))

    def test_the_availability_of_signing_in_is_kept(self, installation: Installation) -> None:
        """Where it isn't given, what the user chose before stays."""
        first, second, third = (installation.sign_in(DANA) for _ in range(3))
        make_available(first, signInAs="Busy")
        make_available(second)
        shown = second.get(me(second)["_links"]["presence"]["href"])
        assert shown.json()["availability"] == "Busy"
        make_available(third, signInAs="Online")
        shown = first.get(me(first)["_links"]["presence"]["href"])
        assert shown.json()["availability"] == "Online"


def test_an_application_that_was_ended_does_not_ring(
    installation: Installation, dana: Person
) -> None:
    make_available(dana, supportedModalities=["Messaging"])
    assert ringing(installation, ModalityType.MESSAGING) == [dana.application["id"]]
    found = installation.transact(
        lambda tx: tx.of(Applications).end(installation.clock.now + MINUTE, tx.now)
    )
    assert found == 1
    assert ringing(installation, ModalityType.MESSAGING) == []
