"""A password, which a person types or a program hands over.

It is never an argument: those are shown to everybody on the machine.
"""

import sys
from collections.abc import Callable

import typer

from openucwa.cli import streams
from openucwa.cli.failure import WrongInput

_EMPTY = (
    "The password is empty. Give one in the first line of standard input, or run this at a "
    "terminal to be asked."
)


def read(
    question: str,
    *,
    twice: bool = False,
    empty: str = _EMPTY,
    check: Callable[[str], None] | None = None,
) -> str:
    """Ask for a password at a terminal, without echo, or else read a line of standard input.

    At a terminal, a password for which `check` raises WrongInput is asked for again. Raises
    WrongInput, with `empty` if there is none; KeyboardInterrupt for Ctrl+C.
    """
    if streams.input_is_terminal():
        try:
            return _asked(question, twice, check)
        except typer.Abort:
            raise KeyboardInterrupt from None
    try:
        given = sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise WrongInput("The password on standard input must be in UTF-8.") from None
    if not given:
        raise WrongInput(empty)
    if check:
        check(given)
    return given


def _asked(question: str, twice: bool, check: Callable[[str], None] | None) -> str:
    """Ask until a password is good, and typed the same twice if it has to be."""
    while True:
        asked: str = typer.prompt(question, hide_input=True, err=True)
        try:
            if check:
                check(asked)
        except WrongInput as wrong:
            typer.echo(f"{wrong} Please type another one.", err=True)
            continue
        if not twice or asked == typer.prompt("Repeat for confirmation", hide_input=True, err=True):
            return asked
        typer.echo("The two passwords differ. Please type it again.", err=True)
