"""Sessions: what a user has signed in, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest

from openucwa.domain.people import User
from openucwa.domain.sessions import MOST
from openucwa.http.authentication import hash_of
from openucwa.store.tables.sessions import Sessions
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.http import test_guests as guests
from tests.installation import Clock, Installation, Person
from tests.virtual import serving

USER = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"


def link(person: Person, rel: str) -> str:
    href: str = person.get(USER).json()["_links"][rel]["href"]
    return href


def sessions(person: Person) -> list[dict[str, Any]]:
    answer = person.get(link(person, "sessions"))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["_embedded"]["session"]
    return found


def revoke(person: Person, token: str) -> int:
    href = link(person, "tokenRevocation")
    status: int = person.installation.client.post(href, data={"token": token}).status_code
    return status


def test_a_user_sees_what_she_has_signed_in(
    installation: Installation, dana: Person, chris: Person, clock: Clock
) -> None:
    clock.advance(timedelta(hours=1))
    with installation.at("203.0.113.7"):
        phone = installation.sign_in()
    phone.register(userAgent="phone/1")
    newest, oldest = sessions(dana)
    assert (newest["address"], newest["isCurrent"]) == ("203.0.113.7", False)
    assert newest["applications"] == ["phone/1"]
    assert newest["client"] == installation.client.headers["User-Agent"]
    assert (oldest["isCurrent"], oldest["applications"]) == (True, [])
    clock.advance(timedelta(hours=7))
    assert [one["isCurrent"] for one in sessions(phone)] == [True]


def test_a_session_ends_with_its_applications(installation: Installation, dana: Person) -> None:
    phone = installation.sign_in()
    meeting = phone.schedule()
    mine = dana.schedule()["_links"]["self"]["href"]
    (other,) = (one for one in sessions(dana) if not one["isCurrent"])
    assert dana.delete(other["_links"]["self"]["href"]).status_code == 204
    assert phone.get(meeting["_links"]["self"]["href"]).status_code == 403
    assert dana.get(phone.href("self")).status_code == 404
    assert dana.get(mine).status_code == 200
    assert dana.delete(other["_links"]["self"]["href"]).status_code == 404


def test_nobody_ends_the_sessions_of_others(
    installation: Installation, dana: Person, chris: Person
) -> None:
    (session,) = sessions(dana)
    href = session["_links"]["self"]["href"]
    assert chris.get(href).status_code == 404
    assert chris.delete(href).status_code == 404
    assert [one["id"] for one in sessions(dana)] == [session["id"]]


def test_an_application_belongs_to_the_session_that_used_it_last(
    installation: Installation, dana: Person
) -> None:
    """A client that signs in again goes on with its application."""
    href = dana.href("self")
    again = installation.sign_in()
    assert again.get(href).status_code == 200
    assert revoke(again, dana.token) == 200
    assert dana.get(href).status_code == 403
    assert again.get(href).status_code == 200


def test_a_revoked_token_holds_no_more(installation: Installation, dana: Person) -> None:
    href, other = dana.href("self"), installation.sign_in()
    assert revoke(other, dana.token) == 200
    assert dana.get(href).status_code == 403
    assert other.get(href).status_code == 404
    assert revoke(other, dana.token) == 200  # as RFC 7009 has it, section 2.2
    assert revoke(other, "cwt=unknown") == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"token": ""}, "invalid_request"),
        ({"token": "x" * 17_000}, "invalid_request"),
        ({"token": "an.issuer's.token"}, "unsupported_token_type"),
    ],
)
def test_what_can_not_be_revoked(
    installation: Installation, dana: Person, form: dict[str, str], error: str
) -> None:
    answer = installation.client.post(link(dana, "tokenRevocation"), data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_not_known_takes_no_transaction(
    installation: Installation, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers can't keep others from writing by it."""
    before = installation.database.write
    written = list[Any]()

    async def write(operation: Any) -> Any:
        written.append(operation)
        return await before(operation)

    monkeypatch.setattr(installation.database, "write", write)
    assert revoke(dana, "cwt=unknown") == 200
    assert written == []
    assert revoke(dana, dana.token) == 200
    assert len(written) == 1


def test_a_guest_signs_out_too(installation: Installation, dana: Person) -> None:
    guest = guests.join(installation, dana.schedule())
    assert "sessions" not in guest.get(USER).json()["_links"]
    assert revoke(guest, guest.token) == 200
    assert guest.get(USER).status_code == 403


def test_guests_of_a_disabled_organizer_lose_their_sessions(
    installation: Installation, dana: Person, chris: Person
) -> None:
    mine, others = dana.schedule(), chris.schedule()
    guest, another = guests.join(installation, mine), guests.join(installation, others)
    guests.register(guest)

    def end(tx: Transaction) -> None:
        user = tx.of(Users).by_uri("sip:dana@contoso.com")
        assert user is not None
        tx.of(Sessions).end_of_guests(user.id)

    installation.transact(end)
    assert guest.get(USER).status_code == 403
    assert another.get(USER).status_code == 200


def test_of_too_many_tokens_the_oldest_are_removed(
    installation: Installation, dana: Person, clock: Clock
) -> None:
    clock.advance(timedelta(seconds=1))

    def add(tx: Transaction) -> None:
        user = tx.of(Users).by_uri("sip:dana@contoso.com")
        assert isinstance(user, User)
        for number in range(MOST):
            tx.of(Tokens).add(hash_of(f"{number}"), user, tx.now + timedelta(hours=8))
        assert len(tx.of(Sessions).of(user.id)) == MOST

    installation.transact(add)
    assert dana.get(USER).status_code == 403


def test_a_request_that_waits_ends_with_its_session() -> None:
    with serving() as server:
        dana = server.sign_in()
        waiting = dana.ask()
        assert not waiting.task.done()
        phone = server.send("POST", "/oauth/revoke", body=f"token={dana.token}".encode())
        assert phone.status == 200
        server.loop.settle()
        server.pass_time(1)
        assert waiting.status in (403, 404)
