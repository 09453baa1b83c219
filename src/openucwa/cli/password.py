"""A password, which a person types or a program hands over.

It is never an argument: those are shown to everybody on the machine.
"""

import sys

import typer

from openucwa.cli.failure import WrongInput

_EMPTY = (
    "The password is empty. Give one in the first line of standard input, or run this at a "
    "terminal to be asked."
)


def read(question: str, *, twice: bool = False, empty: str = _EMPTY) -> str:
    """Asked for at a terminal, unseen, or else the next line of standard input.

    Raises WrongInput, with `empty` where there is none; KeyboardInterrupt for Ctrl+C.
    """
    if sys.stdin.isatty():
        try:
            asked: str = typer.prompt(
                question, hide_input=True, confirmation_prompt=twice, err=True
            )
        except typer.Abort:
            raise KeyboardInterrupt from None
        return asked
    try:
        given = sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise WrongInput("The password on standard input must be in UTF-8.") from None
    if not given:
        raise WrongInput(empty)
    return given
