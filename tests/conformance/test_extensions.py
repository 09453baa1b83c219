"""The page of extensions reads as a table, and each row of it means something."""

from __future__ import annotations

import pytest

from tests.conformance.extensions import (
    COLUMNS,
    PAGE,
    PLAIN_TYPES,
    Extension,
    Extensions,
    MalformedExtension,
    read_row,
    table_rows,
)
from tests.conformance.tables import Tables

HEAD = "| on | kind | name | what it is and why |\n|---|---|---|---|\n"
ROWS = list(table_rows(PAGE.read_text("utf-8")))
TYPED = ("property", "error member", "event member", "parameter")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " | ".join(row[:3]))
def test_the_row_is_well_formed(row: tuple[str, ...]) -> None:
    for extension in read_row(row):
        assert_is_of_ucwa(extension)
        assert extension.why.endswith("."), "the last column speaks in sentences"


def assert_is_of_ucwa(extension: Extension) -> None:
    tables = Tables.load()
    subjects = {"any", "token", *tables.pages_of_rel}
    assert extension.on.subject in subjects or has_a_path(extension.on.subject)
    if extension.kind in TYPED:
        assert extension.type in {*PLAIN_TYPES, *tables.enums}, "its type stands in parentheses"


def has_a_path(rel: str) -> bool:
    """A resource of ours says where it stands."""
    paths = Extensions.load().of_kind("path")
    return any(extension.on.subject == rel for extension in paths)


def test_no_extension_is_listed_twice() -> None:
    listed = [(row.on, row.kind, row.name) for row in Extensions.load().rows]
    assert len(listed) == len(set(listed))


def test_the_page_lists_what_deployed_clients_need() -> None:
    assert Extensions.load().find(["application"], "property", "expires") is not None


@pytest.mark.parametrize(
    ("on", "subjects", "verb", "status", "holds"),
    [
        ("any", [], "GET", 200, True),
        ("me", ["me"], "GET", 200, True),
        ("me", ["note"], "GET", 200, False),
        ("any 412", ["me"], "PUT", 412, True),
        ("any 412", ["me"], "PUT", 404, False),
        ("any 412", ["me"], None, None, False),
        ("DELETE me", ["me"], "DELETE", 204, True),
        ("DELETE me", ["me"], "GET", 200, False),
    ],
)
def test_an_extension_holds_where_it_says(
    on: str, subjects: list[str], verb: str | None, status: int | None, holds: bool
) -> None:
    extensions = Extensions.parse(f"{HEAD}| {on} | property | `x` (String) | Because. |\n")
    found = extensions.find(subjects, "property", "x", verb, status)
    assert (found is not None) is holds


def test_one_row_may_give_several_names() -> None:
    page = f"{HEAD}| any | error member | `a` (String), `b` (Int array) | Because. |\n"
    assert [(row.name, row.type, row.array) for row in Extensions.parse(page).rows] == [
        ("a", "String", False),
        ("b", "Int", True),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "| me | property | `x` |",
        "| me | property | `x` | |",
        "| me | mood | `x` | Because. |",
        "| me | property | x | Because. |",
        "| me | property | `x`, y | Because. |",
        "| me and you | property | `x` | Because. |",
    ],
)
def test_a_malformed_row_is_refused(row: str) -> None:
    with pytest.raises(MalformedExtension):
        Extensions.parse(HEAD + row)


@pytest.mark.parametrize(
    "page", ["no table", "| on | kind |\n|---|---|\n", f"| {' | '.join(COLUMNS)} |\n| me |\n"]
)
def test_a_page_without_the_table_is_refused(page: str) -> None:
    with pytest.raises(MalformedExtension):
        Extensions.parse(page)
