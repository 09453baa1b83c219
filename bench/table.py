"""A table, for a terminal and in Markdown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table: its title, its column heads and its rows of cells, all of one width."""

    title: str
    heads: list[str]
    rows: list[list[str]]

    def markdown(self) -> str:
        """Return it in Markdown."""
        rule = ["---"] + ["---:"] * (len(self.heads) - 1)
        lines = [f"| {' | '.join(cells)} |" for cells in (self.heads, rule, *self.rows)]
        return f"**{self.title}**\n\n" + "\n".join(lines) + "\n"

    def aligned(self) -> str:
        """Return it in columns: the first to the left, the others to the right."""
        cells = [self.heads, *self.rows]
        widths = [max(len(row[n]) for row in cells) for n in range(len(self.heads))]
        lines = [
            "  ".join(
                cell.rjust(width) if n and len(row) > 2 else cell.ljust(width)
                for n, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        ]
        if not self.heads[0]:
            del lines[0]
        return "\n".join([self.title, "-" * len(self.title), *lines]) + "\n"
