"""The wheel, installed with what it asks for and nothing else.

What it asks for is lent by the packages that run the tests, so that no network is needed.
"""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib import metadata
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from openucwa import __version__
from openucwa.cli import commands
from openucwa.cli.commands import Command

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UV = ROOT / ".uv/bin/uv"
PACKAGES = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
EXTRAS = sorted({command.extra for command in commands.all_of_them()})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not UV.exists():
        pytest.skip("there is no uv here; `make setup` sets it up")
    folder = tmp_path_factory.mktemp("wheel")
    built = run(UV, "build", "--wheel", "--offline", "--out-dir", folder, ROOT)
    if "hatchling" in built.stderr and built.returncode:
        pytest.skip("hatchling, which builds the wheel, is not in uv's cache")
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


class Environment:
    """A virtual environment that has the wheel, with an extra or without any."""

    def __init__(self, folder: Path, wheel: Path, extra: str = "") -> None:
        self.bin = folder / "bin"
        self.packages = folder / PACKAGES
        venv.create(folder, symlinks=True)
        python = self.bin / "python"
        done = run(UV, "pip", "install", "--offline", "--no-deps", "--python", python, wheel)
        assert done.returncode == 0, done.stderr
        (own,) = metadata.distributions(path=[str(self.packages)])
        for one in needed(own, extra):
            self._link(one)

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return run(self.bin / program, *arguments)

    def _link(self, distribution: Distribution) -> None:
        for top in {file.parts[0] for file in distribution.files or []} - {".."}:
            if not (self.packages / top).exists():
                (self.packages / top).symlink_to(Path(str(distribution.locate_file(top))))


def needed(distribution: Distribution, extra: str = "") -> Iterator[Distribution]:
    """What a distribution requires, and what that requires."""
    done: set[tuple[str, str]] = set()
    waiting = [(distribution, extra)]
    while waiting:
        one, extra = waiting.pop()
        for text in one.requires or []:
            wanted = Requirement(text)
            if wanted.marker and not wanted.marker.evaluate({"extra": extra}):
                continue
            for more in ("", *wanted.extras):
                if (wanted.name, more) not in done:
                    done.add((wanted.name, more))
                    found = metadata.distribution(wanted.name)
                    waiting.append((found, more))
                    yield found


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a program that knows nothing of the packages here."""
    hidden = ("PYTHON", "VIRTUAL_ENV", "OPENUCWA_")
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={name: text for name, text in os.environ.items() if not name.startswith(hidden)},
        check=False,
    )


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Without any extra: `pip install openucwa`."""
    return Environment(tmp_path_factory.mktemp("alone"), wheel)


def test_the_client_needs_its_http_library_msgspec_and_the_zones_alone(alone: Environment) -> None:
    (own,) = metadata.distributions(path=[str(alone.packages)], name="openucwa")
    required = [Requirement(one) for one in own.requires or []]
    assert sorted(one.name for one in required if not one.marker) == ["httpx2", "msgspec", "tzdata"]
    done = alone.run("python", "-c", "from openucwa.client import AsyncClient, Client")
    assert (done.returncode, done.stderr) == (0, "")


def test_type_checkers_find_its_types(alone: Environment) -> None:
    assert (alone.packages / "openucwa" / "py.typed").exists()


def test_without_extras_it_tells_its_version_and_its_commands(alone: Environment) -> None:
    assert alone.run("openucwa", "--version").stdout == f"openucwa {__version__}\n"
    assert alone.run("openucwa", "--help").stdout == f"{commands.overview()}\n"


@pytest.mark.parametrize("command", commands.all_of_them(), ids=lambda one: one.name)
def test_without_extras_a_command_says_which_it_needs(alone: Environment, command: Command) -> None:
    done = alone.run("openucwa", command.name, "list")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {command.name} needs a package that is not installed")
    assert done.stderr.endswith(f"Run: pip install 'openucwa[{command.extra}]'\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_has_all_that_its_commands_import(wheel: Path, tmp_path: Path, extra: str) -> None:
    environment = Environment(tmp_path, wheel, extra)
    modules = [one.module for one in commands.all_of_them() if one.extra == extra]
    if extra == "server":
        modules += ["openucwa.cli.server", "openucwa.cli.accounts", "openucwa.store.postgres"]
    done = environment.run("python", "-c", f"import {', '.join(modules)}")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_extra_for_tests_has_a_server_for_them(wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "environment", wheel, "test")
    (tmp_path / "test_it.py").write_text(
        "def test_it(ucwa_client): assert ucwa_client.me().uri", encoding="utf-8"
    )
    done = environment.run("python", "-m", "pytest", "-q", str(tmp_path / "test_it.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
