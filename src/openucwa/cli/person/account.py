"""The signed-in account and its server. Only the token is stored (`tokens`), no password."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from openucwa.cli.failure import SignInNeeded, WrongInput
from openucwa.cli.person import folders

VARIABLE = "UCWA_ACCOUNT"
"""The environment variable that names the account of all commands."""


@dataclass(frozen=True)
class Account:
    """A person at a server. `ca` is a file with the authorities that its certificate may have."""

    address: str
    root_url: str
    endpoint_id: str
    ca: str | None = None

    @property
    def domain(self) -> str:
        """The part of the address behind its @."""
        return self.address.rpartition("@")[2]

    @property
    def place(self) -> str:
        """The key of this account, the same for all spellings of its address and server."""
        return f"{self.address.lower()} {self.root_url.rstrip('/')}/"


@dataclass(frozen=True)
class Accounts:
    """All accounts that are signed in, the latest first. `chosen` is the place of one of them."""

    all: Sequence[Account] = ()
    chosen: str | None = None

    @property
    def current(self) -> Account | None:
        """The chosen account, or the only one; None if there are several and none is chosen."""
        return self.at(self.chosen) or (self.all[0] if len(self.all) == 1 else None)

    def at(self, place: str | None) -> Account | None:
        """Return the account of a place."""
        return next((one for one in self.all if one.place == place), None)

    def named(self, typed: str) -> Account:
        """The account of an address, or of its beginning. Raises SignInNeeded and WrongInput."""
        wanted = typed.strip().lower().removeprefix("sip:")
        exact = [one for one in self.all if wanted in (one.address.lower(), one.place.lower())]
        found = exact or [one for one in self.all if one.address.lower().startswith(wanted)]
        if len(found) == 1 and wanted:
            return found[0]
        if not found or not wanted:
            raise SignInNeeded(
                f"{typed} is not signed in here. "
                f"Use openucwa login {typed or 'ADDRESS'} to sign in."
            )
        places = " or ".join(f'"{one.place}"' for one in found)
        raise WrongInput(f"{typed} is ambiguous: it may be {places}. Write one of them.")


def new_endpoint_id() -> str:
    """The name of an application of this machine: one is enough for all commands."""
    return f"openucwa-{secrets.token_hex(8)}"


_named: str | None = None


def choose(typed: str | None) -> None:
    """Let the commands to come be of the account that was named; None is who was chosen before."""
    global _named
    _named = typed


def everybody() -> Accounts:
    """All accounts that are signed in."""
    try:
        found = json.loads(folders.read(_path()) or "{}")
        accounts = [
            Account(**{name: one[name] for name in Account.__dataclass_fields__})
            for one in found.get("accounts", ())
        ]
        return Accounts(accounts, found.get("current"))
    except (ValueError, TypeError, AttributeError, KeyError):
        return Accounts()


def current() -> Account:
    """The account of this command. Raises SignInNeeded when nobody is signed in, and WrongInput."""
    accounts = everybody()
    if _named is not None:
        return accounts.named(_named)
    if accounts.current:
        return accounts.current
    if accounts.all:
        others = " or ".join(one.address for one in accounts.all)
        raise SignInNeeded(
            f"No account is selected. Use openucwa switch ADDRESS with one of {others}."
        )
    raise SignInNeeded(
        "Nobody is signed in. Sign in with your address: openucwa login dana@contoso.com"
    )


def remember(account: Account) -> None:
    """Keep an account, and choose it for the commands to come. Raises Failure."""
    others = [one for one in everybody().all if one.place != account.place]
    _write(Accounts([account, *others], account.place))


def forget(account: Account) -> None:
    """Forget an account. Of several others, none takes its place by itself."""
    accounts = everybody()
    others = [one for one in accounts.all if one.place != account.place]
    if others:
        _write(Accounts(others, accounts.chosen if accounts.chosen != account.place else None))
    else:
        folders.remove(_path())


def _write(accounts: Accounts) -> None:
    content = {"current": accounts.chosen, "accounts": [asdict(one) for one in accounts.all]}
    folders.write(_path(), json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _path() -> Path:
    return folders.settings() / "accounts.json"
