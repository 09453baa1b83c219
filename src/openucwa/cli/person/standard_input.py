"""A description that is read from standard input: piped by a program, or typed by a person."""

import sys

from openucwa.cli.failure import Stopped, WrongInput
from openucwa.cli.person import offer
from openucwa.cli.person.draft import LocalDraft

DASH = "-"
"""The value of `--description` that reads standard input."""
PAGE = "description"
_HEADING = "description:\n"
"""With it, what was typed is a text as an editor has it, and is read like one."""


def description(draft: LocalDraft | None) -> str:
    """Read a description to the end of input, without the end of its last line.

    Each line that is typed goes to a page of the draft at once, and stays there if the command is
    interrupted. Raises WrongInput.
    """
    if draft is None:
        return _decoded(sys.stdin.buffer.read())
    sys.stderr.write("Type the description. Ctrl+D on a line of its own ends it.\n")
    lines = []
    with draft.offer(_HEADING, PAGE).open("ab") as page:
        try:
            for line in iter(sys.stdin.buffer.readline, b""):
                lines.append(line)
                page.write(line)
                page.flush()
        except KeyboardInterrupt:
            sys.stderr.write("\n")
            raise offer.again(draft, Stopped("Interrupted.", decided=True)) from None
    try:
        return _decoded(b"".join(lines))
    except WrongInput as wrong:
        raise offer.again(draft, wrong) from None


def _decoded(content: bytes) -> str:
    try:
        return content.decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise WrongInput("The description on standard input must be in UTF-8.") from None
