"""The grant `password`: an account and its password (AuthenticationInUCWA.md)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from openucwa.domain import passwords
from openucwa.domain.deployment import Deployment
from openucwa.domain.people import User
from openucwa.http.grants.grant import Holder, Refused, demand, malformed, wrong
from openucwa.http.request import Call
from openucwa.http.throttle import Attempt
from openucwa.store.database import Database
from openucwa.store.transaction import Transaction
from openucwa.wire import sip

TYPE = "password"
_AT_ONCE = 2
"""Passwords that are checked at the same time: each takes 19 MiB and a core for a moment."""


@dataclass(frozen=True)
class PasswordGrant:
    deployment: Deployment
    database: Database
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    @property
    def lifetime(self) -> timedelta:
        return self.deployment.lifetimes.token

    @property
    def failure(self) -> Refused:
        return wrong("The user name or the password is wrong.")

    async def holder(self, form: Mapping[str, str], call: Call) -> Holder:
        demand(form, "username", "password")
        if len(form["password"]) > passwords.LONGEST:
            raise malformed(f"password has more than {passwords.LONGEST} characters")
        account = _address_of(form["username"], self.deployment.domain)
        attempt = Attempt(account, call.client)
        user = await self._signed_in(attempt, form["password"])

        def unchanged(tx: Transaction) -> User | None:
            attempt.check(tx)
            now = tx.users.get(user.id)
            if now is None or now.disabled or now.password_hash != user.password_hash:
                return None
            return now

        return Holder(unchanged)

    async def _signed_in(self, attempt: Attempt, password: str) -> User:
        """The user of these credentials. A user who does not exist costs the same time."""

        def look(tx: Transaction) -> User | None:
            attempt.check(tx)  # for nothing but to save the time that a password takes
            return _user_of(tx, attempt.account)

        async with self._turn:
            user = await self.database.read(look)
            known = user.password_hash if user and not user.disabled else ""
            matches = await asyncio.to_thread(passwords.verify, known, password)
            if user is None or not matches:
                await self.database.write(attempt.fail)
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
