"""Photos and their cookie: photo_ref.md, and what deployed clients depend on."""

import time
from datetime import timedelta

import pytest
from httpx2 import Response

from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.installation import Installation, Person

COOKIE = "cwt_ucwa"


def ticket(answer: Response) -> str:
    """The value of the cookie that an answer sets."""
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    assert name == COOKIE
    return value


def photo(person: Person) -> str:
    return person.href("self") + "/photos/dana@contoso.com"


def ask(installation: Installation, href: str, cookie: str | None, method: str = "GET") -> Response:
    """Ask as an `<img>` does: with no token."""
    installation.client.cookies.clear()
    headers = {} if cookie is None else {"Cookie": f"other=1; {COOKIE}={cookie}"}
    return installation.client.request(method, href, headers=headers)


def test_registering_sets_the_cookie_for_the_photos_of_the_application(dana: Person) -> None:
    for status in (201, 200):
        answer = dana.register()
        assert answer.status_code == status
        _, *attributes = answer.headers["Set-Cookie"].split("; ")
        path = answer.json()["_links"]["self"]["href"] + "/photos"
        assert attributes == [f"path={path}", "secure", "HttpOnly", "SameSite=None", "Partitioned"]


def test_the_cookie_is_the_same_for_each_instance_of_the_application(dana: Person) -> None:
    without = dana.register().headers["Set-Cookie"]
    assert dana.register(instanceId="tab 2").headers["Set-Cookie"] == without


def test_a_photo_can_be_asked_for_with_the_cookie_or_a_token(
    installation: Installation, dana: Person
) -> None:
    cookie = ticket(dana.register())
    for answer in (ask(installation, photo(dana), cookie), dana.get(photo(dana))):
        assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")
        assert answer.json()["message"] == "There is no such photo."


def test_a_photo_needs_one_of_the_two(installation: Installation, dana: Person) -> None:
    answer = ask(installation, photo(dana), None)
    assert answer.status_code == 401
    assert answer.headers.get_list("WWW-Authenticate")[0].startswith("MsRtcOAuth ")


def test_what_the_server_has_not_made_is_no_cookie(
    installation: Installation, dana: Person
) -> None:
    def rows(tx: Transaction) -> list[tuple[str]]:
        return tx.of(Tokens)._connection.execute("SELECT hash FROM tokens", {}).fetchall()

    ((stored,),) = installation.transact(rows)
    for made_up in ("x", dana.token, stored, ticket(dana.register())[:-1]):
        assert ask(installation, photo(dana), made_up).status_code == 403


def test_a_hostile_cookie_takes_no_time(installation: Installation, dana: Person) -> None:
    """Escapes in a cookie take http.cookies the square of their number."""
    started = time.process_time()
    assert ask(installation, photo(dana), '"' + "\\" * 60_000 + '"').status_code == 403
    assert time.process_time() - started < 0.5


def test_the_cookie_does_not_reach_what_belongs_to_others(
    installation: Installation, dana: Person, chris: Person
) -> None:
    answer = ask(installation, photo(chris), ticket(dana.register()))
    assert (answer.status_code, answer.json()["subcode"]) == (404, "ApplicationNotFound")


def test_the_cookie_opens_photos_alone(installation: Installation, dana: Person) -> None:
    cookie, meeting = ticket(dana.register()), dana.schedule()["_links"]["self"]["href"]
    paths = [
        ("GET", dana.href("self")),
        ("DELETE", dana.href("self")),
        ("GET", dana.href("me", "self")),
        ("GET", meeting),
        ("DELETE", meeting),
        ("POST", dana.meetings),
        ("GET", "/ucwa/oauth/v1/applications"),
        ("GET", "/Autodiscover/AutodiscoverService.svc/root/oauth/user"),
    ]
    for method, path in paths:
        assert ask(installation, path, cookie, method).status_code == 401, (method, path)


def test_the_value_of_the_cookie_is_no_token(installation: Installation, dana: Person) -> None:
    value = ticket(dana.register())
    assert dana.token not in value
    for href in (photo(dana), dana.href("self")):
        answer = installation.client.get(href, headers={"Authorization": f"Bearer {value}"})
        assert answer.status_code == 403


@pytest.mark.parametrize("ends", ["expired", "revoked"])
def test_the_cookie_ends_with_its_token(
    installation: Installation, dana: Person, ends: str
) -> None:
    href, cookie = photo(dana), ticket(dana.register())
    if ends == "expired":
        installation.clock.advance(timedelta(hours=8))
    else:
        user = installation.transact(lambda tx: tx.of(Users).by_uri("sip:dana@contoso.com"))
        installation.transact(lambda tx: tx.of(Tokens).revoke(user.id))
    status = ask(installation, href, cookie).status_code
    assert status == {"expired": 401, "revoked": 403}[ends]
