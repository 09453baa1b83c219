"""The person's own editor."""

import codecs
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from openucwa.cli.failure import Failure, Stopped
from openucwa.cli.person import screen
from openucwa.wire import lines


def edit(path: Path) -> str | None:
    """Let the person edit a file. Returns its text, or None if she left without saving.

    Raises Failure if there is no editor, if it ends with an error, or if nobody can read what it
    has written. The file stays as it is then.
    """
    command = _command()
    before = _written(path)
    try:
        done = subprocess.run([*command, str(path)], check=False)  # noqa: S603 - the person's own
    except KeyboardInterrupt:
        raise Stopped("Interrupted.", decided=True) from None
    except OSError as error:
        raise Failure(
            f"The editor {command[0]} can't be started: {error.strerror}. Correct the variable "
            "EDITOR."
        ) from None
    if done.returncode:
        raise Failure(f"The editor {command[0]} ended with status {done.returncode}.")
    if _written(path) == before:
        return None
    edited = read(path)
    if edited is None:
        raise Failure(f"{path} was removed, or is no longer in UTF-8.")
    return edited


def read(path: Path, *, guess: bool = False) -> str | None:
    """Return the text of a file, without byte order mark, with LF at the end of each line.

    None if there is no such file, or if it is neither in UTF-8 nor in UTF-16 with a byte order
    mark. With `guess` any other is read as in Western Europe, so that it can be looked at.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return None
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        if not guess:
            return None
        text = content.decode("latin-1")
    return "\n".join(lines.split(text))


def _written(path: Path) -> tuple[int, ...]:
    """Return a value that differs after each write of a file, even of the same text."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_mtime_ns, status.st_size


_WAIT = {
    **dict.fromkeys(("code", "code-insiders", "codium", "vscodium", "cursor"), ("--wait", "-w")),
    **dict.fromkeys(("subl", "sublime_text", "atom", "pulsar", "mate"), ("--wait", "-w")),
    **dict.fromkeys(("zed", "zeditor", "bbedit", "gedit"), ("--wait", "-w")),
    "kate": ("--block", "-b"),
    **dict.fromkeys(("gvim", "mvim"), ("--nofork", "-f")),
}
"""Editors that end at once and leave their window open, with the option that makes them wait."""


def _waiting(words: list[str]) -> list[str]:
    """Return the command of an editor with the option that makes it wait, if it needs one."""
    options = _WAIT.get(Path(words[0]).stem.lower(), ())
    if not options or not set(options).isdisjoint(words):
        return words
    return [words[0], options[0], *words[1:]]


def _command() -> list[str]:
    """Return the command in VISUAL or EDITOR, or of an installed editor. Raises Failure."""
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if chosen:
        try:
            words = shlex.split(chosen, posix=sys.platform != "win32")
        except ValueError:
            raise Failure(
                "The editor can't be started: a quotation mark is not closed in the variable "
                f"{'VISUAL' if os.environ.get('VISUAL') else 'EDITOR'}."
            ) from None
        if words:
            return _waiting(words)
    if not screen.is_interactive():
        raise Failure(
            "Editing needs a terminal. Run this at a terminal, or set the variable EDITOR to a "
            "program that needs none."
        )
    likely = ("notepad",) if sys.platform == "win32" else ("sensible-editor", "nano", "vi")
    found = next(filter(None, map(shutil.which, likely)), None)
    if not found:
        raise Failure("No editor was found. Set the variable EDITOR to the editor of your choice.")
    return [found]
