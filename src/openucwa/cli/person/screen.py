"""The terminal: colour, width, progress, and questions."""

import io
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

NARROW = 60
"""Columns below which nothing stands side by side."""
_PATIENCE = 1.0
"""Seconds after which a person is told what she waits for."""
_MEANINGS = {
    "mine": "save your value",
    "theirs": "keep the other person's value",
    "edit": "write another value in your editor",
    "quit": "save nothing; what you wanted is kept as a draft",
    "use": "go on with the draft",
    "save": "save the draft as it is",
    "discard": "drop the draft, and start from the meeting as it is",
    "leave": "keep the draft for later, and continue without it",
    "again": "open the editor again",
    "yes": "do it",
    "no": "do nothing",
}
"""What each answer does, for those who type a question mark."""
_UNBROKEN = 10_000
"""Columns. Where the output goes to a program, nothing is broken into lines."""


def is_interactive() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def console(*, error: bool = False) -> "Console":
    """Standard output, or error; in colour where that is a terminal and NO_COLOR is not set."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # what a terminal can't write is no reason to fail
    return Console(
        stderr=error,
        width=None if stream.isatty() else _UNBROKEN,
        highlight=False,
        markup=False,
        emoji=False,
    )


def say(text: str) -> None:
    """Tell a person something, on standard output."""
    console().print(text, soft_wrap=not sys.stdout.isatty())


def note(text: str) -> None:
    """Tell a person something on standard error, where standard output is for something else."""
    console(error=True).print(text)


def warn(text: str) -> None:
    """Tell a person what to look out for, on standard error."""
    console(error=True).print(f"Warning: {text}", style="yellow")


def ask(question: str, answers: Sequence[str], *, otherwise: str) -> str:
    """One of `answers`, of which a beginning is enough. `otherwise` stands for the end of input.

    A question mark has them explained. Ctrl+C ends the command: it is no answer.
    """
    while True:
        try:
            typed = input(f"{question} ").strip().lower()
        except EOFError:
            sys.stdout.write("\n")
            return otherwise
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            raise
        if typed == "?":
            for one in answers:
                say(f"  {one[0]}  {_MEANINGS.get(one, one)}")
            continue
        matching = [one for one in answers if typed and one.startswith(typed)]
        if len(matching) == 1:
            return matching[0]
        say(f"Type one of {', '.join(one[0] for one in answers)}, then Enter; ? explains them.")


@contextmanager
def undisturbed() -> Iterator[None]:
    """Show nothing of what is being waited for: the person is typing."""
    with _typing:
        if (status := _shown[-1] if _shown else None) is not None:
            status.stop()
        yield


_typing = threading.Lock()
_shown: "list[Status]" = []
"""What is being waited for, as far as it is shown."""


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on standard error what is being waited for, if it takes more than a second."""
    if not sys.stderr.isatty():
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
