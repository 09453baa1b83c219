"""Running the server: what is checked before, said when it listens, and said when it can't."""

import errno
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import typer

from openucwa import __version__
from openucwa.cli import demo
from openucwa.cli.database import failures
from openucwa.cli.failure import Failure, WrongInput
from openucwa.domain.deployment import Deployment
from openucwa.http import server
from openucwa.http.listening import is_loopback
from openucwa.http.workers import GaveUp
from openucwa.settings import Settings
from openucwa.settings.oidc import Oidc, is_url
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction

_CONTROLS = "--test-controls"


def serve(settings: Settings) -> None:
    """Serve; refuse to while somebody has the demo's password. Raises Failure."""
    somebody = True

    def prepare(tx: Transaction, deployment: Deployment) -> None:
        nonlocal somebody
        users = tx.of(Users).all()
        somebody = bool(users)
        demo.refuse(users)

    def ready(url: str) -> None:
        typer.echo(f"OpenUCWA {__version__} serves {settings.domain} at {url}/")
        if not (is_loopback(settings.host) or url.startswith("https:")):
            typer.echo(
                f"Warning: at {settings.host} passwords and tokens cross the network unencrypted. "
                "Give --tls-cert and --tls-key, or --public-url https://… if a proxy terminates "
                "TLS.",
                err=True,
            )
        if not somebody:
            typer.echo("Nobody can sign in yet: add people with openucwa user add.")

    _serve(settings, ready, prepare)


def serve_demo(settings: Settings) -> None:
    """Serve people and meetings to try it with. Raises Failure, and WrongInput off loopback."""
    _check_loopback(settings, "--demo", "the demo's password is public, so it")
    settings = demo.with_dial_in(settings)
    _serve(settings, lambda url: demo.announce(settings, url), demo.seed)


def serve_tests(settings: Settings, *, with_demo: bool) -> None:
    """Serve tests of clients, which control the server; its data are gone with it, unless their
    directory was named. Raises Failure, and WrongInput for what can't be controlled.
    """
    _check_loopback(settings, _CONTROLS, "every client can change everything, so it")
    if settings.workers > 1:
        raise WrongInput(
            f"--workers can't be {settings.workers} with {_CONTROLS}: they control a single "
            "process. Leave it out."
        )
    if settings.database:
        raise WrongInput(
            f"--database can't be given with {_CONTROLS}: only SQLite can be reset in "
            "milliseconds. Leave it out."
        )
    if with_demo:
        settings = demo.with_dial_in(settings)
    if "data" in settings.model_fields_set:
        _serve_controlled(settings, with_demo)
    else:
        with TemporaryDirectory(prefix="openucwa-", ignore_cleanup_errors=True) as folder:
            _serve_controlled(settings.model_copy(update={"data": Path(folder)}), with_demo)


def _serve_controlled(settings: Settings, with_demo: bool) -> None:
    from openucwa.testing.controlled import footing
    from openucwa.testing.controlled.controls import PREFIX

    if footing.has_other_data(settings):
        raise WrongInput(
            f"{settings.data} contains data that tests did not create and would change. Name "
            "another directory with --data, or leave it out."
        )

    def ready(url: str) -> None:
        if with_demo:
            demo.announce(settings, url)
        else:
            typer.echo(f"OpenUCWA {__version__} serves tests at {url}/")
        typer.echo(f"Any user of this machine can control it at {url}{PREFIX}")

    with failures():
        controlled = footing.ControlledFooting(settings)
    _serve(settings, ready, demo.seed if with_demo else None, controlled)


def _check_loopback(settings: Settings, option: str, because: str) -> None:
    """Raise WrongInput where others than this machine would be served."""
    public = urlsplit(settings.public_url).hostname if settings.public_url else None
    for name, host in (("--host", settings.host), ("--public-url", public)):
        if host is not None and not is_loopback(host):
            raise WrongInput(
                f"{name} can't be {host} with {option}: {because} serves this machine only, at "
                f"127.0.0.1, ::1 or localhost. To serve others, leave {option} out, and add people "
                "with openucwa user add."
            )


def _serve(
    settings: Settings,
    ready: Callable[[str], None],
    prepare: Callable[[Transaction, Deployment], None] | None,
    footing: server.Footing | None = None,
) -> None:
    if settings.tls_cert and settings.tls_key:
        _check_certificate(settings.tls_cert, settings.tls_key)
    if settings.oidc.issuer and settings.oidc.jwks and not is_url(settings.oidc.jwks):
        _check_keys(settings.oidc)
    _check_kerberos(settings)
    try:
        with failures():
            server.serve(settings, ready=ready, prepare=prepare, footing=footing)
    except GaveUp as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(_explained(error, settings)) from None


def _check_certificate(certificate: Path, key: Path) -> None:
    def decrypt() -> str:
        raise WrongInput(f"{key} is encrypted. Give a key that can be read without a password.")

    try:
        for path in (certificate, key):
            path.open("rb").close()
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, decrypt)
    except ssl.SSLError as error:
        raise WrongInput(
            f"{certificate} and {key} must be a certificate and its key, both in PEM: "
            f"{error.reason or error}."
        ) from None
    except OSError as error:
        raise WrongInput(f"{error.filename} can't be read: {error.strerror}.") from None


def _check_keys(settings: Oidc) -> None:
    from openucwa.http.oidc import Issuer, NoKeys

    try:
        Issuer(settings).load()
    except NoKeys as error:
        raise WrongInput(f"oidc.jwks: {error}.") from None


def _check_kerberos(settings: Settings) -> None:
    from openucwa.http.grants.windows import NoKerberos

    try:
        server.kerberos(settings)
    except NoKerberos as error:
        raise WrongInput(f"kerberos_keytab: {error}.") from None


def _explained(error: OSError, settings: Settings) -> str:
    """Return why the address can't be used, and what to do."""
    host, port = settings.host, settings.port
    unknown = f"{host} can't be resolved. Choose another address with --host."
    known = {
        socket.EAI_NONAME: unknown,
        socket.EAI_AGAIN: unknown,
        errno.EADDRINUSE: f"Port {port} is in use. Choose another with --port.",
        errno.EADDRNOTAVAIL: (
            f"{host} is not an address of this machine. Choose another with --host."
        ),
        errno.EACCES: f"Port {port} needs special rights. Choose one above 1023 with --port.",
    }
    reason = error.strerror or str(error)
    return known.get(error.errno or 0, f"Can't listen at {host} port {port}: {reason}.")
