"""PUT on a meeting: UpdateAnOnlineMeeting.md, PayloadFormat.md and RFC 9110, section 13."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.http import printed
from tests.installation import Clock, Installation, Person, play_back_name


@pytest.fixture
def meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(
        subject="Weekly", description="As always", attendees=["sip:Chris@contoso.com"]
    )


def test_request_as_printed_is_answered_as_printed(
    installation: Installation, clock: Clock
) -> None:
    clock.now = datetime(2013, 1, 17, tzinfo=UTC)
    dana = installation.sign_in()
    scheduled = dana.schedule(subject="Weekly meeting")
    places = {"application": dana.application["id"], "meeting": scheduled["onlineMeetingId"]}

    answer = dana.request(
        "PUT",
        "https://lyncweb.contoso.com" + scheduled["_links"]["self"]["href"],
        headers={**printed.REQUEST_HEADERS, "If-Match": f'"{scheduled["etag"]}"'},
        content=printed.here(printed.REQUEST_BODY, **places, etag=scheduled["etag"]),
    )

    etag = answer.json()["etag"]
    assert answer.status_code == 200
    assert etag != scheduled["etag"]
    as_printed = printed.here(printed.RESPONSE_BODY, **places, etag=etag)
    assert printed.but_for_additions(answer.text) == as_printed
    headers = dict(answer.headers.raw)
    assert headers[b"ETag"] == f'"{etag}"'.encode()
    assert headers[b"Cache-Control"] == b"no-cache, no-store"
    assert headers[b"Content-Type"] == b"application/json; charset=utf-8"
    assert headers[b"Content-Length"] == str(len(answer.content)).encode()


def test_get_serves_what_put_answered(dana: Person, meeting: dict[str, Any]) -> None:
    updated = dana.put({**meeting, "subject": "Moved"})
    fetched = dana.get(meeting["_links"]["self"]["href"])
    assert fetched.content == updated.content
    assert fetched.headers["ETag"] == updated.headers["ETag"]


def test_what_is_left_out_returns_to_its_default(dana: Person, clock: Clock) -> None:
    meeting = dana.schedule(
        subject="Weekly",
        description="As always",
        accessLevel="Everyone",
        attendees=["sip:Chris@contoso.com"],
        leaders=["sip:Alex@contoso.com"],
        phoneUserAdmission="Enabled",
        expirationTime="2027-01-01T00:00:00Z",
    )
    bare = {name: meeting[name] for name in ("_links", "etag", play_back_name(meeting))}
    updated = dana.put(bare).json()
    in_eight_hours = int((clock.now + timedelta(hours=8)).timestamp() * 1000)
    assert updated["subject"] == updated["description"] == ""
    assert updated["attendees"] == updated["leaders"] == []
    assert updated["accessLevel"] == "SameEnterprise"
    assert updated["phoneUserAdmission"] == "Disabled"
    assert updated["expirationTime"] == f"/Date({in_eight_hours})/"


def test_null_and_year_one_mean_not_given(dana: Person, meeting: dict[str, Any]) -> None:
    put = {**meeting, "subject": None, "expirationTime": "0001-01-01T00:00:00", "href": None}
    updated = dana.put(put).json()
    assert updated["subject"] == ""
    assert updated["expirationTime"].startswith("/Date(")


def test_names_compare_without_case(dana: Person, meeting: dict[str, Any]) -> None:
    put = {name.upper() if name == "subject" else name: value for name, value in meeting.items()}
    assert dana.put({**put, "SUBJECT": "Loud"}).json()["subject"] == "Loud"


def test_read_only_and_unknown_members_are_ignored(dana: Person, meeting: dict[str, Any]) -> None:
    put = {
        **meeting,
        "organizerUri": "sip:mallory@contoso.com",
        "conferenceId": "1",
        "joinUrl": "https://evil.example/",
        "favouriteColour": {"of": ["anybody"]},
    }
    updated = dana.put(put).json()
    dana.installation.findings.clear()  # the oracle has noticed, as it should
    assert updated["organizerUri"] == "sip:Dana@contoso.com"
    assert updated["joinUrl"] == meeting["joinUrl"]
    assert "favouriteColour" not in updated


@pytest.mark.parametrize(
    "form",
    ['"{etag}"', "{etag}", "*", '"1", "{etag}"', '"{etag}","1"', ' "{etag}" ', 'W/"9", "{etag}"'],
)
def test_if_match_forms_that_match(dana: Person, meeting: dict[str, Any], form: str) -> None:
    assert dana.put(meeting, if_match=form.format(**meeting)).status_code == 200


@pytest.mark.parametrize("form", ['W/"{etag}"', '"1"', '"1", "2"', "1{etag}", '"{etag} "'[:-1]])
def test_if_match_forms_that_do_not_match(dana: Person, meeting: dict[str, Any], form: str) -> None:
    answer = dana.put({**meeting, "subject": "Lost"}, if_match=form.format(**meeting))
    assert answer.status_code in (400, 412)
    assert dana.get(meeting["_links"]["self"]["href"]).json() == meeting


def test_if_match_over_several_lines(dana: Person, meeting: dict[str, Any]) -> None:
    answer = dana.installation.client.put(
        meeting["_links"]["self"]["href"],
        json=meeting,
        headers=[*dana.authorization.items(), ("If-Match", '"1"'), ("If-Match", meeting["etag"])],
    )
    assert answer.status_code == 200


def test_second_of_two_writers_is_refused(dana: Person, meeting: dict[str, Any]) -> None:
    first = dana.put({**meeting, "subject": "First"})
    second = dana.put({**meeting, "subject": "Second"})
    assert first.status_code == 200
    assert second.status_code == 412
    assert second.json()["code"] == "PreconditionFailed"
    assert dana.get(meeting["_links"]["self"]["href"]).json()["subject"] == "First"


def test_etag_never_comes_back(dana: Person, meeting: dict[str, Any]) -> None:
    moved = dana.put({**meeting, "subject": "Moved"}).json()
    back = dana.put({**moved, "subject": meeting["subject"]}).json()
    assert len({meeting["etag"], moved["etag"], back["etag"]}) == 3
    assert dana.put({**meeting, "subject": "Late"}).status_code == 412


def test_condition_is_checked_before_the_content(dana: Person, meeting: dict[str, Any]) -> None:
    answer = dana.request(
        "PUT",
        meeting["_links"]["self"]["href"],
        content=b"{",
        headers={"If-Match": '"1"', "Content-Type": "application/json"},
    )
    assert answer.status_code == 412


def test_not_modified(dana: Person, meeting: dict[str, Any]) -> None:
    href = meeting["_links"]["self"]["href"]
    for tag in (f'"{meeting["etag"]}"', f'W/"{meeting["etag"]}"', "*", meeting["etag"]):
        answer = dana.get(href, **{"If-None-Match": tag})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["ETag"] == f'"{meeting["etag"]}"'
    assert dana.get(href, **{"If-None-Match": '"1"'}).status_code == 200


def test_delete_may_be_conditional(dana: Person, meeting: dict[str, Any]) -> None:
    href = meeting["_links"]["self"]["href"]
    assert dana.delete(href, **{"If-Match": '"1"'}).status_code == 412
    assert dana.get(href).status_code == 200
    assert dana.delete(href, **{"If-Match": f'"{meeting["etag"]}"'}).status_code == 204
    assert dana.get(href).status_code == 404


class TestPreferringTheRepresentation:
    """`Prefer: return=representation`: a 412 tells what has changed."""

    def test_tells_who_changed_what(
        self, dana: Person, meeting: dict[str, Any], clock: Clock
    ) -> None:
        dana.put({**meeting, "subject": "Moved"})
        clock.advance(timedelta(minutes=1))
        current = dana.put(
            {**dana.get(meeting["_links"]["self"]["href"]).json(), "accessLevel": "Everyone"}
        ).json()
        answer = self.put_stale(dana, meeting)
        told = answer.json()
        assert answer.status_code == 412
        assert answer.headers["Preference-Applied"] == "return=representation"
        assert answer.headers["ETag"] == f'"{current["etag"]}"'
        assert told["_embedded"]["myOnlineMeeting"] == current
        assert told["changedBy"] == "sip:Dana@contoso.com"
        assert told["changedAt"] == f"/Date({int(clock.now.timestamp() * 1000)})/"
        assert told["changedProperties"] == ["accessLevel", "subject"]

    def test_leaves_the_properties_out_for_a_version_that_is_not_known(
        self, dana: Person, meeting: dict[str, Any]
    ) -> None:
        for etag in ("1", "not-a-number", "9" * 30):
            told = self.put_stale(dana, {**meeting, "etag": etag}).json()
            assert "changedProperties" not in told
            assert told["_embedded"]["myOnlineMeeting"]["etag"] == meeting["etag"]

    def test_spelling_and_order_of_people_are_no_change(
        self, dana: Person, meeting: dict[str, Any]
    ) -> None:
        dana.put({**meeting, "attendees": ["sip:CHRIS@contoso.com"]})
        assert self.put_stale(dana, meeting).json()["changedProperties"] == []

    def test_forms_of_the_preference(self, dana: Person, meeting: dict[str, Any]) -> None:
        for form in ('return="representation"', "respond-async, Return=Representation; x=1"):
            answer = self.put_stale(dana, {**meeting, "etag": "1"}, prefer=form)
            assert "_embedded" in answer.json()
        answer = self.put_stale(dana, {**meeting, "etag": "1"}, prefer="return=minimal")
        assert "_embedded" not in answer.json()

    @staticmethod
    def put_stale(
        dana: Person, meeting: dict[str, Any], *, prefer: str = "return=representation"
    ) -> Any:
        return dana.request(
            "PUT",
            meeting["_links"]["self"]["href"],
            json=meeting,
            headers={"If-Match": f'"{meeting["etag"]}"', "Prefer": prefer},
        )
