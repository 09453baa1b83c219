"""The commands for the person, with folders and a zone of their own."""

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openucwa.cli.main import main
from openucwa.cli.person import account
from tests.cli.person import forks
from tests.cli.person.terminal import Terminal, environment
from tests.passwords import PASSWORD
from tests.sockets.process import PATIENCE, USERNAME, add_user, serving
from tests.zones import zone


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A home in which nothing is kept yet, in Berlin."""
    for name in list(os.environ):
        if name.startswith(("XDG_", "OPENUCWA_")) or name in ("EDITOR", "VISUAL", "NO_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    account.choose(None)  # which a command in this process may have named
    with zone("Europe/Berlin"):
        yield tmp_path


@pytest.fixture(scope="session")
def root_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The root of a server on which Dana, Kim and Pat have accounts.

    Tests share Dana's sign-ins. Pat's may be ended.
    """
    folder = tmp_path_factory.mktemp("server")
    add_user(folder)
    for other in ("kim@contoso.com", "pat@contoso.com"):
        add_user(folder, other)
    with serving(folder) as server:
        yield f"{server.scheme}://{server.host}:{server.port}/"


@dataclass(frozen=True)
class Person:
    """Dana at one of her machines: a home of its own."""

    home: Path
    root_url: str

    def runs(
        self, *arguments: str, typed: str = "", **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command in a process of its own, to its end."""
        return forks.run(
            arguments,
            environment(self.home, **variables),
            self.home,
            typed=typed,
            patience=PATIENCE,
        )

    def told(self, *arguments: str) -> Any:
        """Run a command that must succeed, and read the JSON that it writes.

        It runs in this process, which is much faster.
        """
        output, error = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(error):
            for name, value in environment(self.home).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main([*arguments, "--json"])
        for stream in (output, error):
            stream.seek(0)
        assert not ended.value.code, error.read()
        return msgspec.json.decode(output.read())

    def at_terminal(self, *arguments: str, columns: int = 80, **variables: str) -> Terminal:
        """Run a command at a terminal."""
        return Terminal(self.home, *arguments, columns=columns, **variables)

    def signs_in(self) -> None:
        """Sign in with the right password."""
        done = self.runs("login", USERNAME, "--at", self.root_url, typed=f"{PASSWORD}\n")
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory, root_url: str) -> Path:
    """A folder with two homes from which Dana has signed in, to be copied."""
    folder = tmp_path_factory.mktemp("homes")
    for name in ("desk", "elsewhere"):
        home = folder / name
        home.mkdir()
        Person(home, root_url).signs_in()
    return folder


@pytest.fixture
def dana(tmp_path: Path, homes: Path, root_url: str) -> Person:
    """Dana at her desk, signed in."""
    return Person(Path(shutil.copytree(homes / "desk", tmp_path / "desk")), root_url)


@pytest.fixture
def elsewhere(tmp_path: Path, homes: Path, root_url: str) -> Person:
    """Dana's account at another machine: the other one of two who edit one meeting."""
    return Person(Path(shutil.copytree(homes / "elsewhere", tmp_path / "elsewhere")), root_url)


@pytest.fixture
def kim(tmp_path: Path, root_url: str) -> Person:
    """Kim, signed in."""
    found = Person(tmp_path / "kim", root_url)
    found.home.mkdir()
    done = found.runs("login", "kim@contoso.com", "--at", root_url, typed=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    return found


@pytest.fixture
def meeting(elsewhere: Person) -> str:
    """The id of a meeting that was scheduled at the other machine."""
    made = elsewhere.told(
        *("meeting", "schedule", "--subject", "Weekly", "--expires", "in 3 days"),
        *("--description", "One.\nTwo.\nThree.", "--attendee", "chris@contoso.com"),
        *("--attendee", "alex@contoso.com"),
    )
    id = made["onlineMeetingId"]
    assert isinstance(id, str)
    return id
