"""Bearer tokens of an OpenID Connect issuer: RFC 7519, RFC 8725, OpenID Connect Discovery 1.0."""

import base64
import json
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwk, jws, jwt

from openucwa.http.oidc import DISCOVERY, Issuer
from openucwa.settings.oidc import Algorithm, Oidc
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.installation import DANA, Clock, Installation, Person, installed
from tests.sockets.process import USERNAME, add_user, serving

USER = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"
ROOT = "/Autodiscover/AutodiscoverService.svc/root"
APPLICATIONS = "/ucwa/oauth/v1/applications"
AUDIENCE = "https://ucwa.contoso.com"

RSA = jwk.RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = jwk.ECKey.generate_key("P-256", {"kid": "ec"})
STRANGER = jwk.RSAKey.generate_key(2048, {"kid": "rsa"})


@dataclass
class Web:
    """What the issuer serves, by path; and what it was asked for."""

    base: str = ""
    pages: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    failing: bool = False

    def publish(self, *keys: jwk.Key) -> None:
        self.pages["/keys"] = {"keys": [key.as_dict(private=False) for key in keys]}


@pytest.fixture
def web() -> Iterator[Web]:
    """An issuer on loopback, with its configuration and two keys."""
    found = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            page = None if found.failing else found.pages.get(self.path)
            body = json.dumps(page).encode()
            self.send_response(200 if page is not None else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        found.base = f"http://127.0.0.1:{server.server_port}"
        found.pages[DISCOVERY] = {"issuer": found.base, "jwks_uri": f"{found.base}/keys"}
        found.publish(RSA, EC)
        yield found
        server.shutdown()
        thread.join()


@dataclass
class Trust:
    """A server that trusts the issuer, where Dana has an account, and tokens for it."""

    installation: Installation
    web: Web
    issuer: Issuer

    def token(self, key: jwk.Key = RSA, alg: str = "RS256", **change: Any) -> str:
        claims = {
            "iss": self.issuer.name,
            "aud": AUDIENCE,
            "exp": self.now + 600,
            "upn": "dana@contoso.com",
            **change,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": alg, "kid": key.kid}, claims, key, [alg])

    @property
    def now(self) -> int:
        return int(self.installation.clock.now.timestamp())

    def ask(self, token: str, path: str = USER) -> Response:
        answer: Response = self.installation.client.get(
            path, headers={"Authorization": f"Bearer {token}"}
        )
        return answer


@contextmanager
def trusting(folder: Path, clock: Clock, web: Web, **configured: Any) -> Iterator[Trust]:
    issuer = Issuer(Oidc(**{"issuer": web.base, "audience": AUDIENCE, **configured}))
    with installed(folder, clock, issuer=issuer) as installation:
        installation.add_user(DANA)
        yield Trust(installation, web, issuer)


@pytest.fixture
def trust(tmp_path: Path, clock: Clock, web: Web) -> Iterator[Trust]:
    with trusting(tmp_path, clock, web) as found:
        yield found


def is_rejected(answer: Response) -> bool:
    return answer.status_code == 403 and answer.headers["X-Ms-diagnostics"].startswith("28055;")


class TestAccepted:
    @pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (EC, "ES256")])
    def test_token_is_taken_on_any_request(self, trust: Trust, key: jwk.Key, alg: str) -> None:
        person = Person(trust.installation, trust.token(key, alg))
        assert person.get(USER).status_code == 200
        assert person.application["_embedded"]["me"]["uri"] == "sip:Dana@contoso.com"
        assert person.schedule(subject="Signed in elsewhere")["organizerUri"] == DANA.uri

    def test_token_holds_for_events_and_for_each_part_of_a_batch(self, trust: Trust) -> None:
        person = Person(trust.installation, trust.token())
        assert person.get(person.href("events")).status_code == 200
        part = (
            "Content-Type: application/http; msgtype=request\r\n\r\nGET {} HTTP/1.1\r\n{}\r\n\r\n"
        )
        parts = (part.format(USER, ""), part.format(USER, "Authorization: Bearer a.b.c\r\n"))
        answer = person.post(
            person.href("batch"),
            content="".join(f"--x\r\n{one}" for one in parts) + "--x--",
            headers={"Content-Type": "multipart/batching;boundary=x"},
        )
        assert re.findall(r"^HTTP/1.1 (\d+)", answer.text, re.MULTILINE) == ["200", "403"]

    def test_token_gets_no_cookie_for_photos(self, trust: Trust) -> None:
        assert "Set-Cookie" not in Person(trust.installation, trust.token()).register().headers
        assert "Set-Cookie" in trust.installation.sign_in().register().headers

    def test_keys_are_fetched_once(self, trust: Trust) -> None:
        for _ in range(3):
            assert trust.ask(trust.token()).status_code == 200
        assert trust.web.asked == [DISCOVERY, "/keys"]

    @pytest.mark.parametrize(
        "address", ["Dana@Contoso.com", "sip:dana@contoso.com", "SIP:dana@contoso.com"]
    )
    def test_spelling_of_the_address_does_not_matter(self, trust: Trust, address: str) -> None:
        assert trust.ask(trust.token(upn=address)).status_code == 200

    def test_one_audience_of_several(self, trust: Trust) -> None:
        assert trust.ask(trust.token(aud=["https://other", AUDIENCE])).status_code == 200

    def test_token_without_a_kid_where_there_is_one_key(self, trust: Trust) -> None:
        trust.web.publish(EC)
        claims = {
            "iss": trust.issuer.name,
            "aud": AUDIENCE,
            "exp": trust.now + 9,
            "upn": "dana@contoso.com",
        }
        assert trust.ask(jwt.encode({"alg": "ES256"}, claims, EC)).status_code == 200

    def test_own_tokens_go_on(self, trust: Trust) -> None:
        assert trust.installation.sign_in().get(USER).status_code == 200
        assert trust.web.asked == []

    def test_another_claim(self, tmp_path: Path, clock: Clock, web: Web) -> None:
        with trusting(tmp_path, clock, web, claim="email") as trust:
            assert is_rejected(trust.ask(trust.token()))
            assert is_rejected(trust.ask(trust.token(email="dana@contoso.com")))
            verified = trust.token(email="dana@contoso.com", email_verified=True)
            assert trust.ask(verified).status_code == 200

    @pytest.mark.parametrize("from_file", [True, False])
    def test_keys_of_a_file_or_an_address(
        self, tmp_path: Path, clock: Clock, web: Web, from_file: bool
    ) -> None:
        file = tmp_path / "keys.json"
        file.write_text(json.dumps(web.pages["/keys"]))
        jwks = str(file) if from_file else f"{web.base}/keys"
        with trusting(tmp_path, clock, web, jwks=jwks) as trust:
            assert trust.ask(trust.token()).status_code == 200
            assert web.asked == ([] if from_file else ["/keys"])


class TestRefused:
    @pytest.mark.parametrize(
        "change",
        [
            {"aud": "https://other"},
            {"aud": ["https://other"]},
            {"aud": None},
            {"iss": "https://login.fabrikam.com"},
            {"iss": None},
            {"exp": None},
            {"exp": "tomorrow"},
            {"exp": float("nan")},
            {"exp": float("inf")},
            {"upn": None},
            {"upn": ""},
            {"upn": "dana"},
            {"upn": 1},
            {"upn": "nobody@contoso.com"},
        ],
    )
    def test_claims_that_do_not_fit(self, trust: Trust, change: dict[str, Any]) -> None:
        assert is_rejected(trust.ask(trust.token(**change)))

    def test_key_of_somebody_else(self, trust: Trust) -> None:
        assert is_rejected(trust.ask(trust.token(STRANGER)))

    def test_none_is_no_signature(self, trust: Trust) -> None:
        header, claims, _ = trust.token().split(".")
        forged = _segment({"alg": "none", "kid": "rsa"})
        for token in (f"{forged}.{claims}.", f"{header}.{claims}."):
            assert is_rejected(trust.ask(token))

    def test_public_key_is_no_secret(self, trust: Trust) -> None:
        """Signed with HMAC and what everybody may know: the issuer's public key."""
        for secret in (RSA.as_pem(private=False), RSA.as_bytes(private=False)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the library warns of the very attack
                key = jwk.OctKey.import_key(base64.b64encode(secret), {"kid": "rsa"})
                token = trust.token(key, "HS256")
            assert is_rejected(trust.ask(token))

    def test_algorithm_that_is_not_configured(self, trust: Trust) -> None:
        assert is_rejected(trust.ask(trust.token(RSA, "RS512")))

    def test_key_in_the_token_itself_is_not_looked_at(self, trust: Trust) -> None:
        claims = {
            "iss": trust.issuer.name,
            "aud": AUDIENCE,
            "exp": trust.now + 9,
            "upn": "dana@contoso.com",
        }
        header = {"alg": "RS256", "kid": "rsa", "jku": f"{trust.web.base}/theirs"}
        assert is_rejected(trust.ask(jwt.encode(header, claims, STRANGER)))
        assert "/theirs" not in trust.web.asked

    def test_disabled_user(self, trust: Trust) -> None:
        def disable(tx: Transaction) -> None:
            user = tx.of(Users).by_uri(DANA.uri)
            assert user is not None
            tx.of(Users).save(msgspec.structs.replace(user, disabled=True))

        token = trust.token()
        assert trust.ask(token).status_code == 200
        trust.installation.transact(disable)
        assert is_rejected(trust.ask(token))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
    @given(
        header=st.one_of(
            st.recursive(st.none() | st.booleans() | st.text(), st.lists, max_leaves=3),
            st.dictionaries(
                st.sampled_from(["alg", "kid", "crit", "b64", "typ", "x"]),
                st.sampled_from(["RS256", "rsa", "ES256", 1, None, [], {}, ["b64"], False]),
            ),
        ),
        claims=st.binary(max_size=20),
    )
    def test_whatever_it_is(self, trust: Trust, header: Any, claims: bytes) -> None:
        token = f"{_segment(header)}.{_text(claims)}.{_text(claims)}"
        assert is_rejected(trust.ask(token))

    @pytest.mark.parametrize("header", [[], 1, {"alg": 1}, {"alg": "RS256", "crit": 1}])
    def test_header_of_other_types(self, trust: Trust, header: Any) -> None:
        assert is_rejected(trust.ask(f"{_segment(header)}.e30.e30"))

    @pytest.mark.parametrize("token", ["..", "a.b.c", "é.é.é", "." * 2 + "x" * 60_000])
    def test_nonsense(self, trust: Trust, token: str) -> None:
        headers = {b"Authorization": b"Bearer " + token.encode()}
        assert is_rejected(trust.installation.client.get(USER, headers=headers))

    def test_what_needs_no_token_does_not_mind(self, trust: Trust) -> None:
        trust.web.failing = True
        assert trust.ask(trust.token(), ROOT).status_code == 200
        assert trust.ask("a.b.c", ROOT).status_code == 200


class TestTime:
    def test_token_expires_a_minute_late(self, trust: Trust, clock: Clock) -> None:
        token = trust.token()
        clock.advance(timedelta(seconds=659))
        assert trust.ask(token).status_code == 200
        clock.advance(timedelta(seconds=1))
        answer = trust.ask(token)
        assert answer.status_code == 401
        lines = answer.headers.get_list("WWW-Authenticate")
        assert lines[0].startswith('MsRtcOAuth href="http://testserver/WebTicket/oauthtoken",')
        assert lines[1] == (
            f'Bearer trusted_issuers="{trust.issuer.name}@*", '
            'client_id="00000004-0000-0ff1-ce00-000000000000", '
            f'authorization_uri="{trust.issuer.name}"'
        )

    def test_token_of_the_future_is_none_yet(self, trust: Trust, clock: Clock) -> None:
        token = trust.token(nbf=trust.now + 120)
        assert is_rejected(trust.ask(token))
        clock.advance(timedelta(seconds=60))
        assert trust.ask(token).status_code == 200

    def test_leeway_is_a_setting(self, tmp_path: Path, clock: Clock, web: Web) -> None:
        with trusting(tmp_path, clock, web, leeway=timedelta(seconds=1)) as trust:
            assert trust.ask(trust.token(exp=trust.now - 2)).status_code == 401


class TestKeys:
    @pytest.fixture
    def often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("openucwa.http.oidc._FETCHED_AT_MOST_EVERY", 0.0)

    def test_new_key_is_fetched(self, trust: Trust, often: None) -> None:
        trust.web.publish(EC)
        assert trust.ask(trust.token(EC, "ES256")).status_code == 200
        trust.web.publish(EC, RSA)
        assert trust.ask(trust.token()).status_code == 200
        assert trust.web.asked.count("/keys") == 2

    def test_unknown_keys_do_not_make_it_ask_each_time(self, trust: Trust) -> None:
        unknown = jwk.RSAKey.generate_key(2048, {"kid": "unknown"})
        for _ in range(5):
            assert is_rejected(trust.ask(trust.token(unknown)))
        assert trust.web.asked.count("/keys") == 1
        assert trust.ask(trust.token()).status_code == 200

    def test_withdrawn_key_is_let_go(
        self, trust: Trust, monkeypatch: pytest.MonkeyPatch, often: None
    ) -> None:
        assert trust.ask(trust.token()).status_code == 200
        trust.web.publish(EC)
        assert trust.ask(trust.token()).status_code == 200
        monkeypatch.setattr("openucwa.http.oidc._FRESH", 0.0)
        assert is_rejected(trust.ask(trust.token()))

    def test_keys_of_other_kinds_are_passed_over(self, trust: Trust) -> None:
        trust.web.pages["/keys"]["keys"] += [
            {"kty": "oct", "kid": "rsa", "k": "c2VjcmV0"},
            {"kty": "AKP", "kid": "future", "pub": "x"},
            {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
            {"kty": "RSA", "kid": "rsa", "use": "enc", "n": "AQAB", "e": "AQAB"},
            {},
        ]
        assert trust.ask(trust.token()).status_code == 200

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda web: web.pages.clear(),
            lambda web: web.pages.pop("/keys"),
            lambda web: web.pages.update({"/keys": {"keys": []}}),
            lambda web: web.pages.update({"/keys": ["nonsense"]}),
            lambda web: web.pages.update({"/keys": {"keys": [{"x": "y" * 2**20}]}}),
            lambda web: web.pages.update({DISCOVERY: "nonsense"}),
            lambda web: web.pages.update({DISCOVERY: {"issuer": web.base}}),
            lambda web: web.pages[DISCOVERY].update(issuer="https://other"),
            lambda web: web.pages[DISCOVERY].update(jwks_uri="file:///etc/passwd"),
            lambda web: web.pages[DISCOVERY].update(jwks_uri="https://["),
            lambda web: web.pages[DISCOVERY].update(jwks_uri="http://127.0.0.1:1/keys"),
        ],
    )
    def test_issuer_that_fails_is_waited_for(
        self, trust: Trust, spoil: Callable[[Web], None], often: None
    ) -> None:
        pages = json.loads(json.dumps(trust.web.pages))
        spoil(trust.web)
        answer = trust.ask(trust.token())
        assert (answer.status_code, answer.json()["code"]) == (503, "ServiceUnavailable")
        assert int(answer.headers["Retry-After"]) >= 0
        trust.web.pages = pages
        assert trust.ask(trust.token()).status_code == 200

    def test_issuer_that_fails_later_is_not_missed(
        self, trust: Trust, monkeypatch: pytest.MonkeyPatch, often: None
    ) -> None:
        assert trust.ask(trust.token()).status_code == 200
        trust.web.failing = True
        monkeypatch.setattr("openucwa.http.oidc._FRESH", 0.0)
        assert trust.ask(trust.token()).status_code == 200
        unknown = jwk.RSAKey.generate_key(2048, {"kid": "unknown"})
        assert trust.ask(trust.token(unknown)).status_code == 503

    def test_issuer_that_fails_is_not_asked_each_time(self, trust: Trust) -> None:
        trust.web.failing = True
        for _ in range(5):
            answer = trust.ask(trust.token())
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert trust.web.asked == [DISCOVERY]


@pytest.mark.slow
def test_program_takes_tokens(tmp_path: Path, web: Web) -> None:
    (tmp_path / "config.toml").write_text(
        f'[oidc]\nissuer = "{web.base}"\naudience = "{AUDIENCE}"\nalgorithms = ["ES256"]'
    )
    claims = {"iss": web.base, "aud": AUDIENCE, "exp": time.time() + 60, "upn": USERNAME}
    token = jwt.encode({"alg": "ES256", "kid": "ec"}, claims, EC)
    add_user(tmp_path)
    with serving(tmp_path, "--config", "config.toml") as server:
        answer = httpx2.get(
            f"http://{server.host}:{server.port}{USER}",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200
        assert token not in server.log.read_text()


def test_every_algorithm_is_one_of_the_library() -> None:
    for algorithm in Algorithm:
        assert jws.JWSRegistry(algorithms=[algorithm]).get_alg(algorithm).name == algorithm


def _segment(value: Any) -> str:
    return _text(json.dumps(value).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
