"""The terminal."""

import io
import sys
import time

import pytest

from openucwa.cli.person import screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_takes_long_is_told_on_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    error = Terminal()
    monkeypatch.setattr(sys, "stderr", error)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(screen, "_PATIENCE", 0.05)
    with screen.waiting("Saving"):
        assert error.getvalue() == ""
        deadline = time.monotonic() + 20
        while "Saving" not in error.getvalue():
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_what_is_quick_or_has_nobody_watching_is_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for error in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", error)
        with screen.waiting("Saving"):
            pass
        assert error.getvalue() == ""
    monkeypatch.setattr(screen, "_PATIENCE", 0.0)
    with screen.waiting("Saving"):
        time.sleep(0.05)
    assert error.getvalue() == ""
