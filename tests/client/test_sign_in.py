"""Signing in: the ways in which it goes well, and those in which it doesn't."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from openucwa.client import (
    LockedOut,
    NotFound,
    NotOffered,
    NotUcwa,
    SignInFailed,
    SignInRequired,
    Token,
    WrongPassword,
)
from tests.client.net import Net, challenge, guarded, page, show, token
from tests.client.watched import Watched
from tests.installation import Clock
from tests.passwords import PASSWORD

Connect = Callable[..., Any]

ROOT = "https://ucwa.contoso.com/"
USER, TOKENS = f"{ROOT}user", f"{ROOT}token"
APPLICATIONS, APPLICATION = f"{ROOT}applications", f"{ROOT}applications/1"


def net(**places: Any) -> Net:
    return Net(
        {
            ROOT: show(user=USER),
            USER: guarded(challenge(TOKENS), show(applications=APPLICATIONS)),
            TOKENS: token(),
            APPLICATIONS: show(status=201, self=APPLICATION),
            APPLICATION: show(self=APPLICATION),
            **{globals()[name]: answer for name, answer in places.items()},
        }
    )


def test_a_wrong_password_is_told(connect: Connect) -> None:
    with pytest.raises(WrongPassword, match=r"dana@contoso\.com or the password is wrong"):
        connect(password="wrong").application()


def test_a_lock_is_told_with_its_end(connect: Connect) -> None:
    def fail() -> SignInFailed:
        with pytest.raises(SignInFailed) as failed:
            connect(password="wrong").application()
        return failed.value

    locked = next(error for _ in range(20) if isinstance(error := fail(), LockedOut))
    assert locked.retry_after > 0
    assert f"{round(locked.retry_after)} seconds" in str(locked)


def test_no_password_is_told_before_anything_is_sent_to_sign_in(
    connect: Connect, server: Watched
) -> None:
    with pytest.raises(SignInRequired, match="not signed in"):
        connect(password=None).application()
    assert server.count("POST", "/oauthtoken") == 0


def test_goes_on_with_a_token_of_an_earlier_session(connect: Connect, server: Watched) -> None:
    told: list[Token | None] = []
    with connect(on_token=told.append):
        pass
    (kept,) = told
    assert kept
    with connect(password=None, token=Token(kept.text), on_token=told.append) as client:
        assert client.application().href
    assert told == [kept]
    assert server.count("POST", "/oauthtoken") == 1


@pytest.mark.parametrize("text", ["cwt=forged", "x"])
def test_a_token_that_does_not_hold_is_given_up(connect: Connect, text: str) -> None:
    told: list[Token | None] = []
    with pytest.raises(SignInRequired):
        connect(password=None, token=Token(text), on_token=told.append).application()
    assert told == [None]
    with connect(token=Token(text), on_token=told.append):
        assert told[1] is None
        assert told[2]


def test_a_token_that_ends_with_no_password_at_hand_is_told(connect: Connect, clock: Clock) -> None:
    told: list[Token | None] = []
    with connect(on_token=told.append):
        pass
    with connect(password=None, token=told[0], on_token=told.append) as client:
        client.application()
        clock.advance(timedelta(hours=9))
        with pytest.raises(SignInRequired):
            client.get(client.application().href)
    assert told[-1] is None


def test_a_token_is_renewed_before_its_end(flavour: Connect) -> None:
    places = net(TOKENS=[token("cwt=1", expires_in=0), token("cwt=2")])
    with flavour("dana@contoso.com", "x", at=ROOT, transport=places) as client:
        client.get(APPLICATION)
    assert {one.headers.get("Authorization") for one in places.requests[-2:]} == {"Bearer cwt=2"}


def test_a_token_that_is_due_is_used_on_without_a_password(flavour: Connect) -> None:
    places = net(USER=show(applications=APPLICATIONS))
    due = Token("cwt=9", datetime.now(UTC) + timedelta(seconds=5))
    with flavour("dana@contoso.com", at=ROOT, transport=places, token=due) as client:
        assert client.get(APPLICATION).href == APPLICATION


def test_a_server_that_refuses_its_own_tokens_is_asked_no_third_time(flavour: Connect) -> None:
    places = net(USER=challenge(TOKENS))
    with pytest.raises(SignInFailed, match="just granted"):
        flavour("dana@contoso.com", "x", at=ROOT, transport=places).application()
    assert places.seen.count(f"POST {TOKENS}") == 1
    places = net(APPLICATION=httpx2.Response(401))
    with (
        flavour("dana@contoso.com", "x", at=ROOT, transport=places) as client,
        pytest.raises(SignInFailed, match="just granted"),
    ):
        client.get(APPLICATION)


def test_a_server_that_takes_no_passwords_says_what_it_takes(flavour: Connect) -> None:
    issuer = 'Bearer authorization_uri="https://login.contoso.com"'
    places = net(USER=challenge(TOKENS, "urn:microsoft.rtc:windows", issuer))
    with pytest.raises(SignInFailed, match=r"rtc:windows.*https://login\.contoso\.com"):
        flavour("dana@contoso.com", "x", at=ROOT, transport=places).application()


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (httpx2.Response(400, json={"error": "invalid_grant"}), WrongPassword, "is wrong"),
        (httpx2.Response(401, json={"error": "invalid_grant"}), WrongPassword, "is wrong"),
        (
            httpx2.Response(400, json={"error": "invalid_scope", "error_description": "Say all."}),
            SignInFailed,
            "Say all",
        ),
        (page(), NotUcwa, "web page"),
        (httpx2.Response(200, json={"access_token": 5}), NotUcwa, "without a token"),
        (httpx2.Response(200, json={"access_token": "a\nb"}), NotUcwa, "without a token"),
        (httpx2.Response(200, json={}), NotUcwa, "without a token"),
        (httpx2.Response(302, headers={"Location": "https://sso.example"}), NotUcwa, "sso.example"),
    ],
)
def test_tells_what_is_wrong(
    flavour: Connect, answer: httpx2.Response, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        flavour("dana@contoso.com", "x", at=ROOT, transport=net(TOKENS=answer)).application()


def test_a_user_resource_that_is_for_everybody_is_no_server(flavour: Connect) -> None:
    places = net(USER=show(applications=APPLICATIONS))
    with pytest.raises(NotUcwa, match="requires no token"):
        flavour("dana@contoso.com", "x", at=ROOT, transport=places).application()


def test_signing_out_ends_the_application(connect: Connect, server: Watched) -> None:
    with connect() as client:
        first = client.application().href
        client.sign_out()
        assert server.count("DELETE", first) == 1
        assert client.application().href != first
    assert server.count("POST", "/oauthtoken") == 2


def test_signing_out_revokes_the_token(connect: Connect, server: Watched) -> None:
    tokens: list[Token | None] = []
    with connect(on_token=tokens.append) as client, connect() as other:
        client.sign_out()
        assert server.count("POST", "/oauth/revoke") == 1
        assert [one.is_current for one in other.sessions()] == [True]
    (token,) = tokens
    with pytest.raises(SignInRequired):
        connect(password=None, token=token).application()


def test_sessions_are_listed_and_ended(connect: Connect, server: Watched) -> None:
    with connect() as phone, connect() as desk:
        phone.application()
        mine, other = sorted(desk.sessions(), key=lambda one: not one.is_current)
        assert (mine.is_current, other.is_current) == (True, False)
        assert other.applications
        assert mine.signed_in_at is not None
        desk.end_session(other)
        assert [one.id for one in desk.sessions()] == [mine.id]
        with pytest.raises(NotFound):
            desk.end_session(other)


def test_another_server_has_no_sessions(flavour: Connect) -> None:
    with flavour("dana@contoso.com", "x", at=ROOT, transport=net()) as client:
        with pytest.raises(NotOffered, match="sessions"):
            client.sessions()
        client.sign_out()


def test_another_thread_may_forget_the_server_meanwhile(flavour: Connect) -> None:
    def forget(request: httpx2.Request) -> httpx2.Response:
        client._session._entrance._found = None
        return token()

    client = flavour("dana@contoso.com", "x", at=ROOT, transport=net(TOKENS=forget))
    with client:
        assert client.get(APPLICATION).href == APPLICATION


def test_asks_for_the_password_when_the_token_holds_no_more(
    connect: Connect, server: Watched, clock: Clock
) -> None:
    told: list[Token | None] = []
    with connect(on_token=told.append):
        pass
    asked: list[int] = []

    def ask() -> str:
        asked.append(len(asked))
        return PASSWORD if len(asked) > 1 else "wrong"

    with connect(password=ask, token=told[0], on_token=told.append) as client:
        href = client.application().href
        assert not asked
        clock.advance(timedelta(hours=9))
        client.get(href)
        assert asked == [0, 1]
    assert told[-1] is not None


def test_asks_three_times_at_most(connect: Connect, server: Watched) -> None:
    asked: list[str] = []

    def ask() -> str:
        asked.append("wrong")
        return asked[-1]

    with pytest.raises(WrongPassword):
        connect(password=ask).application()
    assert len(asked) == 3
