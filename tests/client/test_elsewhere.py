"""The client at another server than ours: it needs nothing but what UCWA documents."""

from collections.abc import Callable, Iterator
from itertools import islice
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


def test_plays_back_what_no_utf_8_can_hold(client: Any, elsewhere: Elsewhere) -> None:
    session = client._session
    meetings = session.dashboard("onlineMeetings").link("myOnlineMeetings")
    made = session.send("POST", meetings, {"subject": "Weekly"}).resource
    elsewhere.change(made.properties["onlineMeetingId"], description="half \ud83d of a pair")
    now = session.get(made.href)
    again = session.send("PUT", made.href, now.raw, if_match=now.etag).resource
    assert again.properties["description"] == "half \ud83d of a pair"


def test_follows_its_events(client: Any, elsewhere: Elsewhere) -> None:
    """Whatever the addresses of its channel look like, and if it embeds nothing."""
    client.application()
    me = client.follow(client.application(), "me").href
    links = [{"link": {"rel": rel, "href": f"{me}/{rel}"}, "type": "added"} for rel in "ab"]
    for link in links:
        elsewhere.tell({"rel": "me", "href": me, "events": [link]})
    told = [(event.type, event.rel, event.resource) for event in islice(client.events(), 2)]
    assert told == [("added", "a", None), ("added", "b", None)]


def test_creates_an_application_that_has_ended_for_the_events(
    client: Any, elsewhere: Elsewhere
) -> None:
    client.application()
    elsewhere.expire_applications()
    event = next(client.events())
    assert (event.type, event.href) == ("resync", client.application().href)
