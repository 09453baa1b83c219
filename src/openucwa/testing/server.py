"""A server under test: a process of its own, with TLS, on this machine."""

import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx2
import trustme

from openucwa.testing.controls import Controls

if TYPE_CHECKING:
    from openucwa.client import AsyncClient, Client, Meeting
    from openucwa.testing.participant import Participant

HOST = "127.0.0.1"
DOMAIN = "contoso.com"
PEOPLE = {"dana": "Dana Birkby", "chris": "Chris Barry", "alex": "Alex Darrow"}
PASSWORD = "correct horse"  # noqa: S105 - of people made up for tests

_PORTS = range(20_000, 32_000)
"""Below those that systems give to whoever connects: a server that restarts needs its own again."""
_PATIENCE = 60.0
"""Seconds in which a server starts, and in which it stops."""
_LOOK_EVERY = 0.02
_DYING = 1.0
"""Seconds in which a process is gone whose connections have ended."""


class NotStarted(Exception):
    """The server has not started. The message says why."""


class Server:
    """An OpenUCWA server with test controls, and three people who can sign in.

    It keeps its certificates, its data and its log in a folder. Entering starts it, leaving stops
    it. When this process ends, however it does, the server ends, too.
    """

    host: str = HOST
    domain: str = DOMAIN
    password: str = PASSWORD
    """Everybody's."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.log: Path = folder / "server.log"
        """The file with its log."""
        self.ca_file: Path = folder / "ca.pem"
        """The certificate of the authority that has to be trusted."""
        self._cert, self._key = folder / "cert.pem", folder / "key.pem"
        self._certify()
        self.ssl_context: ssl.SSLContext = ssl.create_default_context(cafile=self.ca_file)
        """Trusts that authority."""
        self.port: int = _free_port()
        self.url: str = f"https://{HOST}:{self.port}"
        """The root, with which autodiscovery starts."""
        self.controls: Controls = Controls(self.url, self.ssl_context)
        self.addresses: tuple[str, ...] = tuple(f"{name}@{DOMAIN}" for name in PEOPLE)
        """With which people sign in."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """With which Dana signs in, the first of the people."""
        return self.addresses[0]

    @property
    def is_running(self) -> bool:
        """True while its process runs."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        try:
            self.start()
            self._populate()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def client(self, address: str | None = None, **options: Any) -> "Client":
        """A client of Dana's, or of whoever has that address. Options are those of discover."""
        from openucwa.client import Client

        return Client.discover(
            address or self.address,
            PASSWORD,
            **{**self._trusted, **options},
        )

    def async_client(self, address: str | None = None, **options: Any) -> "AsyncClient":
        """The same as an AsyncClient."""
        from openucwa.client import AsyncClient

        return AsyncClient.discover(
            address or self.address,
            PASSWORD,
            **{**self._trusted, **options},
        )

    def participant(self, address: str) -> "Participant":
        """Somebody else, who joins meetings and talks while a client is under test."""
        from openucwa.testing.participant import Participant

        return Participant(self.client(address))

    def guest(self, meeting: "str | Meeting", name: str) -> "Participant":
        """The same without an account. A meeting is named by its join URL, or given as it is."""
        from openucwa.client import Client
        from openucwa.testing.participant import Participant

        url = meeting if isinstance(meeting, str) else meeting.join_url
        return Participant(Client.guest(url, name, **self._trusted))

    @property
    def _trusted(self) -> dict[str, Any]:
        """The environment variables for clients of this server, without proxies."""
        return {"at": self.url, "verify": self.ssl_context, "trust_env": False}

    def start(self) -> None:
        """Start it, on the data that it had, and wait until it answers. Raises NotStarted."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - this project's own program
                [
                    *(sys.executable, "-P", "-m", "openucwa.testing.child"),
                    *("serve", "--test-controls", "--host", HOST, "--port", str(self.port)),
                    *("--domain", DOMAIN, "--data", str(self._folder / "data")),
                    *("--tls-cert", str(self._cert), "--tls-key", str(self._key)),
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=_environment(),
                process_group=0,  # Ctrl+C is for who tests: the server is stopped afterwards
            )
        self._wait(self._process)

    def kill(self) -> None:
        """End it at once, as `kill -9` does. `restart` starts it again."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Let it finish what is under way, and end."""
        self._end(signal.SIGTERM)

    def refresh(self) -> None:
        """Go back to fresh data; start it first if it has died."""
        try:
            self.controls.reset()
        except httpx2.TransportError:
            self.restart()
            self.controls.reset()

    def restart(self) -> None:
        """Start it again at the same address, with its data; stop it first if it still runs."""
        self.stop()
        self.start()

    @contextmanager
    def restarting(self) -> Iterator[None]:
        """Meanwhile, start it again as soon as it has died: a fault may have killed it.

        On leaving it answers again. Raises NotStarted.
        """
        left = Event()

        def restart() -> None:
            while self.is_running and not left.wait(_LOOK_EVERY):
                pass
            end = time.monotonic() + _DYING
            while self.is_running and time.monotonic() < end:
                time.sleep(_LOOK_EVERY)
            if not self.is_running:
                self.restart()

        with ThreadPoolExecutor(1) as thread:
            restarted = thread.submit(restart)
            try:
                yield
            finally:
                left.set()
            restarted.result()

    def close(self) -> None:
        """End it for good."""
        self.stop()
        self.controls.close()

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        end = time.monotonic() + _PATIENCE
        while True:
            with suppress(httpx2.TransportError):
                self.controls.now()
                return
            if process.poll() is not None:
                self.kill()
                raise NotStarted(self._reason())
            if time.monotonic() > end:
                self.kill()
                raise NotStarted(f"The server does not answer at {self.url}; see {self.log}.")
            time.sleep(_LOOK_EVERY)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdin is not None
        process.stdin.close()

    def _reason(self) -> str:
        """Return the end of the server's log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return lines[-1].removeprefix("Error: ") if lines else f"The server ended; see {self.log}."

    def _certify(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        certificate = authority.issue_cert("localhost", HOST, "::1")
        certificate.private_key_pem.write_to_path(self._key)
        for number, part in enumerate(certificate.cert_chain_pems):
            part.write_to_path(self._cert, append=number > 0)

    def _populate(self) -> None:
        for name, address in zip(PEOPLE.values(), self.addresses, strict=True):
            self.controls.add_user(address, PASSWORD, name=name, email=address)
        self.controls.keep()


def _free_port() -> int:
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - no secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port


def _environment() -> dict[str, str]:
    """This process's own, without what would configure the server otherwise."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OPENUCWA_")}
