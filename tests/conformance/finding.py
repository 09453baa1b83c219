"""What the oracle answers: one sentence for each thing that no table documents."""

from __future__ import annotations

from dataclasses import dataclass, replace

EXTENSIONS_PAGE = "docs/extensions.md"


@dataclass(frozen=True)
class Finding:
    """A fault in one exchange and, where it may be meant so, the row that would allow it."""

    fault: str
    row: str | None = None
    exchange: str = ""

    def seen_in(self, exchange: object) -> Finding:
        return replace(self, exchange=f"{exchange}: {self.exchange}".removesuffix(": "))

    def __str__(self) -> str:
        remedy = self.row and f"; if it is deliberate, list '{self.row}' in {EXTENSIONS_PAGE}"
        return f"{self.exchange}: {self.fault}{remedy or ''}".removeprefix(": ")


def unlisted(fault: str, on: str, kind: str, name: str) -> Finding:
    """A finding that a row on the extensions page would settle."""
    return Finding(fault, row=f"{on} | {kind} | {name}")
