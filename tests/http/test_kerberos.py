"""Kerberos tickets for tokens: AuthenticationInUCWA.md, RFC 4559, against a real KDC."""

import base64
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from httpx2 import Response

from openucwa.domain.people import Profile
from openucwa.http.grants.windows import Kerberos, NoKerberos
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.http import kdc
from tests.http.kdc import Realm
from tests.installation import DANA, Clock, Installation, Person, installed
from tests.sockets.process import add_user, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(kdc.MISSING), reason=f"krb5-kdc is not installed: no {kdc.MISSING}"),
    pytest.mark.skipif(
        not all(map(importlib.util.find_spec, ("gssapi", "krb5", "spnego"))),
        reason="the extra kerberos is not installed: make kerberos",
    ),
]

TOKENS = "/WebTicket/oauthtoken"
USER = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"
GRANT = "urn:microsoft.rtc:windows"
HOST = "ucwa.contoso.com"
SERVICE = f"HTTP/{HOST}"
PASSWORD = "k3rberos"


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    with kdc.realm(tmp_path_factory.mktemp("kdc"), "CONTOSO.COM") as found:
        for name in ("dana", "Chris", "service/host", "nobody"):
            found.add(name, PASSWORD)
        yield found


@pytest.fixture(scope="module")
def keytab(realm: Realm) -> Path:
    return realm.keytab(SERVICE)


@pytest.fixture(autouse=True)
def _kerberos(realm: Realm, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in realm.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KRB5_KTNAME", "")  # so that it is put back, whatever the server makes of it


@pytest.fixture
def installation(tmp_path: Path, clock: Clock, keytab: Path) -> Iterator[Installation]:
    kerberos = Kerberos(keytab, SERVICE, "CONTOSO.COM")
    with installed(tmp_path, clock, kerberos=kerberos) as found:
        found.add_user(DANA)
        yield found


def client(name: str = "dana", **more: Any) -> Any:
    """A client with a password for its ticket, as Windows has it from when somebody signed in."""
    import spnego

    return spnego.client(f"{name}@CONTOSO.COM", PASSWORD, hostname=HOST, service="HTTP", **more)


def ask(installation: Installation, ticket: bytes | None = None, **form: str) -> Response:
    headers = {}
    if ticket is not None:
        headers = {"Authorization": f"Negotiate {base64.b64encode(ticket).decode()}"}
    answer: Response = installation.client.post(
        TOKENS, data={"grant_type": GRANT, **form}, headers=headers
    )
    return answer


def is_refused(answer: Response) -> bool:
    return answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


def test_ticket_is_asked_for_and_granted_a_token(installation: Installation) -> None:
    asked = ask(installation)
    assert asked.status_code == 401
    assert asked.headers.get_list("WWW-Authenticate") == ["Negotiate"]
    dana = client()
    answer = ask(installation, dana.step())
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_in"] == 8 * 3600
    person = Person(installation, answer.json()["access_token"])
    assert person.application["_embedded"]["me"]["uri"] == DANA.uri


def test_server_proves_itself(installation: Installation) -> None:
    """The client hears something that only who has the service's key can say."""
    dana = client()
    scheme, _, told = ask(installation, dana.step()).headers["WWW-Authenticate"].partition(" ")
    assert scheme == "Negotiate"
    dana.step(base64.b64decode(told))
    assert dana.complete


def test_kerberos_without_spnego(installation: Installation) -> None:
    assert ask(installation, client(protocol="kerberos").step()).status_code == 200


def test_ticket_is_taken_once(installation: Installation) -> None:
    ticket = client().step()
    assert ask(installation, ticket).status_code == 200
    assert is_refused(ask(installation, ticket))


def test_who_has_no_account_is_refused(installation: Installation) -> None:
    assert is_refused(ask(installation, client("nobody").step()))


def test_service_is_nobody(installation: Installation) -> None:
    installation.add_user(Profile(uri="sip:service/host@contoso.com", name="Not the service"))
    assert is_refused(ask(installation, client("service/host").step()))


def test_disabled_user_is_refused(installation: Installation) -> None:
    def disable(tx: Transaction) -> None:
        user = tx.of(Users).by_uri(DANA.uri)
        assert user is not None
        tx.of(Users).save(msgspec.structs.replace(user, disabled=True))

    installation.transact(disable)
    assert is_refused(ask(installation, client().step()))


def test_ticket_for_another_service_is_refused(tmp_path: Path, clock: Clock, realm: Realm) -> None:
    ticket = client().step()
    other = Kerberos(realm.keytab("HTTP/other.contoso.com"), None, "CONTOSO.COM")
    with installed(tmp_path, clock, kerberos=other) as installation:
        installation.add_user(DANA)
        assert is_refused(ask(installation, ticket))


def test_other_keys_of_the_keytab_are_not_used(tmp_path: Path, clock: Clock, realm: Realm) -> None:
    keytab = realm.keytab("HTTP/a.contoso.com", "HTTP/b.contoso.com")
    with installed(
        tmp_path, clock, kerberos=Kerberos(keytab, "HTTP/a.contoso.com", "CONTOSO.COM")
    ) as installation:
        installation.add_user(DANA)
        import spnego

        for host, status in (("a.contoso.com", 200), ("b.contoso.com", 400)):
            dana = spnego.client("dana@CONTOSO.COM", PASSWORD, hostname=host, service="HTTP")
            assert ask(installation, dana.step()).status_code == status


def test_another_realm_is_refused(tmp_path: Path, clock: Clock, keytab: Path) -> None:
    kerberos = Kerberos(keytab, None, "FABRIKAM.COM")
    with installed(tmp_path, clock, kerberos=kerberos) as installation:
        installation.add_user(DANA)
        assert is_refused(ask(installation, client().step()))


@pytest.mark.parametrize("ticket", [b"", b"nonsense", b"NTLMSSP\x00\x01\x00\x00\x00", b"\x60\x00"])
def test_nonsense_is_refused(installation: Installation, ticket: bytes) -> None:
    assert is_refused(ask(installation, ticket))


def test_ntlm_is_refused(installation: Installation) -> None:
    import spnego

    for protocol in ("ntlm", "negotiate"):
        options = getattr(spnego.NegotiateOptions, "use_ntlm" if protocol == "ntlm" else "none")
        context = spnego.client(
            "dana", PASSWORD, hostname="elsewhere", protocol=protocol, options=options
        )
        assert is_refused(ask(installation, context.step()))


def test_ticket_in_no_base64(installation: Installation) -> None:
    answer = installation.client.post(
        TOKENS, data={"grant_type": GRANT}, headers={"Authorization": "Negotiate ???"}
    )
    assert is_refused(answer)


def test_grant_is_offered_but_never_negotiated_on_user(installation: Installation) -> None:
    lines = installation.client.get(USER).headers.get_list("WWW-Authenticate")
    assert lines[0].endswith(f'grant_type="{GRANT},urn:microsoft.rtc:anonmeeting,password"')
    assert not any(line.startswith("Negotiate") for line in lines)


def test_program_takes_tickets(tmp_path: Path, keytab: Path) -> None:
    (tmp_path / "config.toml").write_text(
        f'kerberos_keytab = "{keytab}"\nkerberos_principal = "{SERVICE}"'
    )
    add_user(tmp_path)
    with serving(tmp_path, "--config", "config.toml") as server:
        ticket = base64.b64encode(client().step()).decode()
        answer = httpx2.post(
            f"http://{server.host}:{server.port}{TOKENS}",
            data={"grant_type": GRANT},
            headers={"Authorization": f"Negotiate {ticket}"},
        )
        assert answer.status_code == 200
        assert ticket not in server.log.read_text()


def test_keytab_that_cannot_be_used_is_told(tmp_path: Path, keytab: Path) -> None:
    with pytest.raises(NoKerberos, match="can't be read: No such file"):
        Kerberos(tmp_path / "none", None, "CONTOSO.COM")
    (tmp_path / "empty").touch()
    with pytest.raises(NoKerberos, match="no key that accepts tickets"):
        Kerberos(tmp_path / "empty", None, "CONTOSO.COM")
    with pytest.raises(NoKerberos, match="no key that accepts tickets"):
        Kerberos(keytab, "HTTP/other.contoso.com", "CONTOSO.COM")
