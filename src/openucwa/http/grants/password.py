"""The grant `password`: an account and its password (AuthenticationInUCWA.md)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from openucwa.domain import passwords
from openucwa.domain.deployment import Deployment
from openucwa.domain.people import User
from openucwa.http.grants.grant import Holder, Refused, demand, malformed, wrong
from openucwa.http.grants.sign_in_queue import SignInQueue
from openucwa.http.grants.throttle import Attempt
from openucwa.http.request import Call
from openucwa.store.database import Database
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import sip

TYPE = "password"


@dataclass(frozen=True)
class PasswordGrant:
    deployment: Deployment
    database: Database
    queue: SignInQueue

    @property
    def lifetime(self) -> timedelta:
        return self.deployment.lifetimes.token

    def failure(self, why: str) -> Refused:
        return wrong("The user name or the password is wrong.", why)

    async def holder(self, form: Mapping[str, str], call: Call) -> Holder:
        demand(form, "username", "password")
        if len(form["password"]) > passwords.LONGEST:
            reason = f"password has more than {passwords.LONGEST} characters"
            raise malformed(reason, "too large")
        account = _address_of(form["username"], self.deployment.domain)
        attempt = Attempt(account, call.client)
        if form["username"].strip().lower().endswith(f"@{self.deployment.domain}".lower()):
            call.notes.account = account  # what else is typed there may be a password
        user = await self._signed_in(call, attempt, form["password"])

        def unchanged(tx: Transaction) -> User | None:
            attempt.check(tx)
            now = tx.of(Users).get(user.id)
            if now is None or now.disabled or now.password_hash != user.password_hash:
                return None
            attempt.succeed(tx, now.id)
            return now

        return Holder(unchanged)

    async def _signed_in(self, call: Call, attempt: Attempt, password: str) -> User:
        """Return the user of these credentials. One who does not exist costs the same time."""

        def look(tx: Transaction) -> User | None:
            user = _user_of(tx, attempt.account)
            if user is not None:
                call.notes.account = user.uri
            attempt.check(tx)  # before it waits for its turn, and takes the time of others
            return user

        async with self.queue.place(attempt.account, call.client) as place:
            user = await self.database.read(look)
            known = user.password_hash if user and not user.disabled else ""
            async with self.queue.turn(place):
                matches = await asyncio.to_thread(passwords.verify, known, password)
        if user is None or not matches:
            await self.database.write(attempt.fail)
            raise self.failure(_why(user))
        return user


def _why(user: User | None) -> str:
    """Return why an account and a password don't hold, for the log."""
    if user is None:
        return "unknown"
    if user.disabled:
        return "disabled"
    return "wrong" if user.password_hash else "no password"


def _user_of(tx: Transaction, account: str) -> User | None:
    try:
        return tx.of(Users).by_uri(account)
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
