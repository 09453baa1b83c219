"""The person's editor."""

from pathlib import Path

import pytest

from openucwa.cli.person import editor

EDITOR = """#!/bin/sh
# An editor with a window: it ends at once unless it is told to wait for the person.
case "$1" in
    --wait | -w | --block | --nofork) for file; do :; done; echo mine > "$file" ;;
esac
"""


@pytest.mark.parametrize(
    "command",
    ["code", "code -w", "code --wait -n", "code -n", "subl", "zed", "gedit", "kate", "gvim -y"],
)
def test_an_editor_with_a_window_waits_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    program, *options = command.split()
    (tmp_path / program).write_text(EDITOR)
    (tmp_path / program).chmod(0o700)
    monkeypatch.setenv("EDITOR", " ".join([str(tmp_path / program), *options]))
    page = tmp_path / "page.txt"
    page.write_text("theirs")
    assert editor.edit(page) == "mine\n"
