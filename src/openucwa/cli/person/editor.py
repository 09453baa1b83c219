"""The person's own editor."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from openucwa.cli.failure import Failure
from openucwa.cli.person import folders


def edit(path: Path, text: str) -> str:
    """Let the person edit a text, in a file that stays there until it is removed.

    Raises Failure if there is no editor, or if it ends with an error.
    """
    folders.write(path, text)
    command = _command()
    try:
        done = subprocess.run([*command, str(path)], check=False)  # noqa: S603 - the person's own
    except OSError as error:
        raise Failure(
            f"The editor {command[0]} can't be started: {error.strerror}. Set the variable EDITOR."
        ) from None
    if done.returncode:
        raise Failure(f"The editor {command[0]} ended with status {done.returncode}.")
    edited = folders.read(path)
    if edited is None:
        raise Failure(f"{path} is gone, or is not in UTF-8 any more.")
    return edited


def _command() -> list[str]:
    """What VISUAL or EDITOR says, or an editor that is likely to be there. Raises Failure."""
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
            return words
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(
            "An editor needs a terminal, and there is none. Run this at a terminal, or set the "
            "variable EDITOR to a program that needs none."
        )
    likely = ("notepad",) if sys.platform == "win32" else ("sensible-editor", "nano", "vi")
    found = next(filter(None, map(shutil.which, likely)), None)
    if not found:
        raise Failure("There is no editor. Set the variable EDITOR to the one that you want.")
    return [found]
