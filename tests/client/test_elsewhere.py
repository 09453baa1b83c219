"""The client at another server than ours: it needs nothing but what UCWA documents."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openucwa.client import NotFound, NotOffered, PreconditionFailed
from openucwa.client.transports import InProcess
from tests.client.elsewhere import PLAY_BACK, Elsewhere
from tests.passwords import PASSWORD


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


@pytest.fixture
def client(flavour: Callable[..., Any], elsewhere: Elsewhere) -> Iterator[Any]:
    with (
        InProcess(elsewhere) as transport,
        flavour("dana@fabrikam.com", PASSWORD, transport=transport) as client,
    ):
        yield client


def test_finds_the_server_from_outside(client: Any, elsewhere: Elsewhere) -> None:
    assert client.root_url == "https://lyncdiscover.fabrikam.com/"
    assert [url for _, url in elsewhere.requests][:4] == [
        "https://lyncdiscoverinternal.fabrikam.com/",
        "http://lyncdiscoverinternal.fabrikam.com/",
        "https://lyncdiscover.fabrikam.com/",
        "https://pool7.fabrikam.com/who",
    ]


def test_follows_links_where_ours_embeds(client: Any) -> None:
    session = client._session
    assert client.follow(client.application(), "me").properties["name"] == "Dana"
    meetings = session.dashboard("onlineMeetings").link("myOnlineMeetings")
    assert meetings.startswith("https://pool7.fabrikam.com/reach/v2/apps/")
    assert session.get(meetings).links("myOnlineMeeting") == []
    with pytest.raises(NotOffered, match="people"):
        session.dashboard("people")


def test_edits_a_meeting(client: Any, elsewhere: Elsewhere) -> None:
    session = client._session
    meetings = session.dashboard("onlineMeetings").link("myOnlineMeetings")
    made = session.send("POST", meetings, {"subject": "Weekly"}).resource
    assert made.etag.isdigit()
    assert made.properties[PLAY_BACK]
    assert made.properties["expirationTime"].year == 2027
    changed = session.send(
        "PUT", made.href, {**made.raw, "subject": "New"}, if_match=made.etag
    ).resource
    elsewhere.change(made.properties["onlineMeetingId"], description="Theirs")
    with pytest.raises(PreconditionFailed):
        session.send("PUT", made.href, changed.raw, if_match=changed.etag)
    now = session.get(made.href)
    assert (now.properties["subject"], now.properties["description"]) == ("New", "Theirs")
    assert session.send("DELETE", made.href).status == 204
    with pytest.raises(NotFound):
        session.get(made.href)


def test_renews_a_token_that_is_refused_with_403(client: Any, elsewhere: Elsewhere) -> None:
    href = client.application().href
    elsewhere.expire_tokens()
    assert client.get(href)


def test_creates_an_application_again(client: Any, elsewhere: Elsewhere) -> None:
    session = client._session
    meetings = session.dashboard("onlineMeetings").link("myOnlineMeetings")
    made = session.send("POST", meetings, {"subject": "Weekly"}).resource
    elsewhere.expire_applications()
    elsewhere.expire_tokens()
    again = session.send("PUT", made.href, {**made.raw, "subject": "New"}, if_match=made.etag)
    assert again.resource.href != made.href
    assert again.resource.properties["subject"] == "New"
