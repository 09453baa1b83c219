"""The terminal: colour, width, and progress."""

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from openucwa.cli import streams

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

NARROW = 60
"""Columns below which nothing stands side by side."""
_PATIENCE = 1.0
"""Seconds after which a person is told what she waits for."""
_UNBROKEN = 10_000
"""Columns. Where the output goes to a program, nothing is broken into lines."""


def is_interactive() -> bool:
    """Return whether there is a person to ask."""
    return streams.input_is_terminal() and streams.output_is_terminal()


def console(*, error: bool = False) -> "Console":
    """Standard output, or error; in colour where that is a terminal and NO_COLOR is not set."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    terminal = streams.error_is_terminal() if error else streams.output_is_terminal()
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # what a terminal can't write is no reason to fail
    return Console(
        stderr=error,
        width=None if terminal else _UNBROKEN,
        highlight=False,
        markup=False,
        emoji=False,
    )


def say(text: str) -> None:
    """Tell a person something, on standard output."""
    console().print(text, soft_wrap=not streams.output_is_terminal())


def whole(text: str) -> None:
    """Tell a person a command or a link to copy. Only the terminal breaks it into lines."""
    console().print(text, soft_wrap=True)


def note(text: str) -> None:
    """Tell a person something on standard error, where standard output is for something else."""
    console(error=True).print(text)


def warn(text: str) -> None:
    """Tell a person what to look out for, on standard error."""
    console(error=True).print(f"Warning: {text}", style="yellow")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Show nothing of what is being waited for: the person is typing."""
    with _typing:
        if (status := _shown[-1] if _shown else None) is not None:
            status.stop()
        yield


_typing = threading.Lock()
_shown: "list[Status]" = []
"""The operation in progress, if it is shown."""


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on standard error what is being waited for, if it takes more than a second."""
    if not streams.error_is_terminal():
        yield
        return

    def show() -> None:
        with _typing:
            if not timer.finished.is_set():
                status = console(error=True).status(f"{what} …")
                _shown.append(status)
                status.start()

    timer = threading.Timer(_PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        while _shown:
            _shown.pop().stop()
