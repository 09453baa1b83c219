"""Delegates through the client: who acts for the user, and for whom the user acts."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from openucwa.client import AnswerLost, BadInput, Conflict, Contact, Forbidden, NotOffered
from openucwa.domain.people import Profile
from tests.client.test_sign_in import ROOT, net
from tests.client.watched import Watched
from tests.installation import CHRIS, DANA

Connect = Callable[..., Any]


@pytest.fixture
def dana(connect: Connect, server: Watched) -> Iterator[Any]:
    server.installation.add_user(CHRIS)
    with connect() as client:
        yield client.delegates


@pytest.fixture
def chris(connect: Connect, dana: Any) -> Iterator[Any]:
    del dana
    with connect("chris@contoso.com") as client:
        yield client.delegates


def uris(contacts: list[Contact]) -> list[str]:
    return [one.uri for one in contacts]


def test_are_added_listed_and_removed(dana: Any, chris: Any) -> None:
    assert (dana.list(), dana.delegators()) == ([], [])
    added = dana.add("chris@contoso.com")
    assert (added.uri, added.name) == (CHRIS.uri, "Chris Barry")
    assert uris(dana.list()) == [CHRIS.uri]
    (boss,) = chris.delegators()
    assert (boss.uri, boss.name, boss.title) == (DANA.uri, DANA.name, DANA.title)
    assert (boss.work_phone, boss.email_addresses) == (DANA.work_phone, (DANA.email,))
    assert (chris.list(), dana.delegators()) == ([], [])
    dana.remove("SIP:Chris@Contoso.com")
    assert (dana.list(), chris.delegators()) == ([], [])
    dana.remove("chris@contoso.com")


def test_others_stay_when_one_is_removed(dana: Any, server: Watched) -> None:
    for name in ("alex", "kim"):
        server.installation.add_user(Profile(uri=f"sip:{name}@contoso.com", name=name))
    for name in ("alex", "chris", "kim"):
        dana.add(f"{name}@contoso.com")
    dana.remove("chris@contoso.com")
    assert uris(dana.list()) == ["sip:alex@contoso.com", "sip:kim@contoso.com"]


def test_who_can_not_be_one(dana: Any, server: Watched) -> None:
    dana.add("chris@contoso.com")
    with pytest.raises(Conflict, match="Chris Barry is your delegate already"):
        dana.add("chris@contoso.com")
    with pytest.raises(BadInput, match="is your own address"):
        dana.add("dana@contoso.com")
    with pytest.raises(BadInput, match="is not a user"):
        dana.add("nobody@contoso.com")
    with pytest.raises(ValueError, match="is not an address of a person"):
        dana.add("nobody")
    with pytest.raises(ValueError, match="is not an address of a person"):
        dana.remove("nobody")
    for number in range(25):
        uri = f"sip:user{number}@contoso.com"
        server.installation.add_user(Profile(uri=uri, name="Somebody"))
    for number in range(24):
        dana.add(f"user{number}@contoso.com")
    with pytest.raises(Forbidden, match="You have 25 delegates, which is the limit"):
        dana.add("user24@contoso.com")
    assert len(dana.list()) == 25


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_lost_answers_do_nothing_twice(dana: Any, server: Watched, method: str) -> None:
    left = [method]

    def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if request.method == method and "/groupMemberships" in request.url.path and left:
            left.pop()
            raise httpx2.ReadError("lost")
        return response

    server.after = after
    assert dana.add("chris@contoso.com").uri == CHRIS.uri
    assert uris(dana.list()) == [CHRIS.uri]
    dana.remove("chris@contoso.com")
    assert (dana.list(), left) == ([], [])


def test_a_request_that_got_lost_is_told(dana: Any, server: Watched) -> None:
    def before(request: httpx2.Request) -> None:
        if request.method == "POST" and "/groupMemberships" in request.url.path:
            raise httpx2.ReadError("lost")

    server.before = before
    with pytest.raises(AnswerLost):
        dana.add("chris@contoso.com")
    assert dana.list() == []


def test_a_server_that_links_to_what_this_one_embeds(dana: Any, server: Watched) -> None:
    """And that answers a POST with nothing."""

    def after(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if "/people" not in request.url.path or request.method == "DELETE":
            return response
        if request.method == "POST":
            return httpx2.Response(201)
        response.read()
        body = response.json()
        for rel, one in body.pop("_embedded", {}).items():
            links = [each["_links"]["self"] for each in (one if isinstance(one, list) else [one])]
            body["_links"][rel] = links if isinstance(one, list) else links[0]
        return httpx2.Response(response.status_code, content=json.dumps(body))

    server.after = after
    assert dana.add("chris@contoso.com").name == "Chris Barry"
    assert uris(dana.list()) == [CHRIS.uri]
    dana.remove("chris@contoso.com")
    assert dana.list() == []


def test_another_server_has_none(flavour: Connect) -> None:
    with flavour("dana@contoso.com", "x", at=ROOT, transport=net()) as client:
        for ask in (client.delegates.list, client.delegates.delegators):
            with pytest.raises(NotOffered, match="people"):
                ask()
        with pytest.raises(NotOffered, match="people"):
            client.delegates.add("chris@contoso.com")
