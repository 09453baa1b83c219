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
        _write({**_in_file(), account.place: content})
        return str(_path())
    _remove(account)
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
    _remove(account)
    try:
        with _keyring() as keyring:
            keyring.delete_password(_SERVICE, account.place)
    except _NoKeyring:
        pass


def _content(account: Account) -> str | None:
    if content := _in_file().get(account.place):
        return content
    try:
        with _keyring() as keyring:
            return keyring.get_password(_SERVICE, account.place)
    except _NoKeyring:
        return None


def _in_file() -> dict[str, str]:
    """The content for each account's place, as far as the system has no keyring for it."""
    try:
        found = json.loads(folders.read(_path()) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _remove(account: Account) -> None:
    others = {place: one for place, one in _in_file().items() if place != account.place}
    if others:
        _write(others)
    else:
        folders.remove(_path())


def _write(contents: dict[str, str]) -> None:
    folders.write(_path(), json.dumps(contents))


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
