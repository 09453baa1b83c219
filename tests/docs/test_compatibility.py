"""docs/compatibility.md names for each habit of deployed clients the tests that hold it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from openucwa.resources.all import REGISTRY
from tests.conformance.tables import Tables

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "compatibility.md").read_text()

ROW = re.compile(r"\| (?P<what>.+?) \| (?P<mark>[VR]?) ?\| (?P<holders>.*) \|")


def rows() -> Iterator[tuple[str, list[str]]]:
    """What clients depend on, and what holds it."""
    for line in PAGE.splitlines():
        if line.startswith("|") and not line.endswith(("| held by |", "|---|")):
            row = ROW.fullmatch(line)
            assert row, line
            yield row["what"], re.findall("`([^`]+)`", row["holders"])


@cache
def named_in(path: str) -> set[str]:
    """The names of a file's tests, in a class with that of the class."""
    return set(_tests(ast.parse((PROJECT / path).read_text())))


def _tests(parent: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    for node in parent.body:
        if isinstance(node, ast.ClassDef):
            yield from _tests(node, f"{prefix}{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield prefix + node.name


def is_held(holder: str) -> bool:
    kind, _, name = holder.partition(": ")
    if kind == "later":
        served = {rel for resource in REGISTRY.resources for rel in resource.rels}
        return name in Tables.load().pages_of_rel and name not in served
    path, _, test = holder.partition("::")
    return test in named_in(path)


def test_each_row_is_held() -> None:
    """By tests that are there, all of them; or it waits for a resource that is not there yet."""
    held = {what: bool(holders) and all(map(is_held, holders)) for what, holders in rows()}
    assert len(held) > 50
    assert [what for what, is_so in held.items() if not is_so] == []
