"""Tokens: AuthenticationInUCWA.md, and what deployed clients depend on."""

import re
import time
from datetime import timedelta
from urllib.parse import urlencode

import msgspec
import pytest

from openucwa.domain.people import User
from openucwa.http import log
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.installation import Clock, Installation, Person
from tests.passwords import PASSWORD

FORM = {"grant_type": "password", "username": "Dana@contoso.com", "password": PASSWORD}
TOKENS = "/WebTicket/oauthtoken"
USER = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"


def test_password_is_granted_a_token(installation: Installation, dana: Person) -> None:
    answer = installation.client.post(TOKENS, data=FORM)
    granted = answer.json()
    assert re.fullmatch(r"cwt=[A-Za-z0-9_-]{43}", granted["access_token"])
    assert granted["expires_in"] == 8 * 3600
    assert granted["token_type"] == "Bearer"
    assert granted["ms_rtc_identityscope"] == "local"
    assert answer.headers["Cache-Control"] == "no-store"
    assert granted["access_token"] != dana.token


def test_token_is_stored_hashed_alone(installation: Installation, dana: Person) -> None:
    def rows(tx: Transaction) -> str:
        return str(tx.of(Tokens)._connection.execute("SELECT * FROM tokens", {}).fetchall())

    assert dana.token.removeprefix("cwt=") not in installation.transact(rows)


@pytest.mark.parametrize(
    "username",
    [
        "dana@contoso.com",
        "sip:Dana@contoso.com",
        "SIP:DANA@CONTOSO.COM",
        "CONTOSO\\dana",
        "dana",
        " dana@contoso.com ",
    ],
)
def test_forms_of_user_names(installation: Installation, dana: Person, username: str) -> None:
    answer = installation.client.post(TOKENS, data={**FORM, "username": username})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded;charset='UTF-8'",
        'application/x-www-form-urlencoded;charset="utf-8"',
        "application/x-www-form-urlencoded;charset=nonsense",
        "",
    ],
)
def test_charset_is_not_looked_up(
    installation: Installation, dana: Person, content_type: str
) -> None:
    answer = installation.client.post(
        TOKENS.lower(),
        content=urlencode({**FORM, "resource": "x"}),
        headers={"Content-Type": content_type},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("charset", ["", "; charset=UTF-16", "; charset=nonsense"])
def test_multipart_form(installation: Installation, dana: Person, charset: str) -> None:
    parts = (
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in FORM.items()
    )
    answer = installation.client.post(
        TOKENS,
        content="".join(parts) + "--b--\r\n",
        headers={"Content-Type": f"multipart/form-data; boundary=b{charset}"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"password": "wrong"}, "invalid_grant"),
        ({"username": "nobody@contoso.com"}, "invalid_grant"),
        ({"username": "dana@fabrikam.com"}, "invalid_grant"),
        ({"username": "@"}, "invalid_grant"),
        ({"username": "dana@"}, "invalid_grant"),
        ({"username": "x" * 5000}, "invalid_grant"),
        ({"password": ""}, "invalid_request"),
        ({"username": ""}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "urn:microsoft.rtc:passive"}, "unsupported_grant_type"),
        ({"grant_type": "urn:microsoft.rtc:windows"}, "unsupported_grant_type"),
        ({"grant_type": "nonsense"}, "unsupported_grant_type"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_refusals(
    installation: Installation, dana: Person, change: dict[str, str], error: str
) -> None:
    answer = installation.client.post(TOKENS, data={**FORM, **change})
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert re.fullmatch(
        r'\d+;source="testserver";reason="[^"]+"', answer.headers["X-Ms-diagnostics"]
    )
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/x-www-form-urlencoded", b"\xff\xfe"),
        ("application/x-www-form-urlencoded", b"a=1&" * 1000),
        ("multipart/form-data", b"nonsense"),
        ("multipart/form-data; boundary=b", b"nonsense"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n"),
        ("application/json", b"{}"),
        ("application/x-www-form-urlencoded", urlencode({**FORM, "more": "x" * 16_384}).encode()),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"x" * 16_384),
        ("application/x-www-form-urlencoded", urlencode({**FORM, "password": 1025 * "x"}).encode()),
    ],
)
def test_malformed_requests(installation: Installation, content_type: str, content: bytes) -> None:
    answer = installation.client.post(
        TOKENS, content=content, headers={"Content-Type": content_type}
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_a_form_is_weighed_before_it_is_read(installation: Installation, dana: Person) -> None:
    """Nobody else gets an answer while Python composes accents: a hundred thousand take seconds."""
    accents = urlencode({**FORM, "password": "a" + "\u0316\u0301" * 50_000})
    started = time.process_time()
    answer = installation.client.post(TOKENS, content=accents)
    assert time.process_time() - started < 0.5
    assert answer.status_code == 400
    assert "16 KiB" in answer.json()["error_description"]


def test_unknown_user_hears_what_a_wrong_password_hears(
    installation: Installation, dana: Person
) -> None:
    answers = [
        installation.client.post(TOKENS, data={**FORM, **change})
        for change in ({"password": "wrong"}, {"username": "nobody@contoso.com"})
    ]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["X-Ms-diagnostics"] == answers[1].headers["X-Ms-diagnostics"]


def test_token_expires(installation: Installation, dana: Person, clock: Clock) -> None:
    clock.advance(timedelta(hours=8) - timedelta(seconds=1))
    assert dana.get(USER).status_code == 200
    clock.advance(timedelta(seconds=1))
    answer = dana.get(USER)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("MsRtcOAuth")


@pytest.mark.parametrize("token", ["cwt=AAAA", "nonsense", "cwt=", "\xff"])
def test_invalid_token(installation: Installation, dana: Person, token: str) -> None:
    headers = {b"Authorization": b"Bearer " + token.encode("latin-1")}
    answer = installation.client.get(USER, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["code"] == "Forbidden"
    assert answer.headers["X-Ms-diagnostics"] == (
        '28055;source="testserver";reason="The OAuth token is invalid.";'
        'faultcode="wsse:FailedAuthentication"'
    )


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic ZGFuYTpkZW1v", "cwt=x"])
def test_no_token(installation: Installation, authorization: str) -> None:
    answer = installation.client.get(USER, headers={"Authorization": authorization})
    assert answer.status_code == 401


def test_tokens_of_a_disabled_user_are_void(installation: Installation, dana: Person) -> None:
    def disable(tx: Transaction) -> None:
        user = tx.of(Users).by_uri("sip:dana@contoso.com")
        assert isinstance(user, User)
        tx.of(Users).save(msgspec.structs.replace(user, disabled=True))

    installation.transact(disable)
    assert dana.get(USER).status_code == 403
    answer = installation.client.post(TOKENS, data=FORM)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_malformed_forms_leave_no_warnings(
    installation: Installation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers can send as many as they like."""
    monkeypatch.setattr("structlog.configure", lambda **_: None)
    monkeypatch.setattr("logging.basicConfig", lambda **_: None)
    log.configure()
    content = b"--b\r\nContent-Disposition: form-data\r\n\r\n\xff\n--"
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    for body in (b"nonsense", content):
        assert installation.client.post(TOKENS, content=body, headers=kind).status_code == 400
    assert not caplog.records
