"""Tables, at terminals and for programs."""

import io
import sys
from collections.abc import Sequence

import pytest

from openucwa.cli import tables

COLUMNS = ("id", "client", "address", "signed in", "expires", "applications")
SESSION = (
    "3f6c2a91d04e",
    "Outlook on the phone of Dana (this one)",
    "2001:db8:85a3::8a2e:370:7334",
    "2026-11-29 20:52",
    "2026-11-30 04:52",
    "openucwa/1.0",
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(
    monkeypatch: pytest.MonkeyPatch, columns: Sequence[str], *rows: Sequence[str], wrapping: str
) -> list[str]:
    """Show a table at a terminal of 80 columns without colour. Returns its lines."""
    found = Terminal()
    monkeypatch.setattr(sys, "stdout", found)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    tables.show(columns, [(one, "") for one in rows], wrapping=(wrapping,))
    return found.getvalue().splitlines()


def test_what_fits_stands_side_by_side_and_breaks_between_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = (*SESSION[:2], "127.0.0.1", *SESSION[3:4])
    lines = shown(monkeypatch, COLUMNS[:4], row, wrapping="client")
    assert [line.split("  ")[-1].strip() for line in lines] == ["signed in", SESSION[3], "one)"]


def test_no_line_ends_with_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, COLUMNS[:2], ("a", "a long one"), ("b", ""), wrapping="client")
    assert lines == ["id  client", "a   a long one", "b"]


def test_what_does_not_fit_side_by_side_is_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No id, address or time is broken."""
    other = ("b", *SESSION[1:5], "")
    assert shown(monkeypatch, COLUMNS, SESSION, other, wrapping="client") == [
        *(f"{column}: {cell}" for column, cell in zip(COLUMNS, SESSION, strict=True)),
        "",
        "id: b",
        *(f"{column}: {cell}" for column, cell in list(zip(COLUMNS, SESSION, strict=True))[1:5]),
    ]


def test_a_program_gets_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(COLUMNS[:2], [(("a", "b\tc\\\n"), "bold"), (("d" * 300, ""), "")])
    assert capsys.readouterr().out == "a\tb\\tc\\\\\\n\n" + "d" * 300 + "\t\n"
