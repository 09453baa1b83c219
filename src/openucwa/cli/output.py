"""Tables for people to read."""

import sys
from collections.abc import Iterable, Sequence

_UNBROKEN = 10_000
"""Columns. Where the output goes to a program, a row is a line."""


def show(columns: Sequence[str], rows: Iterable[tuple[Sequence[str], str]]) -> None:
    """Print rows, each with its style, as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    for cells, style in rows:
        table.add_row(*map(Text, cells), style=style)
    Console(width=None if sys.stdout.isatty() else _UNBROKEN).print(table)
