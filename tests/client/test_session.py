"""The session of a client: its server, its token and its application."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openucwa.client import PreconditionFailed, Token
from tests.client.watched import Watched
from tests.installation import Clock

Connect = Callable[..., Any]


def test_signs_in_and_creates_an_application_once(connect: Connect, server: Watched) -> None:
    with connect() as client:
        first = client.application()
        assert client.application() is first
    assert first.rel == "application"
    assert server.count("POST", "/applications") == 1
    assert server.count("POST", "/oauthtoken") == 1
    assert client.root_url == "https://lyncdiscoverinternal.contoso.com/"


def test_reads_what_the_application_embeds_and_leads_to(connect: Connect) -> None:
    with connect() as client:
        me = client.follow(client.application(), "me")
        assert me.properties["name"] == "Dana Birkby"
        assert client.get(me.href).properties["uri"] == "sip:Dana@contoso.com"


def test_sends_properties_and_reads_the_answer(connect: Connect) -> None:
    with connect() as client:
        session = client._session
        meetings = session.dashboard("onlineMeetings").link("myOnlineMeetings")
        expires = datetime(2026, 12, 1, 15, tzinfo=UTC)
        content = {"subject": "/Date(5)/", "attendees": ("sip:a@b.c",), "expirationTime": expires}
        answer = session.send("POST", meetings, content)
        meeting = answer.resource
        assert (answer.status, meeting.rel, meeting.etag) == (200, "myOnlineMeeting", meeting.etag)
        assert {name: meeting.properties[name] for name in content} == {
            **content,
            "attendees": ["sip:a@b.c"],
        }
        renamed = session.send(
            "PUT", meeting.href, {**meeting.raw, "subject": "New"}, if_match=meeting.etag
        )
        assert renamed.resource.properties["subject"] == "New"
        with pytest.raises(PreconditionFailed) as stale:
            session.send("PUT", meeting.href, meeting.raw, if_match=meeting.etag)
        assert stale.value.status == 412
        assert session.send("DELETE", meeting.href).resource is None


def test_creates_an_expired_application_again_and_finds_old_addresses_in_it(
    connect: Connect, server: Watched, clock: Clock
) -> None:
    with connect() as client:
        first = client.application()
        meetings = client.follow(client.application(), "onlineMeetings")
        clock.advance(timedelta(hours=5))
        again = client.get(meetings.href)
        second = client.application()
    assert first.href != second.href
    assert again.href.startswith(second.href)
    bodies = [one.content for one in server.seen if one.url.path.endswith("/applications")]
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]  # the endpoint id above all


def test_signs_in_again_when_the_token_has_expired(
    connect: Connect, server: Watched, clock: Clock
) -> None:
    tokens: list[Token | None] = []
    with connect(on_token=tokens.append) as client:
        client.application()
        clock.advance(timedelta(hours=9))
        assert client.get(client.application().href)
    first, ended, second = tokens
    assert first
    assert second
    assert ended is None
    assert first.text != second.text
