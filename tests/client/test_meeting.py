"""A meeting as it was fetched, and a draft of what it should be."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from openucwa.client.draft import Draft
from openucwa.client.meeting import Meeting
from openucwa.client.people import People
from openucwa.client.resource import Resource
from openucwa.wire.enums import AccessLevel

HREF = "/ucwa/oauth/v1/applications/103/onlineMeetings/myOnlineMeetings/PYC58WSY"
RANDOM = "56de7bbf-1081-43e6-bbf2-1cabf3224c83"
SERVED: dict[str, Any] = {
    "accessLevel": "SameEnterprise",
    "attendees": ["sip:Chris@contoso.com", "sip:Alex@contoso.com"],
    "description": "What is done.",
    "expirationTime": "/Date(1795392000000)/",
    "leaders": [],
    "onlineMeetingId": "PYC58WSY",
    "organizerUri": "sip:Dana@contoso.com",
    "subject": "Weekly",
    "seats": 12,
    RANDOM: "please pass this in a PUT request",
    "_links": {"self": {"href": HREF}},
    "rel": "myOnlineMeeting",
    "etag": "3109609770",
}


def meeting(**changes: object) -> Meeting:
    return Meeting(Resource.parse({**SERVED, **changes}))


def test_attributes_are_typed_and_what_is_unknown_stays() -> None:
    found = meeting()
    assert (found.id, found.subject, found.organizer) == (
        "PYC58WSY",
        "Weekly",
        "sip:Dana@contoso.com",
    )
    assert found.access_level is AccessLevel.SAME_ENTERPRISE
    assert found.expires == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert found.attendees == ("sip:Chris@contoso.com", "sip:Alex@contoso.com")
    assert (found.href, found.etag) == (HREF, "3109609770")
    assert found.properties["seats"] == 12
    assert found.conference_id == ""  # callers are not admitted
    assert not found.is_standing


def test_member_of_a_newer_server_stays_text() -> None:
    assert meeting(accessLevel="Telepathy").access_level == "Telepathy"


def test_meeting_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        meeting().subject = "Mine"


def test_meeting_outlives_its_process() -> None:
    found = Meeting.from_json(meeting().to_json())
    assert found == meeting()
    assert found.properties == meeting().properties


def test_meeting_whose_version_stood_in_the_header_alone_outlives_its_process() -> None:
    raw = {name: value for name, value in SERVED.items() if name not in ("rel", "etag", "_links")}
    one = Meeting(Resource.parse(raw, href=HREF, rel="myOnlineMeeting", etag='"7"'))
    found = Meeting.from_json(one.to_json())
    assert (found.etag, found.href, found.resource.rel) == ("7", HREF, "myOnlineMeeting")


NO_JSON_OF_OURS = ["", "{}", "[]", "7", '{"href": 1}', '{"resource": 7}', '{"base": 7}']


@pytest.mark.parametrize("text", [*NO_JSON_OF_OURS, '{"rel":1,"href":1,"etag":1,"resource":1}'])
def test_other_text_is_no_meeting(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own for what is no JSON
        Meeting.from_json(text)


def test_draft_outlives_its_process() -> None:
    draft = Draft(meeting())
    draft.subject = "/Date(0)/"
    draft.expires = datetime(2026, 12, 24, 15, 0, tzinfo=UTC)
    draft.access_level = AccessLevel.EVERYONE
    draft.attendees.remove("sip:alex@contoso.com")
    draft["seats"] = None
    draft.change({"colours": ["red", "blue"]})
    found = Draft.from_json(draft.to_json())
    assert found.base == draft.base
    assert found.changes() == draft.changes()
    assert found.access_level is AccessLevel.EVERYONE
    assert Draft.from_json(Draft(meeting()).to_json()).changes() == {}


@pytest.mark.parametrize("text", [*NO_JSON_OF_OURS, '{"base": "{}", "changes": {}}'])
def test_other_text_is_no_draft(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own for what is no JSON
        Draft.from_json(text)


def test_draft_tells_what_it_changes() -> None:
    draft = Draft(meeting())
    assert draft.changes() == {}
    draft.subject = "Q3 review"
    draft.attendees.add("dana@contoso.com")
    draft.access_level = AccessLevel.EVERYONE
    draft["seats"] = 20
    assert draft.subject == "Q3 review"
    assert draft["seats"] == 20
    assert draft.changes() == {
        "accessLevel": "Everyone",
        "attendees": (
            "sip:Chris@contoso.com",
            "sip:Alex@contoso.com",
            "sip:dana@contoso.com",
        ),
        "subject": "Q3 review",
        "seats": 20,
    }
    assert meeting().subject == "Weekly"


def test_change_that_is_taken_back_is_none() -> None:
    draft = Draft(meeting())
    draft.attendees.remove("alex@contoso.com")
    draft.attendees.add("alex@contoso.com")
    draft.subject = "Q3 review"
    draft.subject = "Weekly"
    assert draft.changes() == {}


def test_people_are_replaced_as_a_whole() -> None:
    draft = Draft(meeting())
    draft.attendees = ["lenea@contoso.com"]
    assert draft.changes() == {"attendees": ("sip:lenea@contoso.com",)}


def test_several_are_changed_at_once() -> None:
    draft = Draft(meeting())
    expires = datetime(2026, 12, 1, tzinfo=UTC)
    draft.change({"seats": 7}, subject="Q3 review", attendees={"alex@contoso.com"}, expires=expires)
    assert draft.expires == expires
    assert list(draft.changes()) == ["attendees", "expirationTime", "subject", "seats"]


def test_time_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Draft(meeting()).expires = datetime(2026, 12, 1)  # noqa: DTZ001 - that is the point


def test_draft_keeps_what_a_put_must_have() -> None:
    draft = Draft(meeting())
    draft.subject = "Mine"
    assert draft.properties[RANDOM] == SERVED[RANDOM]
    assert json.dumps(sorted(draft.properties)).count("_links") == 0


def test_what_a_draft_does_not_have_can_not_be_set() -> None:
    """A misspelt name would be lost without a word."""
    draft: Any = Draft(meeting())
    with pytest.raises(AttributeError):
        draft.subjct = "Q3 review"
    with pytest.raises(AttributeError):
        draft.join_url = "https://meet.contoso.com/"
    with pytest.raises(ValueError, match=r"no property acces_level .* Did you mean access_level"):
        draft.change(acces_level=AccessLevel.EVERYONE)
    with pytest.raises(ValueError, match=r"no property subjcet .* Did you mean subject"):
        draft.change(subjcet="Q3 review")
    with pytest.raises(ValueError, match=r"no property Subject .* Did you mean subject"):
        draft["Subject"] = "Q3 review"
    with pytest.raises(
        ValueError, match=r"no property seats .*a property that only your server knows as extra"
    ):
        Draft(Meeting(Resource.parse({"rel": "myOnlineMeeting"}))).change(seats=7)
    with pytest.raises(ValueError, match="joinUrl is set by the server"):
        draft.change({"joinUrl": "https://meet.contoso.com/"})
    assert draft.changes() == {}
    with pytest.raises(ValueError, match="joinUrl is set by the server"):
        draft["joinUrl"] = "https://meet.contoso.com/"


def test_values_are_kept_as_the_server_will_serve_them() -> None:
    """Else one's own change would look like somebody else's."""
    draft = Draft(meeting(colours=["red"]))
    draft.expires = datetime(2026, 12, 24, 15, 0, 0, 123456, tzinfo=UTC)
    assert draft.expires == datetime(2026, 12, 24, 15, 0, 0, 123000, tzinfo=UTC)
    draft["colours"] = ("red",)
    draft.change(description=None)
    assert draft.changes() == {"description": "", "expirationTime": draft.expires}


def test_expiry_is_a_time() -> None:
    with pytest.raises(ValueError, match="expires must be a datetime with a time zone"):
        Draft(meeting()).change(expires="2026-12-01T15:00")
    draft = Draft(meeting())
    draft.expires = None
    assert draft.changes() == {"expirationTime": None}


@pytest.mark.parametrize(
    "moment",
    [
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-8))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_a_time_that_utc_does_not_have_is_none(moment: datetime) -> None:
    with pytest.raises(ValueError, match="too early or too late"):
        Draft(meeting()).expires = moment


def test_the_last_moment_is_one() -> None:
    draft = Draft(meeting())
    draft.expires = datetime.max.replace(tzinfo=UTC)
    assert draft.expires is not None
    assert draft.expires.year == 9999


def test_draft_shares_nothing_with_its_base() -> None:
    base = meeting(colours=["red"])
    draft = Draft(base)
    colours: Any = draft["colours"]
    colours.append("blue")
    assert draft.changes() == {"colours": ["red", "blue"]}
    assert base.properties["colours"] == ["red"]


def test_people_who_are_there_stay_however_they_are_named() -> None:
    """A server may name people by what this client takes for no address."""
    served = ["tel:+14255550100", "TEL:+14255550100", "lenea@contoso.com", "sip:Lenea@contoso.com"]
    found = meeting(attendees=served)
    draft = Draft(found)
    assert list(draft.attendees) == served
    assert draft.changes() == {}
    draft.attendees |= {"alex@contoso.com"}
    assert list(draft.attendees) == [*served, "sip:alex@contoso.com"]
    draft.attendees = draft.attendees - {"sip:lenea@contoso.com"}
    assert list(draft.attendees) == [*served[:3], "sip:alex@contoso.com"]
    draft.attendees = [*found.attendees, "chris@contoso.com"]
    assert list(draft.attendees) == [*served, "sip:chris@contoso.com"]
    with pytest.raises(ValueError, match="not an address"):
        draft.attendees = ["tel:+14255550199"]
    assert "sip:chris@contoso.com" in draft.attendees


def test_person_who_is_there_keeps_her_spelling() -> None:
    draft = Draft(meeting())
    draft.attendees = ["alex@contoso.com"]
    assert list(draft.attendees) == ["sip:Alex@contoso.com"]


@pytest.mark.parametrize("value", [None, 7, "alex@contoso.com"])
def test_people_are_a_list(value: Any) -> None:
    draft = Draft(meeting())
    with pytest.raises(ValueError, match="attendees must be a list of addresses"):
        draft.attendees = value
    assert draft.changes() == {}


@pytest.mark.parametrize("kind", [list, tuple, set, People])
def test_draft_of_wanted_properties(kind: Any) -> None:
    draft = Draft(meeting(), {"attendees": kind(["sip:lenea@contoso.com"])})
    assert list(draft.attendees) == ["sip:lenea@contoso.com"]
