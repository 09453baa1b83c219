"""Tables: for people as wide as their terminal, for programs a line for each row."""

import sys
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from openucwa.cli import streams

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

Rows = Iterable[tuple[Sequence[str], str]]
"""The cells of each row, and its style."""
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def show(columns: Sequence[str], rows: Rows, *, wrapping: Collection[str] = ()) -> None:
    """Print rows. Only the `wrapping` columns break between words, to fit into a terminal.

    Where they still do not fit side by side, each row is printed as a block. A program gets a line
    for each row, with tabs between the cells and without a heading.
    """
    if not streams.output_is_terminal():
        for cells, _ in rows:
            write_line(cells)
        return
    from rich.console import Console

    rows = list(rows)
    console = Console(highlight=False, markup=False, emoji=False)
    table = _table(columns, rows, wrapping)
    if any(columns) and _least_width(console, table) > console.width:
        _print_blocks(console, columns, rows)
    else:
        print_table(console, table)


def print_table(console: "Console", table: "RenderableType") -> None:
    """Print a table without the spaces with which rich fills its last column."""
    from rich.text import Text

    for line in console.render_lines(table, pad=False):
        text = Text.assemble(*((one.text, one.style or "") for one in line))
        text.rstrip()
        console.print(text, soft_wrap=True)


def write_line(cells: Iterable[str]) -> None:
    """Write cells with tabs between them. A tab or a line end in one is escaped as in Python."""
    sys.stdout.write("\t".join(one.translate(_ESCAPES) for one in cells) + "\n")


def _table(columns: Sequence[str], rows: Rows, wrapping: Collection[str]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold",
        show_header=any(columns),
    )
    for number, column in enumerate(columns):
        wraps = column in wrapping or (not column and number > 0)
        table.add_column(column, overflow="fold", no_wrap=not wraps)
    for cells, style in rows:
        table.add_row(*map(Text, cells), style=style)
    return table


def _least_width(console: "Console", table: "Table") -> int:
    """Return the columns that a table needs if no word is broken."""
    from rich.measure import Measurement

    unlimited = console.options.update(width=10_000)
    return Measurement.get(console, unlimited, table).minimum


def _print_blocks(console: "Console", columns: Sequence[str], rows: Rows) -> None:
    """Print a line for each cell that is not empty, with the heading of its column."""
    from rich.text import Text

    for number, (cells, style) in enumerate(rows):
        if number:
            console.print()
        labels = [f"{one}: " for one in columns] if len(cells) == len(columns) else [""]
        for label, cell in zip(labels, cells, strict=False):  # a cell alone is a heading
            if cell:
                text = Text.assemble((label, "bold"), cell, style=style)
                console.print(text, overflow="fold")
