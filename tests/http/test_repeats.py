"""Scheduling a meeting once, however often it is asked for: Idempotency-Key."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from openucwa.store.sweep import sweep
from tests.engines import new_database
from tests.installation import (
    CHRIS,
    DEPLOYMENT,
    Clock,
    Installation,
    Person,
    installed,
    with_limits,
)

KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'
WANTED = {"subject": "Weekly", "attendees": ["sip:Chris@contoso.com"]}


def post(person: Person, key: str | None = KEY, **wanted: Any) -> Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return person.post(person.meetings, json=wanted or WANTED, headers=headers)


def count(person: Person) -> int:
    embedded = person.get(person.meetings).json().get("_embedded", {})
    return len(embedded.get("myOnlineMeeting", []))


def test_a_client_knows_before_it_needs_it(dana: Person) -> None:
    assert dana.application["_embedded"]["onlineMeetings"]["acceptsIdempotencyKey"] is True
    assert dana.get(dana.href("onlineMeetings", "self")).json()["acceptsIdempotencyKey"] is True


def test_the_same_request_is_answered_with_the_same_meeting(dana: Person) -> None:
    first, second = post(dana), post(dana)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert second.headers["Location"] == first.headers["Location"]
    assert count(dana) == 1


def test_it_is_the_meeting_as_it_is_now(dana: Person) -> None:
    moved = dana.put({**post(dana).json(), "subject": "Moved"})
    assert post(dana).json() == moved.json()


def test_without_a_key_there_is_one_more_each_time(dana: Person) -> None:
    for key in (None, None, "", " "):
        assert post(dana, key).status_code == 200
    assert count(dana) == 4


def test_another_key_makes_another_meeting(dana: Person) -> None:
    post(dana, '"one"')
    post(dana, '"two"')
    assert count(dana) == 2


def test_quotes_may_be_left_out(dana: Person) -> None:
    assert post(dana, KEY).json() == post(dana, KEY.strip('"')).json()


def test_the_same_key_with_another_request_is_refused(dana: Person) -> None:
    post(dana)
    answer = post(dana, subject="Weekly", attendees=[])
    assert answer.status_code == 422
    assert answer.json()["code"] == "UnprocessableEntity"
    assert answer.json()["subcode"] == "IdempotencyKeyReused"
    assert count(dana) == 1


def test_order_case_and_format_make_no_other_request(dana: Person) -> None:
    first = post(dana).json()
    again = post(dana, Attendees=WANTED["attendees"], SUBJECT="Weekly", description=None)
    body = """<input xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa">
        <propertyList name="attendees"><item>sip:Chris@contoso.com</item></propertyList>
        <property name="subject">Weekly</property>
    </input>"""
    headers = {"Idempotency-Key": KEY, "Content-Type": "application/xml"}
    in_xml = dana.post(dana.meetings, content=body, headers=headers)
    assert again.json() == in_xml.json() == first


def test_each_user_has_keys_of_her_own(installation: Installation, dana: Person) -> None:
    chris = installation.sign_in(CHRIS)
    assert post(dana).json()["organizerUri"] == "sip:Dana@contoso.com"
    assert post(chris).json()["organizerUri"] == "sip:Chris@contoso.com"


def test_another_application_of_the_user_repeats_it_too(
    installation: Installation, dana: Person
) -> None:
    """A client that has lost its answer may have lost its application as well."""
    first = post(dana).json()
    other = post(installation.sign_in()).json()
    assert other["onlineMeetingId"] == first["onlineMeetingId"]


def test_what_was_refused_is_tried_again(dana: Person) -> None:
    assert post(dana, attendees=["nobody"]).status_code == 400
    assert post(dana).status_code == 200
    assert count(dana) == 1


def test_what_was_deleted_does_not_come_back(dana: Person) -> None:
    dana.delete(post(dana).json()["_links"]["self"]["href"])
    answer = post(dana)
    assert (answer.status_code, answer.json()["code"]) == (409, "Conflict")
    assert count(dana) == 0


def test_the_last_meeting_that_is_allowed_is_answered_again(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock, with_limits(meetings_per_user=1)) as installation:
        dana = installation.sign_in()
        assert post(dana).content == post(dana).content
        assert post(dana, '"another"').status_code == 409


@pytest.mark.parametrize("key", ['"', '""', '"a"b"', '"a", "b"', "a,b", '"' + "a" * 256 + '"', "é"])
def test_a_key_that_cannot_be_read_is_refused(dana: Person, key: str) -> None:
    headers: Any = {"Idempotency-Key": key.encode("latin-1")}
    answer = dana.post(dana.meetings, json=WANTED, headers=headers)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["message"]
    assert count(dana) == 0


def test_a_key_is_kept_a_day(dana: Person, clock: Clock) -> None:
    def swept() -> int:
        def remove(tx: Any) -> int:
            return sweep(tx, DEPLOYMENT.lifetimes)["idempotency_keys_removed"]

        found: int = dana.installation.transact(remove)
        return found

    first = post(dana).json()
    clock.advance(timedelta(hours=23, minutes=59))
    assert swept() == 0
    dana = dana.installation.sign_in()
    assert post(dana).json()["onlineMeetingId"] == first["onlineMeetingId"]
    clock.advance(timedelta(minutes=1))
    assert swept() == 1
    assert post(dana).json()["onlineMeetingId"] != first["onlineMeetingId"]


def at_once(people: list[Person], key: str) -> list[Response]:
    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(lambda person: post(person, key), people))


def test_of_eight_at_the_same_moment_one_makes_it(dana: Person) -> None:
    assert dana.meetings  # she has an application by now
    for number in range(5):
        answers = at_once([dana] * 8, f'"{number}"')
        assert [one.status_code for one in answers] == [200] * 8
        assert len({one.content for one in answers}) == 1
    assert count(dana) == 5


def test_of_two_servers_of_one_database_one_makes_it(tmp_path: Path, clock: Clock) -> None:
    place = new_database()
    with (
        installed(tmp_path, clock, location=place) as here,
        installed(tmp_path, clock, location=place) as there,
    ):
        people = [here.sign_in(), there.sign_in()]
        assert all(person.meetings for person in people)
        for number in range(5):
            answers = at_once(people * 4, f'"{number}"')
            assert [one.status_code for one in answers] == [200] * 8
            assert len({one.json()["onlineMeetingId"] for one in answers}) == 1
        assert count(people[0]) == 5


def test_in_a_batch(dana: Person) -> None:
    body = "\r\n".join(
        [
            "--b",
            "Content-Type: application/http; msgtype=request",
            "",
            f"POST {dana.meetings} HTTP/1.1",
            "Content-Type: application/json",
            f"Idempotency-Key: {KEY}",
            "",
            json.dumps(WANTED),
            "",
        ]
    )
    answer = dana.post(
        dana.href("batch"),
        content=f"{body}{body}--b--\r\n",
        headers={"Content-Type": "multipart/batching;boundary=b"},
    )
    assert answer.text.count("HTTP/1.1 200 OK") == 2
    assert post(dana).json()["onlineMeetingId"] in answer.text
    assert count(dana) == 1
