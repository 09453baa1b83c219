"""Changes that a server passes over: none of them goes unnoticed."""

import json
from typing import Any

import httpx2
import pytest

from openucwa.client import ChangesIgnored, Meeting
from tests.client.watched import Watched


@pytest.fixture
def weekly(phone: Any) -> Any:
    return phone.schedule(subject="Weekly", attendees=["chris@contoso.com"])


def test_a_misspelt_name_is_sent_to_nobody(phone: Any, weekly: Meeting, server: Watched) -> None:
    before = len(server.seen)
    for change in (phone.update, lambda _, **named: phone.schedule(**named)):
        with pytest.raises(
            ValueError, match=r"no property subjcet that can be set\. Did you mean subjec"
        ):
            change(weekly, subjcet="Q3 review")
    with pytest.raises(ValueError, match="subjcet"), phone.edit(weekly) as draft:
        draft.change(subjcet="Q3 review")
    assert len(server.seen) == before


def test_what_the_server_does_not_know_is_told(
    phone: Any, weekly: Meeting, server: Watched
) -> None:
    with pytest.raises(ChangesIgnored, match="'Q3 review', but not your roomNumber") as ignored:
        phone.update(weekly, subject="Q3 review", extra={"roomNumber": "18/2107"})
    assert ignored.value.ignored == ("roomNumber",)
    assert ignored.value.saved == phone.get(weekly.id)
    assert ignored.value.saved.subject == "Q3 review"
    server.installation.findings.clear()  # UCWA knows of no such property, either


def test_it_is_told_when_the_meeting_is_new(phone: Any, server: Watched) -> None:
    with pytest.raises(ChangesIgnored) as ignored:
        phone.schedule(subject="Weekly", extra={"roomNumber": "18/2107"})
    assert phone.get(ignored.value.saved.id).subject == "Weekly"
    server.installation.findings.clear()


def test_a_known_property_that_stays_as_it_was_is_told(
    phone: Any, weekly: Meeting, server: Watched
) -> None:
    """As a policy of the server may have it."""

    def before(request: httpx2.Request) -> None:
        if request.method == "PUT":
            content = {**json.loads(request.content), "subject": weekly.subject}
            body = json.dumps(content).encode()
            request.stream = httpx2.ByteStream(body)
            request._content = body
            request.headers["Content-Length"] = str(len(body))

    server.before = before
    with pytest.raises(ChangesIgnored) as ignored, phone.edit(weekly) as draft:
        draft.change(subject="Q3 review", description="Lunch.")
    assert ignored.value.ignored == ("subject",)
    assert draft.saved.description == "Lunch."


def test_what_is_spelled_otherwise_is_not_ignored(phone: Any, weekly: Meeting) -> None:
    saved = phone.update(weekly, attendees=["SIP:Chris@Contoso.com", "alex@contoso.com"])
    assert len(saved.attendees) == 2
