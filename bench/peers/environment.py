"""The virtual environment of a peer, apart from the packages that uv.lock pins."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.load import ROOT

FOLDER = ROOT / ".peers"
PINS = Path(__file__).with_name("requirements.txt")
_UV = ROOT / ".uv" / "bin" / "uv"


class PeerFailed(Exception):
    """A peer can't be set up or started: which, and why."""


class Environment:
    """The environment of one peer; `packages` are its own, without versions: those are pinned."""

    def __init__(self, name: str, packages: Sequence[str]) -> None:
        self.name = name
        self._packages = packages
        self._folder = FOLDER / name
        self._mark = self._folder / "ready"

    @property
    def ready(self) -> bool:
        """True if it is set up with the versions that are pinned now."""
        return self._mark.exists() and self._mark.read_text(encoding="utf-8") == self._wanted()

    def set_up(self) -> None:
        """Make it from the package index, unless it is ready. Raises PeerFailed."""
        if self.ready:
            return
        python = self.program("python")
        self._uv("venv", "--clear", "--python", sys.executable, str(self._folder))
        self._uv("pip", "install", "--python", python, "--constraint", str(PINS), *self._packages)
        self._mark.write_text(self._wanted(), encoding="utf-8")

    def program(self, name: str) -> str:
        """Return the path of one of its programs."""
        return str(self._folder / "bin" / name)

    def version(self) -> str:
        """The version of the peer's package that is installed."""
        ask = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
        return self._run(self.program("python"), "-c", ask, self.name).strip()

    def _wanted(self) -> str:
        return "\n".join([*self._packages, PINS.read_text(encoding="utf-8")])

    def _uv(self, *arguments: str) -> None:
        if not _UV.exists():
            raise PeerFailed(f"{self.name} can't be set up: run `make setup` first, for uv.")
        self._run(str(_UV), "--quiet", *arguments)

    def _run(self, *command: str) -> str:
        variables = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "true"}
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=ROOT, env=variables
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip() or f"status {done.returncode}"
            raise PeerFailed(f"{self.name} can't be set up: {said}")
        return done.stdout


class Program:
    """A peer that the system brings, such as from a package of Debian."""

    def __init__(self, name: str, package: str) -> None:
        self.name = name
        self._package = package

    @property
    def path(self) -> str:
        """Its path; empty if it is not installed."""
        return shutil.which(self.name) or ""

    @property
    def ready(self) -> bool:
        """True if it is installed."""
        return bool(self.path)

    def set_up(self) -> None:
        """Raise PeerFailed unless it is installed."""
        if not self.ready:
            raise PeerFailed(f"{self.name} is not installed: apt install {self._package}")

    def version(self) -> str:
        """Return the version that it prints."""
        command = [self.path, "--version"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = re.search(r"\d+(?:\.\d+)+", done.stdout)
        return found[0] if found else ""
