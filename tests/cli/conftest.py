"""The command line, run in this process, in a folder of its own."""

import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import keyring.core
import pytest
import structlog

from openucwa.cli.main import main
from openucwa.domain import passwords
from openucwa.store.sqlite import SQLite
from openucwa.store.transaction import Transaction
from tests.passwords import HASHER


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit status, and what it wrote."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]
Look = Callable[[Callable[[Transaction], Any]], Any]


class Terminal(io.TextIOWrapper):
    """Standard input with a person behind it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The working directory: empty, as the environment is of variables for OpenUCWA."""
    for name in list(os.environ):
        if name.upper().startswith("OPENUCWA_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    structlog.reset_defaults()  # commands let it write to what pytest has captured


@pytest.fixture(autouse=True)
def without_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without a keyring, whichever one has been found before.

    keyring looks for one once in a process, among all classes that it knows, which may be those of
    tests, and takes it from then on. The variable is for the processes that a test starts.
    """
    none = "keyring.backends.fail.Keyring"
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", none)
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.core.load_keyring(none))


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords that cost nothing, where the command runs in this process."""
    monkeypatch.setattr(passwords, "_hasher", HASHER)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; `typed` is its standard input. Whatever happens, nobody sees a traceback."""

    def run(*arguments: str | Path, typed: str | bytes = "", at_terminal: bool = False) -> Done:
        given = io.BytesIO(typed if isinstance(typed, bytes) else typed.encode())
        monkeypatch.setattr(sys, "stdin", (Terminal if at_terminal else io.TextIOWrapper)(given))
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        status = ended.value.code or 0
        assert isinstance(status, int)
        assert bool(status) == bool(err.startswith(("Error: ", "Usage: "))), err
        return Done(status, out, err)

    return run


@pytest.fixture
def look(folder: Path) -> Look:
    """Look into the database of ./openucwa-data, or change it."""

    def look(operation: Callable[[Transaction], Any]) -> Any:
        async def run() -> Any:
            path = folder / "openucwa-data" / "openucwa.sqlite3"
            database = SQLite(path, clock=lambda: datetime.now(UTC))
            try:
                return await database.write(operation)
            finally:
                await database.close()

        return anyio.run(run)

    return look
