"""The grant `password`: an account and its password (AuthenticationInUCWA.md)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from openucwa.domain import passwords, sip
from openucwa.domain.deployment import Deployment
from openucwa.domain.people import User
from openucwa.http.grants.grant import Holder, Refused, demand, too_often, wrong
from openucwa.http.request import Call
from openucwa.http.throttle import Throttle
from openucwa.store.database import Database
from openucwa.store.transaction import Transaction

TYPE = "password"
_AT_ONCE = 2
"""Passwords that are checked at the same time: each takes 19 MiB and a core for a moment."""


@dataclass(frozen=True)
class PasswordGrant:
    deployment: Deployment
    database: Database
    throttle: Throttle
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    @property
    def lifetime(self) -> timedelta:
        return self.deployment.lifetimes.token

    @property
    def failure(self) -> Refused:
        return wrong("The user name or the password is wrong.")

    async def holder(self, form: Mapping[str, str], call: Call) -> Holder:
        demand(form, "username", "password")
        user = await self._signed_in(form["username"], form["password"], call.client)

        def unchanged(tx: Transaction) -> User | None:
            now = tx.users.get(user.id)
            if now is None or now.disabled or now.password_hash != user.password_hash:
                return None
            return now

        return Holder(unchanged)

    async def _signed_in(self, username: str, password: str, address: str) -> User:
        """The user of these credentials. A user who does not exist costs the same time."""
        account = _address_of(username, self.deployment.domain)
        async with self._turn:  # guesses that come together are counted one by one
            if wait := self.throttle.wait(account, address):
                raise too_often(wait)
            user = await self.database.read(lambda tx: _user_of(tx, account))
            known = user.password_hash if user and not user.disabled else ""
            matches = await asyncio.to_thread(passwords.verify, known, password)
            if user is None or not matches:
                self.throttle.failed(account, address)
                raise self.failure
        return user


def _user_of(tx: Transaction, account: str) -> User | None:
    try:
        return tx.users.by_uri(account)
    except ValueError:
        return None


def _address_of(username: str, domain: str) -> str:
    r"""The SIP address of `user@domain`, `sip:user@domain`, `DOMAIN\user` or `user`."""
    name = username.strip().rpartition("\\")[2].lower()
    if "@" not in name:
        name = f"{name}@{domain}"
    name = name if name.startswith("sip:") else f"sip:{name}"
    try:
        return sip.normalise(name)
    except ValueError:
        return name[:256]
