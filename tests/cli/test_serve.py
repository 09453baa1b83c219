"""openucwa serve: what is checked before, and said when it listens. The server is stood in for."""

import asyncio
import errno
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openucwa import __version__
from openucwa.domain import passwords
from openucwa.domain.deployment import Deployment
from openucwa.http.server import Footing
from openucwa.settings import Settings
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import PhoneUserAdmission
from tests.cli.conftest import Look, Run

ANYWHERE = "0.0.0.0"  # noqa: S104 - the address that must not go unnoticed
DEMO = ["sip:Alex@contoso.com", "sip:Chris@contoso.com", "sip:Dana@contoso.com"]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of each server that was started; none of them listens, and all stop at once."""
    started: list[Settings] = []

    def serve(
        settings: Settings,
        *,
        ready: Callable[[str], None],
        prepare: Callable[[Transaction, Deployment], None] | None,
        footing: Footing | None,
    ) -> None:
        async def run() -> None:
            database = (footing or Footing()).database(settings)
            try:
                if prepare:
                    await database.write(lambda tx: prepare(tx, settings.deployment()))
            finally:
                await database.close()

        asyncio.run(run())
        started.append(settings)
        ready(settings.public_url or f"http://{settings.host}:{settings.port}")

    monkeypatch.setattr("openucwa.http.server.serve", serve)
    return started


def test_tells_where_it_serves_and_that_nobody_can_sign_in(
    run: Run, served: list[Settings]
) -> None:
    done = run("serve")
    assert done.status == 0
    assert done.out == (
        f"OpenUCWA {__version__} serves contoso.com at http://127.0.0.1:8080/\n"
        "Nobody can sign in yet: add people with openucwa user add.\n"
    )
    run("user", "add", "dana@contoso.com", "--name", "Dana", typed="long secret\n")
    assert "Nobody" not in run("serve").out


def test_hands_over_what_it_was_given(run: Run, served: list[Settings]) -> None:
    run(
        *("serve", "--host", "::1", "--port", "0", "--data", "there", "--domain", "fabrikam.com"),
        *("--public-url", "https://ucwa.fabrikam.com/"),
    )
    (settings,) = served
    assert settings.host == "::1"
    assert settings.port == 0
    assert settings.data == Path("there")
    assert settings.domain == "fabrikam.com"
    assert settings.public_url == "https://ucwa.fabrikam.com"


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        ([], False),
        (["--host", "::1"], False),
        (["--host", "127.1.2.3"], False),
        (["--host", ANYWHERE], True),
        (["--host", "::"], True),
        (["--host", "127.0.0.1.contoso.com"], True),
        (["--host", ANYWHERE, "--public-url", "http://ucwa.contoso.com"], True),
        (["--host", ANYWHERE, "--public-url", "https://ucwa.contoso.com"], False),
    ],
)
def test_warns_where_passwords_cross_the_network_unencrypted(
    run: Run, served: list[Settings], arguments: list[str], warned: bool
) -> None:
    done = run("serve", *arguments)
    assert done.status == 0
    assert done.err.startswith("Warning: at ") is warned


def test_wrong_settings_are_named(run: Run, served: list[Settings]) -> None:
    done = run("serve", "--port", "http", "--public-url", "contoso.com")
    assert done.status == 2
    assert "--port: port must be a number" in done.err
    assert "--public-url: public_url must be a URL such as" in done.err
    assert not served


def test_the_demo_adds_people_and_meetings(run: Run, served: list[Settings], look: Look) -> None:
    run("serve", "--demo")
    users = look(lambda tx: tx.of(Users).all())
    assert [user.uri for user in users] == [*DEMO, "sip:lenea@contoso.com"]
    assert all(passwords.verify(user.password_hash, "demo") for user in users)
    dana = users[2]
    assert (dana.name, dana.email) == ("Dana Birkby", "danab@contoso.com")
    meetings = look(lambda tx: [one for user in users for one in tx.of(Meetings).of(user.id)])
    assert len(meetings) == 5
    (weekly,) = (one for one in meetings if one.details.subject == "Weekly meeting")
    assert weekly.organizer_id == dana.id
    assert weekly.details.attendees == ("sip:Chris@contoso.com", "sip:Alex@contoso.com")
    assert weekly.details.phone_user_admission is PhoneUserAdmission.ENABLED


def test_the_demo_leaves_alone_what_is_there(run: Run, served: list[Settings], look: Look) -> None:
    run("user", "add", "dana@contoso.com", "--name", "Dana", typed="long secret\n")
    run("serve", "--demo")

    def cancel_all(tx: Transaction) -> None:
        for user in tx.of(Users).all():
            for meeting in tx.of(Meetings).of(user.id):
                tx.of(Meetings).delete(meeting)

    dana = look(lambda tx: tx.of(Users).by_uri("sip:dana@contoso.com"))
    assert dana.name == "Dana"
    assert passwords.verify(dana.password_hash, "long secret")
    assert look(lambda tx: tx.of(Meetings).of(dana.id)) == []
    look(cancel_all)
    before = look(lambda tx: tx.of(Users).all())
    run("serve", "--demo")
    assert look(lambda tx: tx.of(Users).all()) == before
    assert look(lambda tx: [tx.of(Meetings).of(user.id) for user in before]) == [[], [], [], []]


def test_the_demo_keeps_to_policies(
    run: Run, served: list[Settings], look: Look, folder: Path
) -> None:
    (folder / "openucwa.toml").write_text(
        """
        [policies.default]
        access_levels = ["Locked"]
        default_access_level = "Locked"
        phone_user_admission = "Disabled"
        [[policies.default.dial_in.regions]]
        name = "Oslo"
        number = "tel:+4721550100"
        """
    )
    run("serve", "--demo")
    details = look(
        lambda tx: [
            one.details for user in tx.of(Users).all() for one in tx.of(Meetings).of(user.id)
        ]
    )
    assert {one.access_level.value for one in details} == {"Locked"}
    assert {one.phone_user_admission.value for one in details} == {"Disabled"}
    assert [one.name for one in served[0].policies["default"].dial_in.regions] == ["Oslo"]


def test_the_demo_has_telephone_numbers_for_meetings(run: Run, served: list[Settings]) -> None:
    run("serve", "--demo")
    dial_in = served[0].policies["default"].dial_in
    assert dial_in.default_region in [region.name for region in dial_in.regions]
    run("serve", "--data", "other")
    assert served[1].policies["default"].dial_in.regions == ()


def test_the_demo_tells_addresses_people_and_what_to_try(run: Run, served: list[Settings]) -> None:
    out = run("serve", "--demo", "--domain", "fabrikam.com").out
    for said in (
        "http://127.0.0.1:8080/\n",
        "http://127.0.0.1:8080/WebTicket/oauthtoken\n",
        "http://127.0.0.1:8080/ucwa/oauth/v1/applications\n",
        "password demo",
        "dana@fabrikam.com   Dana Birkby",
        "lenea@fabrikam.com  Lene Aaling",
    ):
        assert said in out
    commands = [line for line in out.splitlines() if line.startswith(("  curl ", "  TOKEN="))]
    assert len(commands) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", ANYWHERE],
        ["--host", "::"],
        ["--host", "192.0.2.1"],
        ["--host", "contoso.com"],
        ["--host", "localhost.contoso.com"],
        ["--public-url", "https://ucwa.contoso.com"],
    ],
)
def test_the_demo_refuses_to_be_reached_from_elsewhere(
    run: Run, served: list[Settings], folder: Path, arguments: list[str]
) -> None:
    done = run("serve", "--demo", *arguments)
    assert done.status == 2
    assert f"{arguments[0]} can't be " in done.err
    assert "this machine only" in done.err
    assert not served
    assert not (folder / "openucwa-data").exists()


def test_the_demo_refuses_an_address_from_the_environment_too(
    run: Run, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENUCWA_HOST", ANYWHERE)
    assert run("serve", "--demo").status == 2
    assert not served


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
def test_the_demo_runs_on_this_machine(run: Run, served: list[Settings], host: str) -> None:
    assert run("serve", "--demo", "--host", host).status == 0


def test_nobody_is_served_who_has_the_password_of_the_demo(
    run: Run, served: list[Settings], look: Look
) -> None:
    """Not on loopback either: a proxy may stand in front. Nor when the domain is another one."""
    run("serve", "--demo")
    served.clear()
    for domain in ("contoso.com", "fabrikam.com"):
        done = run("serve", "--domain", domain)
        assert done.status == 2
        assert "sip:Alex@contoso.com still has the demo's password, which is public." in done.err
        assert not served
    run("user", "password", "alex@contoso.com", typed="long secret\n")
    for name in ("chris", "dana"):
        run("user", "disable", f"{name}@contoso.com")
    assert "sip:lenea@contoso.com still has the demo's password" in run("serve").err
    run("user", "disable", "lenea@contoso.com")
    assert run("serve").status == 0
    assert served


def test_a_name_that_is_unknown_is_told(run: Run) -> None:
    done = run("serve", "--host", "nowhere.invalid")
    assert done.status == 1
    assert "nowhere.invalid can't be resolved. Choose another address with --host." in done.err


def test_a_port_in_use_is_told(run: Run, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert done.status == 1
    assert done.err == f"Error: Port {port} is in use. Choose another with --port.\n"
    assert not (folder / "openucwa-data").exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.EADDRNOTAVAIL, "x"),
            "127.0.0.1 is not an address of this machine. Choose ano",
        ),
        (PermissionError(errno.EACCES, "x"), "Port 8080 needs special rights. Choose one above"),
        (OSError(errno.ENOBUFS, "No room"), "Can't listen at 127.0.0.1 port 8080: No room."),
        (OSError(socket.EAI_NONAME, "x"), "127.0.0.1 can't be resolved. Choose another"),
        (PermissionError(errno.EACCES, "Denied", "openucwa-data"), "openucwa-data can't be used:"),
    ],
)
def test_why_it_cannot_serve_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: OSError, said: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("openucwa.http.server.serve", fail)
    done = run("serve")
    assert done.status == 1
    assert said in done.err


def test_a_certificate_that_cannot_be_used_is_told(
    run: Run, served: list[Settings], folder: Path
) -> None:
    tls = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]
    done = run("serve", *tls)
    assert (done.status, done.err) == (
        2,
        "Error: cert.pem can't be read: No such file or directory.\n",
    )
    (folder / "cert.pem").write_text("cert")
    (folder / "key.pem").write_text("key")
    done = run("serve", *tls)
    assert done.status == 2
    assert "cert.pem and key.pem must be a certificate and its key, both in PEM" in done.err
    assert not served


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a key")
def test_a_key_must_be_readable_without_a_password(
    run: Run, served: list[Settings], folder: Path
) -> None:
    for command in (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost"
        " -keyout key.pem -out cert.pem",
        "pkey -in key.pem -aes256 -passout pass:secret -out encrypted.pem",
    ):
        subprocess.run(["openssl", *command.split()], check=True, capture_output=True)
    done = run("serve", "--tls-cert", "cert.pem", "--tls-key", "encrypted.pem")
    assert done.status == 2
    assert "encrypted.pem is encrypted. Give a key that can be read without" in done.err
    assert not served
    assert run("serve", "--tls-cert", "cert.pem", "--tls-key", "key.pem").status == 0
    assert served


def test_keys_that_cannot_be_read_are_told(
    run: Run, served: list[Settings], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    oidc = '{"issuer": "https://login.contoso.com", "audience": "ucwa", "jwks": "keys.json"}'
    monkeypatch.setenv("OPENUCWA_OIDC", oidc)
    done = run("serve")
    assert done.status == 2
    assert "oidc.jwks: keys.json can't be read: No such file or directory." in done.err
    (folder / "keys.json").write_text('{"keys": []}')
    done = run("serve")
    assert (done.status, served) == (2, [])
    assert "oidc.jwks: none of the keys can verify signatures." in done.err


def test_a_keytab_needs_its_packages(
    run: Run, served: list[Settings], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    monkeypatch.setenv("OPENUCWA_KERBEROS_KEYTAB", "http.keytab")
    done = run("serve")
    assert (done.status, served) == (2, [])
    assert "kerberos_keytab: it needs the packages of the extra kerberos" in done.err
    assert "pip install 'openucwa[server,kerberos]'" in done.err


def test_tests_are_served_on_data_that_are_thrown_away(
    run: Run, served: list[Settings], folder: Path
) -> None:
    out = run("serve", "--test-controls").out
    assert out == (
        f"OpenUCWA {__version__} serves tests at http://127.0.0.1:8080/\n"
        "Any user of this machine can control it at http://127.0.0.1:8080/test-controls\n"
    )
    assert not served[0].data.exists()
    assert list(folder.iterdir()) == []


def test_tests_are_served_with_the_demo(run: Run, served: list[Settings]) -> None:
    out = run("serve", "--test-controls", "--demo").out
    assert "dana@contoso.com   Dana Birkby" in out
    assert out.endswith("can control it at http://127.0.0.1:8080/test-controls\n")
    assert served[0].policies["default"].dial_in.regions


def test_tests_are_served_on_data_that_were_named(
    run: Run, served: list[Settings], folder: Path
) -> None:
    for _ in range(2):
        assert run("serve", "--test-controls", "--data", "tests").status == 0
    assert (folder / "tests" / "openucwa.sqlite3").exists()


def test_tests_are_not_let_loose_on_other_data(run: Run, served: list[Settings]) -> None:
    run("serve")
    done = run("serve", "--test-controls", "--data", "openucwa-data")
    assert (done.status, len(served)) == (2, 1)
    assert "openucwa-data contains data that tests did not create and would change" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", ANYWHERE], "--host can't be 0.0.0.0 with --test-controls: every client can"),
        (["--public-url", "https://ucwa.contoso.com"], "--public-url can't be ucwa.contoso.com"),
        (["--demo", "--host", "192.0.2.1"], "--host can't be 192.0.2.1 with --test-controls"),
        (["--database", "postgresql:///x"], "--database can't be given with --test-controls"),
        (
            ["--database", "postgresql:///x", "--workers", "2"],
            "--workers can't be 2 with --test-controls: they control a single process.",
        ),
        (["--workers", "2"], "workers can't be more than 1 with SQLite"),
    ],
)
def test_tests_are_not_served_where_they_can_not_be(
    run: Run, served: list[Settings], folder: Path, arguments: list[str], said: str
) -> None:
    done = run("serve", "--test-controls", *arguments)
    assert (done.status, served) == (2, [])
    assert said in done.err
    assert list(folder.iterdir()) == []
