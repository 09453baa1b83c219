"""The results of many races for one document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from prove.race.probe import Race

HEADS = [
    "Server",
    "Version",
    "Races",
    "At once",
    "Several winners",
    "Most winners",
    "Lost updates",
    "Refused",
    "Errors",
]


@dataclass
class Tally:
    """The results of the races at one server. `setup` says how it was run.

    `at_once` counts the races in which all requests were out before the first answer, `several`
    those with more than one winner, and `lost` the updates that were acknowledged there beyond the
    first of each.
    """

    server: str
    version: str
    setup: str
    races: int = 0
    at_once: int = 0
    several: int = 0
    most: int = 0
    lost: int = 0
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def add(self, race: Race) -> None:
        """Count one more race."""
        self.races += 1
        self.at_once += race.at_once
        self.several += race.winners > 1
        self.most = max(self.most, race.winners)
        self.lost += max(race.winners - 1, 0)
        self.refused += race.refused
        self.errors.update(race.errors)

    @property
    def right(self) -> bool:
        """True if every race had one winner and there was no error."""
        return bool(self.races) and not self.several and not self.errors

    def cells(self) -> list[str]:
        """The row of the table, under HEADS."""
        figures = [self.races, self.at_once, self.several, self.most, self.lost, self.refused]
        errors = f"{self.errors.total():,}"
        return [self.server, self.version, *(f"{figure:,}" for figure in figures), errors]

    def note(self) -> str:
        """Return the note below the table: the server's setup, and its errors."""
        errors = ", ".join(f"{count:,} {name}" for name, count in sorted(self.errors.items()))
        return f"{self.server}: {self.setup}." + (f" Errors: {errors}." if errors else "")


def table(tallies: Sequence[Tally]) -> str:
    """The tallies as a table in Markdown, aligned for a terminal, and notes below it."""
    rows = [HEADS, *(tally.cells() for tally in tallies)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    rule = ["-" * width if n < 2 else "-" * (width - 1) + ":" for n, width in enumerate(widths)]
    lines = []
    for row in (HEADS, rule, *(tally.cells() for tally in tallies)):
        cells = (
            cell.ljust(width) if n < 2 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(tally.note() for tally in tallies)]) + "\n"
