"""Who is signed in, and where. The password is never kept; the token is, in `secrets`."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from openucwa.cli.failure import SignInNeeded
from openucwa.cli.person import folders


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
        """What tells this account from others."""
        return f"{self.address} {self.root_url}"


def new_endpoint_id() -> str:
    """The name of an application of this machine: one is enough for all commands."""
    return f"openucwa-{secrets.token_hex(8)}"


def remember(account: Account) -> None:
    """Keep it for the commands to come. Raises Failure."""
    folders.write(_path(), json.dumps(asdict(account), indent=2, ensure_ascii=False) + "\n")


def current() -> Account:
    """Who is signed in. Raises SignInNeeded when nobody is."""
    try:
        found = json.loads(folders.read(_path()) or "null")
        return Account(**{name: found.get(name) for name in Account.__dataclass_fields__})
    except (ValueError, TypeError, AttributeError):
        raise SignInNeeded(
            "Nobody is signed in. openucwa login dana@contoso.com does it, with your address."
        ) from None


def forget() -> None:
    """Forget who was signed in."""
    folders.remove(_path())


def _path() -> Path:
    return folders.settings() / "account.json"
