"""A place without any configuration."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The working directory: empty, as the environment is of variables for OpenUCWA."""
    for name in list(os.environ):
        if name.upper().startswith("OPENUCWA_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path
