"""The token: in the system's keyring, or else in a file that only the user can read.

It is good for some hours, and for its server alone. A password is never kept.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from openucwa.cli.person import folders
from openucwa.cli.person.account import Account

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE = "openucwa"


class _NoKeyring(Exception):
    """The system keeps no secrets, or refuses to."""


def keep(account: Account, text: str, expires: datetime | None) -> str:
    """Keep the token, and return where: "the system's keyring", or a file. Raises Failure."""
    content = json.dumps({"token": text, "expires": expires.isoformat() if expires else None})
    try:
        with _keyring() as keyring:
            keyring.set_password(_SERVICE, account.place, content)
    except _NoKeyring:
        folders.write(_path(), json.dumps({account.place: content}))
        return str(_path())
    folders.remove(_path())
    return "the system's keyring"


def find(account: Account) -> tuple[str, datetime | None] | None:
    """The token of an account, and when it ends if that is known."""
    try:
        content = json.loads(_content(account) or "null")
        expires = content["expires"]
        return str(content["token"]), datetime.fromisoformat(expires) if expires else None
    except (ValueError, TypeError, KeyError):
        return None


def forget(account: Account) -> None:
    """Forget the token."""
    folders.remove(_path())
    try:
        with _keyring() as keyring:
            keyring.delete_password(_SERVICE, account.place)
    except _NoKeyring:
        pass


def _content(account: Account) -> str | None:
    in_file = folders.read(_path())
    if in_file is not None:
        found = json.loads(in_file)
        return found.get(account.place) if isinstance(found, dict) else None
    try:
        with _keyring() as keyring:
            return keyring.get_password(_SERVICE, account.place)
    except _NoKeyring:
        return None


@contextmanager
def _keyring() -> Iterator["KeyringBackend"]:
    """The system's keyring. Raises _NoKeyring, also for what fails within the block."""
    import keyring
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring | null.Keyring):
        raise _NoKeyring
    try:
        yield backend
    except Exception as error:  # backends raise what they like: D-Bus, the Keychain, a locked store
        raise _NoKeyring from error


def _path() -> Path:
    return folders.settings() / "token.json"
