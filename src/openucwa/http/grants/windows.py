"""The grant `urn:microsoft.rtc:windows`: a Kerberos ticket in SPNEGO (RFC 4559, RFC 4178).

Source: AuthenticationInUCWA.md, which has this grant without user name and password.
"""

import asyncio
import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from openucwa.domain.deployment import Deployment
from openucwa.domain.people import User
from openucwa.http.grants.grant import Holder, Refused, wrong
from openucwa.http.grants.sign_in_queue import SignInQueue
from openucwa.http.request import Call
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import sip

if TYPE_CHECKING:
    import spnego

TYPE = "urn:microsoft.rtc:windows"


_log = structlog.get_logger("openucwa.http.kerberos")


class Negotiate(Exception):
    """The request brings no ticket. A client that has one sends it when it is told to."""


class NoKerberos(Exception):
    """Tickets can't be accepted here. The message says why."""


class Kerberos:
    """Accepts tickets with the keys of a keytab.

    `service` is the principal that they must be for, such as `HTTP/ucwa.contoso.com`; any of the
    keytab's otherwise. Raises NoKerberos when it can't.
    """

    def __init__(self, keytab: Path, service: str | None, realm: str) -> None:
        try:
            import gssapi  # noqa: F401 - pyspnego goes without it, but can do no Kerberos then
            import krb5  # noqa: F401 - the same
            import spnego
        except ImportError as error:
            raise NoKerberos(
                "it needs the packages of the extra kerberos, and libkrb5: "
                f"pip install 'openucwa[server,kerberos]' ({error})"
            ) from None
        self.realm = realm
        self._host = ""
        self._credentials = None
        if service:
            name, _, self._host = service.partition("@")[0].partition("/")
            self._credentials = spnego.CredentialCache(username=f"{name}@{self._host}")
        try:
            keytab.open("rb").close()
        except OSError as error:
            raise NoKerberos(f"{keytab} can't be read: {error.strerror}") from None
        os.environ["KRB5_KTNAME"] = f"FILE:{keytab.absolute()}"  # where libkrb5 looks for it
        try:
            self._context("kerberos")
        except spnego.exceptions.SpnegoError as error:
            raise NoKerberos(f"{keytab} has no key that accepts tickets: {error}") from None

    def accept(self, token: bytes) -> tuple[str, bytes | None]:
        """The client's principal, and what it may want to hear in return.

        It reads files and computes, so it is called in a thread. Raises ValueError for what is no
        ticket that holds here.
        """
        context = self._context("negotiate")
        try:
            told = context.step(token)
        except Exception as error:  # the libraries raise many kinds on what strangers send
            _log.info("ticket_refused", problem=f"{type(error).__name__}: {error}")
            raise ValueError("it is not valid") from error
        if not context.complete:  # as with NTLM
            raise ValueError("it needs more than one round trip")
        return context.client_principal or "", told

    def _context(self, protocol: str) -> "spnego.ContextProxy":
        import spnego

        return spnego.server(self._host, "HTTP", protocol=protocol, credentials=self._credentials)


@dataclass(frozen=True)
class WindowsGrant:
    """Whoever has a ticket for this server is the user of that name."""

    deployment: Deployment
    kerberos: Kerberos
    queue: SignInQueue

    @property
    def lifetime(self) -> timedelta:
        return self.deployment.lifetimes.token

    def failure(self, why: str) -> Refused:
        return wrong("The ticket is not valid, or its owner has no account.", why)

    async def holder(self, form: Mapping[str, str], call: Call) -> Holder:
        """Return the user of the ticket. Raises Negotiate, too."""
        scheme, _, sent = (call.header("authorization") or "").strip().partition(" ")
        if scheme.lower() != "negotiate":
            raise Negotiate
        try:
            ticket = base64.b64decode(sent, validate=True)
            async with self.queue.place(call.id, call.client) as place, self.queue.turn(place):
                principal, told = await asyncio.to_thread(self.kerberos.accept, ticket)
            address = self._address(principal)
        except (binascii.Error, ValueError):
            raise self.failure("wrong") from None
        call.notes.account = address

        def account(tx: Transaction) -> User:
            user = tx.of(Users).by_uri(address)
            if user is None or user.disabled:
                raise self.failure("unknown" if user is None else "disabled")
            return user

        answered = f"Negotiate {base64.b64encode(told or b'').decode()}".strip()
        return Holder(account, [("WWW-Authenticate", answered)] if told else [])

    def _address(self, principal: str) -> str:
        """The SIP address of a principal. Raises ValueError for a service, or another realm."""
        name, _, realm = principal.rpartition("@")
        if realm.upper() != self.kerberos.realm.upper() or "/" in name or "@" in name:
            raise ValueError(principal)
        return sip.normalise(f"sip:{name}@{self.deployment.domain}")
