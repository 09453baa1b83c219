"""What OpenUCWA adds to UCWA 2.0: the table on docs/extensions.md, read so that it holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conformance.finding import EXTENSIONS_PAGE
from tests.conformance.tables import Embedded, Link, Property

PAGE = Path(__file__).parents[2] / EXTENSIONS_PAGE

COLUMNS = ("on", "kind", "name", "what it is and why")
KINDS = (
    "property",
    "link",
    "embedded",
    "parameter",
    "header",
    "status",
    "error member",
    "event",
    "event member",
    "path",
    "media type",
)
OWN_REL = "{rel}"
"""As a name, it stands for the rel of the resource that was asked for."""

PUT_MEMBER = "{guid}"
"""As a property, it stands for the random member that PUT demands, where that is not documented."""

SCOPE = re.compile(r"(?:(?P<verb>[A-Z]+) )?(?P<subject>[A-Za-z0-9]+)(?: (?P<status>\d{3}))?")
NAMES = re.compile(r"(?:`[^`]+`(?: \([A-Za-z0-9 ]+\))?)(?:, `[^`]+`(?: \([A-Za-z0-9 ]+\))?)*")
NAME = re.compile(r"`(?P<name>[^`]+)`(?: \((?P<type>[A-Za-z0-9]+)(?P<array> array)?\))?")
PLAIN_TYPES = ("String", "Boolean", "Int", "DateTime")


class MalformedExtension(ValueError):
    """A row of the page that cannot be read."""


@dataclass(frozen=True)
class Scope:
    """Where an extension holds: `any`, a rel, `token`; after a verb or before a status if so."""

    subject: str
    verb: str | None = None
    status: int | None = None

    @classmethod
    def parse(cls, text: str) -> Scope:
        match = SCOPE.fullmatch(text)
        if match is None:
            raise MalformedExtension(f"'{text}' is not [VERB] rel [STATUS]")
        status = match["status"]
        return cls(match["subject"], match["verb"], int(status) if status else None)

    def covers(self, subjects: Collection[str], verb: str | None, status: int | None) -> bool:
        return (
            (self.subject == "any" or self.subject in subjects)
            and (self.verb is None or self.verb == verb)
            and (self.status is None or self.status == status)
        )


@dataclass(frozen=True)
class Extension:
    """One name of one row."""

    on: Scope
    kind: str
    name: str
    type: str | None
    array: bool
    why: str

    def as_property(self) -> Property:
        is_enum = self.type is not None and self.type not in PLAIN_TYPES
        return Property(
            self.name,
            type="enum" if is_enum else self.type,
            array=self.array,
            enum=self.type if is_enum else None,
        )

    def as_link(self) -> Link:
        return Link(self.name, many=self.array)

    def as_embedded(self) -> Embedded:
        return Embedded(self.name, many=self.array)


@dataclass(frozen=True)
class Extensions:
    rows: tuple[Extension, ...]

    @classmethod
    @cache
    def load(cls) -> Extensions:
        return cls.parse(PAGE.read_text("utf-8"))

    @classmethod
    def parse(cls, page: str) -> Extensions:
        return cls(tuple(ext for row in table_rows(page) for ext in read_row(row)))

    def find(
        self,
        subjects: Collection[str],
        kind: str,
        name: str,
        verb: str | None = None,
        status: int | None = None,
    ) -> Extension | None:
        held = self.on(subjects, kind, verb, status)
        return next((extension for extension in held if extension.name == name), None)

    def on(
        self,
        subjects: Collection[str],
        kind: str,
        verb: str | None = None,
        status: int | None = None,
    ) -> list[Extension]:
        """The extensions of one kind that hold for a resource of any of these names."""
        return [ext for ext in self.of_kind(kind) if ext.on.covers(subjects, verb, status)]

    def of_kind(self, kind: str) -> list[Extension]:
        return [ext for ext in self.rows if ext.kind == kind]


def table_rows(page: str) -> Iterator[tuple[str, ...]]:
    """The cells of the rows of the page's only table."""
    lines = [line.strip() for line in page.splitlines() if line.lstrip().startswith("|")]
    if not lines or cells(lines[0]) != COLUMNS:
        raise MalformedExtension(f"the page has no table with the columns {', '.join(COLUMNS)}")
    if not set(lines[1]) <= set("|-: "):
        raise MalformedExtension("the table's second line must be a rule of dashes")
    yield from map(cells, lines[2:])


def cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|"))


def read_row(row: tuple[str, ...]) -> Iterator[Extension]:
    if len(row) != len(COLUMNS) or not all(row):
        raise MalformedExtension(f"{row} has not four filled cells")
    on, kind, names, why = row
    if kind not in KINDS:
        raise MalformedExtension(f"'{kind}' is none of the kinds {', '.join(KINDS)}")
    if NAMES.fullmatch(names) is None:
        raise MalformedExtension(f"'{names}' is not a list of `name` or `name` (Type)")
    for match in NAME.finditer(names):
        yield Extension(
            Scope.parse(on), kind, match["name"], match["type"], match["array"] is not None, why
        )
