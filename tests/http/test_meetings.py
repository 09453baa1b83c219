"""Scheduling meetings, and what surrounds them: ScheduleAnOnlineMeeting.md and the reference."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openucwa.domain.deployment import Deployment
from openucwa.domain.policies import DialIn, DialInRegion, Invitation, Policy
from openucwa.store.sweep import sweep
from openucwa.wire.enums import AccessLevel, EntryExitAnnouncement, GenericPolicy
from tests.installation import (
    CHRIS,
    DANA,
    DEPLOYMENT,
    Clock,
    Installation,
    Person,
    installed,
    with_limits,
)


def with_policy(policy: Policy, **others: Policy) -> Deployment:
    return msgspec.structs.replace(DEPLOYMENT, policies={"default": policy, **others})


class TestSchedule:
    def test_as_printed(self, dana: Person, clock: Clock) -> None:
        answer = dana.post(
            dana.meetings,
            json={
                "attendanceAnnouncementsStatus": "Disabled",
                "description": "hey guys let's do a musical!",
                "subject": "holiday party",
                "attendees": ["sip:Chris@contoso.com", "sip:Alex@contoso.com"],
                "leaders": [],
            },
        )
        found = answer.json()
        href = found["_links"]["self"]["href"]
        in_eight_hours = int((clock.now + timedelta(hours=8)).timestamp() * 1000)
        assert answer.status_code == 200
        assert answer.headers["ETag"] == f'"{found["etag"]}"'
        assert answer.headers["Location"] == href == f"{dana.meetings}/{found['onlineMeetingId']}"
        assert found["expirationTime"] == f"/Date({in_eight_hours})/"
        assert found["accessLevel"] == "SameEnterprise"
        assert found["joinUrl"] == f"https://meet.contoso.com/danab/{found['onlineMeetingId']}"
        assert dana.get(href).json() == found

    def test_without_anything(self, dana: Person) -> None:
        for content in (b"", b"{}"):
            answer = dana.post(
                dana.meetings, content=content, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == 200
            assert answer.json()["subject"] == ""
        assert dana.post(dana.meetings).status_code == 200

    def test_as_clients_send_it(self, dana: Person) -> None:
        found = dana.schedule(
            expirationTime="0001-01-01T00:00:00",
            onlineMeetingRel="myAssignedOnlineMeeting",
            onlineMeetingId="AAAAAAAA",
            subject=None,
            attendees=None,
            accessLevel=None,
        )
        assert found["rel"] == "myOnlineMeeting"
        assert found["onlineMeetingRel"] == "myOnlineMeetings"
        assert found["onlineMeetingId"] != "AAAAAAAA"

    def test_ids_are_unguessable_and_unique(self, dana: Person, chris: Person) -> None:
        found = [
            person.schedule(phoneUserAdmission="Enabled")
            for person in (dana, chris)
            for _ in range(20)
        ]
        assert all(re.fullmatch(r"[A-Z0-9]{8}", one["onlineMeetingId"]) for one in found)
        assert all(re.fullmatch(r"\d{9}", one["conferenceId"]) for one in found)
        assert len({one["onlineMeetingId"] for one in found}) == 40
        assert len({one["conferenceId"] for one in found}) == 40

    def test_conference_id_is_for_callers_and_stays(self, dana: Person) -> None:
        meeting = dana.schedule(phoneUserAdmission="Enabled")
        off = dana.put({**meeting, "phoneUserAdmission": "Disabled"}).json()
        on = dana.put({**off, "phoneUserAdmission": "Enabled"}).json()
        assert "conferenceId" not in off
        assert on["conferenceId"] == meeting["conferenceId"]

    def test_addresses_keep_their_spelling(self, dana: Person) -> None:
        found = dana.schedule(
            attendees=["sip:Chris@Contoso.com", "SIP:chris@contoso.COM", " sip:alex@contoso.com "]
        )
        assert found["attendees"] == ["sip:Chris@Contoso.com", "sip:alex@contoso.com"]

    def test_organizer_is_among_the_leaders(self, dana: Person) -> None:
        leaders = ["sip:Alex@contoso.com"]
        assert dana.schedule(leaders=leaders)["leaders"] == [*leaders, "sip:Dana@contoso.com"]
        leaders = ["sip:DANA@contoso.com", "sip:Alex@contoso.com"]
        assert dana.schedule(leaders=leaders)["leaders"] == leaders
        assert dana.schedule(leaders=[])["leaders"] == []  # as printed: she leads alone

    @pytest.mark.parametrize(
        ("sent", "milliseconds"),
        [
            ("2027-01-31T15:00:00Z", 1801407600000),
            ("2027-01-31T15:00:00", 1801407600000),
            ("2027-01-31T16:00:00.000+01:00", 1801407600000),
            ("/Date(1801407600000)/", 1801407600000),
            ("/Date(1801407600000+0100)/", 1801407600000),
            ("2027-01-31T15:00:00.1239999Z", 1801407600123),
            ("2025-11-22T12:00:00.123Z", 1763812800123),
            ("2036-11-22T12:00:00.123Z", 2110968000123),
        ],
    )
    def test_forms_of_dates(self, dana: Person, sent: str, milliseconds: int) -> None:
        assert dana.schedule(expirationTime=sent)["expirationTime"] == f"/Date({milliseconds})/"

    def test_too_many(self, tmp_path: Path, clock: Clock) -> None:
        with installed(tmp_path, clock, with_limits(meetings_per_user=2)) as installation:
            dana, chris = installation.sign_in(DANA), installation.sign_in(CHRIS)
            meeting, _ = dana.schedule(), dana.schedule()
            answer = dana.post(dana.meetings, json={})
            assert (answer.status_code, answer.json()["subcode"]) == (409, "TooManyOnlineMeetings")
            assert chris.schedule()
            dana.delete(meeting["_links"]["self"]["href"])
            assert dana.schedule()


class TestList:
    def test_has_the_users_own(self, dana: Person, chris: Person) -> None:
        meetings = [dana.schedule(subject=subject) for subject in ("One", "Two")]
        chris.schedule(subject="Hers")
        listed = dana.get(dana.meetings).json()["_embedded"]
        assert sorted(one["subject"] for one in listed["myOnlineMeeting"]) == ["One", "Two"]
        assert all(one in listed["myOnlineMeeting"] for one in meetings)
        assert [one["rel"] for one in listed["myAssignedOnlineMeeting"]] == [
            "myAssignedOnlineMeeting"
        ]


class TestAssignedMeeting:
    def test_is_one_for_all_applications(self, installation: Installation, dana: Person) -> None:
        href = dana.href("onlineMeetings", "myAssignedOnlineMeeting")
        found = dana.get(href).json()
        other = installation.sign_in(DANA)
        again = other.get(other.href("onlineMeetings", "myAssignedOnlineMeeting")).json()
        assert found["rel"] == found["onlineMeetingRel"] == "myAssignedOnlineMeeting"
        assert again["onlineMeetingId"] == found["onlineMeetingId"]
        assert "expirationTime" not in found

    def test_can_be_updated(self, dana: Person) -> None:
        found = dana.get(dana.href("onlineMeetings", "myAssignedOnlineMeeting")).json()
        updated = dana.put({**found, "subject": "My room"})
        assert updated.status_code == 200
        assert updated.json()["rel"] == "myAssignedOnlineMeeting"
        assert updated.json()["subject"] == "My room"

    def test_can_be_deleted_and_comes_anew(self, installation: Installation, dana: Person) -> None:
        href = dana.href("onlineMeetings", "myAssignedOnlineMeeting")
        assert dana.delete(href).status_code == 204
        hub = dana.get(dana.href("onlineMeetings", "self")).json()
        assert "myAssignedOnlineMeeting" not in hub["_links"]
        again = dana.register().json()["_embedded"]["onlineMeetings"]
        assert again["_links"]["myAssignedOnlineMeeting"]["href"] != href

    def test_is_not_there_when_policy_says_so(self, tmp_path: Path, clock: Clock) -> None:
        deployment = with_policy(Policy(assigned_meeting=False))
        with installed(tmp_path, clock, deployment) as installation:
            dana = installation.sign_in()
            links = dana.application["_embedded"]["onlineMeetings"]["_links"]
            eligible = dana.get(links["onlineMeetingEligibleValues"]["href"]).json()
            assert "myAssignedOnlineMeeting" not in links
            assert "myAssignedOnlineMeeting" not in eligible["_links"]
            assert eligible["eligibleOnlineMeetingRels"] == ["myOnlineMeetings"]


class TestPolicies:
    POLICY = Policy(
        access_levels=(AccessLevel.INVITED, AccessLevel.LOCKED),
        default_access_level=AccessLevel.INVITED,
        entry_exit_announcements=(EntryExitAnnouncement.DISABLED,),
        phone_user_admission=GenericPolicy.DISABLED,
        meeting_size=5,
        participants_warning_threshold=4,
        invitation=Invitation(footer_text="Confidential.", help_url="https://help.contoso.com/"),
        dial_in=DialIn(
            default_region="Redmond / WA",
            regions=(DialInRegion(name="Redmond / WA", number="tel:+1425", languages=("en-US",)),),
        ),
    )

    @pytest.fixture
    def installation(self, tmp_path: Path, clock: Clock) -> Any:
        deployment = with_policy(Policy(), strict=self.POLICY)
        with installed(tmp_path, clock, deployment) as found:
            yield found

    @pytest.fixture
    def alex(self, installation: Installation) -> Person:
        """A user of the strict policy."""
        profile = msgspec.structs.replace(CHRIS, uri="sip:alex@contoso.com", policy="strict")
        return installation.sign_in(profile)

    def get(self, person: Person, rel: str) -> dict[str, Any]:
        found: dict[str, Any] = person.get(person.href("onlineMeetings", rel)).json()
        assert found.pop("rel") == rel
        del found["_links"]
        return found

    def test_values_are_those_of_the_users_policy(self, alex: Person, dana: Person) -> None:
        assert self.get(alex, "onlineMeetingDefaultValues") == {
            "accessLevel": "Invited",
            "automaticLeaderAssignment": "Disabled",
            "defaultOnlineMeetingRel": "myOnlineMeetings",
            "entryExitAnnouncement": "Disabled",
            "lobbyBypassForPhoneUsers": "Disabled",
            "participantsWarningThreshold": 4,
        }
        assert self.get(alex, "onlineMeetingEligibleValues")["accessLevels"] == [
            "Invited",
            "Locked",
        ]
        assert self.get(alex, "onlineMeetingPolicies") == {
            "entryExitAnnouncement": "Disabled",
            "externalUserMeetingRecording": "Disabled",
            "meetingRecording": "Disabled",
            "meetingSize": 5,
            "phoneUserAdmission": "Disabled",
            "voipAudio": "Disabled",
        }
        assert self.get(alex, "onlineMeetingInvitationCustomization") == {
            "invitationFooterText": "Confidential.",
            "invitationHelpUrl": "https://help.contoso.com/",
        }
        assert self.get(dana, "onlineMeetingDefaultValues")["accessLevel"] == "SameEnterprise"

    def test_meetings_start_with_the_defaults(self, alex: Person) -> None:
        assert alex.schedule()["accessLevel"] == "Invited"

    def test_values_that_are_not_eligible_are_refused(self, alex: Person, dana: Person) -> None:
        for name, value in (
            ("accessLevel", "Everyone"),
            ("entryExitAnnouncement", "Enabled"),
            ("phoneUserAdmission", "Enabled"),
        ):
            answer = alex.post(alex.meetings, json={name: value})
            assert answer.json()["subcode"] == "ParameterValidationFailure"
            assert list(answer.json()["parameters"]) == [name]
            assert dana.schedule(**{name: value})[name] == value

    def test_dial_in_is_linked_where_there_are_numbers(self, alex: Person, dana: Person) -> None:
        found = alex.get(alex.href("onlineMeetings", "phoneDialInInformation")).json()
        (region,) = found["_embedded"]["dialInRegion"]
        assert found["defaultRegion"] == region["name"] == "Redmond / WA"
        assert region["number"] == "tel:+1425"
        assert alex.get(region["_links"]["self"]["href"]).json() == region
        links = dana.application["_embedded"]["onlineMeetings"]["_links"]
        assert "phoneDialInInformation" not in links
        missing = dana.href("onlineMeetings", "self") + "/phoneDialInInformation"
        assert dana.get(missing).status_code == 404

    def test_policy_that_is_gone_is_the_default_one(self, installation: Installation) -> None:
        profile = msgspec.structs.replace(CHRIS, policy="gone")
        assert installation.sign_in(profile).schedule()["accessLevel"] == "SameEnterprise"


class TestSweep:
    GRACE = DEPLOYMENT.lifetimes.meeting_grace

    def left(self, installation: Installation) -> int:
        installation.transact(lambda tx: sweep(tx, DEPLOYMENT.lifetimes))
        dana = installation.sign_in()
        return len(dana.get(dana.meetings).json()["_embedded"].get("myOnlineMeeting", []))

    def test_expired_meeting_goes_after_its_grace_and_not_before(
        self, installation: Installation, dana: Person, clock: Clock
    ) -> None:
        dana.schedule(expirationTime=(clock.now + timedelta(days=1)).isoformat())
        clock.advance(timedelta(days=1) + self.GRACE)
        assert self.left(installation) == 1
        clock.advance(timedelta(milliseconds=1))
        assert self.left(installation) == 0

    def test_grace_starts_with_the_last_change_of_an_expired_meeting(
        self, installation: Installation, dana: Person, clock: Clock
    ) -> None:
        dana.schedule(expirationTime=(clock.now - timedelta(days=300)).isoformat())
        clock.advance(self.GRACE)
        assert self.left(installation) == 1
        clock.advance(timedelta(milliseconds=1))
        assert self.left(installation) == 0

    def test_assigned_meeting_stays(
        self, installation: Installation, dana: Person, clock: Clock
    ) -> None:
        before = dana.get(dana.href("onlineMeetings", "myAssignedOnlineMeeting")).json()
        clock.advance(timedelta(days=1000))
        self.left(installation)
        dana = installation.sign_in()
        after = dana.get(dana.href("onlineMeetings", "myAssignedOnlineMeeting")).json()
        assert after["onlineMeetingId"] == before["onlineMeetingId"]


def test_paths_compare_without_case_and_slashes_collapse(dana: Person) -> None:
    meeting = dana.schedule(subject="x")
    href = meeting["_links"]["self"]["href"]
    for path in (href.upper(), href.lower(), href.replace("/", "//"), href + "/"):
        answer = dana.get(f"http://testserver{path}")
        assert answer.json() == meeting


def test_history_keeps_the_configured_number_of_versions(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock, with_limits(versions_per_meeting=3)) as installation:
        dana = installation.sign_in()
        versions = [dana.schedule(subject="0")]
        for number in range(1, 6):
            versions.append(dana.put({**versions[-1], "subject": str(number)}).json())
        told = [
            dana.request(
                "PUT",
                version["_links"]["self"]["href"],
                json=version,
                headers={
                    "If-Match": f'"{version["etag"]}"',
                    "Prefer": "return=representation",
                },
            ).json()
            for version in versions[:-1]
        ]
        assert ["changedProperties" in one for one in told] == [False, False, False, True, True]


def test_a_list_embeds_what_fits_and_links_to_the_rest(dana: Person) -> None:
    """Of meetings that are too large together, as many as possible are embedded."""
    people = [f"sip:{number:05}{'x' * 230}@contoso.com" for number in range(3800)]
    few = [dana.schedule(subject=str(number)) for number in range(5)]
    many = [
        dana.schedule(subject="many", attendees=people[:2000], leaders=people[2000 + number :])
        for number in (0, 1, 1)
    ]
    answer = dana.get(dana.meetings)
    folder = answer.json()
    embedded = [one["onlineMeetingId"] for one in folder["_embedded"]["myOnlineMeeting"]]
    linked = [one["href"] for one in folder["_links"]["myOnlineMeeting"]]
    assert len(answer.content) < 2.1 * 1024 * 1024
    assert embedded == sorted(one["onlineMeetingId"] for one in (*few, *many[1:]))
    assert linked == [many[0]["_links"]["self"]["href"]]
    in_xml = dana.get(dana.meetings, Accept="application/xml").text
    assert f'<link rel="myOnlineMeeting" href="{linked[0]}"/>' in in_xml


def test_a_list_that_fits_has_no_links_to_meetings(dana: Person) -> None:
    dana.schedule(subject="Weekly")
    assert "myOnlineMeeting" not in dana.get(dana.meetings).json()["_links"]
