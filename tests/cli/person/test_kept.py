"""What is kept between two commands, and who can read it."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import keyring
import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

from openucwa.cli.failure import Failure, SignInNeeded
from openucwa.cli.person import account, folders, tokens
from openucwa.cli.person.account import Account
from openucwa.cli.person.kept import Shelf

DANA = Account("dana@contoso.com", "https://ucwa.contoso.com/", "openucwa-1")
CHRIS = Account("chris@contoso.com", "https://ucwa.contoso.com/", "openucwa-2", "/etc/ca.pem")
EXPIRES = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Chain(KeyringBackend):
    """A keyring in memory."""

    priority = -1  # keyring knows each class of this kind, and must never choose this one

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Locked(Chain):
    """A keyring that its owner does not open."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise OSError("locked")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "state", whose=DANA.place)


def test_an_account_is_remembered_and_forgotten() -> None:
    with pytest.raises(SignInNeeded, match="openucwa login"):
        account.current()
    account.remember(CHRIS)
    assert account.current() == CHRIS
    account.forget(CHRIS)
    with pytest.raises(SignInNeeded):
        account.current()


def test_a_token_is_kept_in_the_keyring_and_in_no_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    assert tokens.keep(DANA, "cwt=1", EXPIRES) == "the system's keyring"
    assert tokens.find(DANA) == ("cwt=1", EXPIRES)
    assert tokens.find(CHRIS) is None
    assert not list(home.rglob("token*"))
    tokens.forget(DANA)
    assert tokens.find(DANA) is None
    assert not chain.kept


@pytest.fixture(scope="module")
def left_behind() -> Iterator[None]:
    """A keyring that keyring has found before this test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyring.core, "_keyring_backend", Chain())
        yield


@pytest.mark.usefixtures("left_behind")
def test_no_test_uses_a_keyring_that_was_found_before() -> None:
    assert Path(tokens.keep(DANA, "cwt=1", None)).is_file()


def test_no_keyring_of_a_test_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    assert not isinstance(keyring.get_keyring(), Chain)
    assert Chain not in map(type, ChainerBackend.backends)


@pytest.mark.parametrize("locked", [False, True])
def test_without_a_keyring_the_token_is_in_a_file_of_ones_own(
    home: Path, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    if locked:
        monkeypatch.setattr(keyring, "get_keyring", Locked)
    where = tokens.keep(DANA, "cwt=1", None)
    assert Path(where).stat().st_mode & 0o777 == 0o600
    assert Path(where).parent.stat().st_mode & 0o077 == 0
    assert tokens.find(DANA) == ("cwt=1", None)
    assert tokens.find(CHRIS) is None
    tokens.forget(DANA)
    assert tokens.find(DANA) is None


def test_a_keyring_that_is_back_takes_the_token_out_of_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = tokens.keep(DANA, "cwt=1", None)
    chain = Chain()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    tokens.keep(DANA, "cwt=2", None)
    assert not Path(where).exists()
    assert tokens.find(DANA) == ("cwt=2", None)


def test_each_terminal_remembers_what_it_has_shown(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So what is saved at one of them was not seen at the other."""

    def at(terminal: int) -> None:
        monkeypatch.setattr(os, "getsid", lambda _: terminal)

    at(1)
    shelf.see("PYC58WSY", "first")
    at(2)
    assert shelf.seen("PYC58WSY") == "first"
    shelf.see("PYC58WSY", "second")
    at(1)
    assert shelf.seen("PYC58WSY") == "first"
    shelf.forget("PYC58WSY")
    at(2)
    assert shelf.seen("PYC58WSY") is None


def test_what_was_seen_is_forgotten_after_thirty_days(tmp_path: Path, shelf: Shelf) -> None:
    shelf.see("A", "a")
    shelf.see("B", "b")
    assert (shelf.seen("A"), shelf.seen("B")) == ("a", "b")
    assert shelf.ids() == ["A", "B"]
    old = time.time() - 31 * 24 * 3600
    (file,) = tmp_path.rglob("seen/*/A~*.json")
    os.utime(file, (old, old))
    shelf.see("B", "b")
    assert shelf.seen("A") is None
    shelf.forget("B")
    assert shelf.seen("B") is None


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="can't be written"):
        folders.write(tmp_path / "file" / "inner", "x")
