"""Tables for people to read, and progress for people who wait."""

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager

_UNBROKEN = 10_000
"""Columns. Where the output goes to a program, a row is a line."""


def show(columns: Sequence[str], rows: Iterable[tuple[Sequence[str], str]]) -> None:
    """Print rows, each with its style, as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    for cells, style in rows:
        table.add_row(*map(Text, cells), style=style)
    Console(width=None if sys.stdout.isatty() else _UNBROKEN).print(table)


@contextmanager
def progress() -> Generator[Callable[[str, int, int], None]]:
    """Show at a terminal how far it is."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("")

        def tell(doing: str, done: int, of: int) -> None:
            progress.update(task, description=doing, completed=done, total=of)

        yield tell
