"""The findings of a proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True)
class Violation:
    """Something that may not be: a sentence, and the records of the history that show it."""

    what: str
    shown_by: Sequence[msgspec.Struct] = ()

    def __str__(self) -> str:
        records = (msgspec.json.encode(record).decode() for record in self.shown_by)
        return "\n".join([self.what, *(f"    {record}" for record in records)])


@dataclass(frozen=True)
class Verdict:
    """The figures of a run, by what they count, and what was violated in it."""

    figures: Mapping[str, object]
    violations: Sequence[Violation]

    def __str__(self) -> str:
        figures = {**self.figures, "violations": len(self.violations)}
        return ", ".join(f"{name} {figure}" for name, figure in figures.items())
