"""The examples in Python that the documentation prints, on pages and in docstrings."""

import contextlib
import doctest
import inspect
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openucwa import client as sdk
from openucwa.client import Client
from openucwa.wire import merge
from tests.docs.conftest import PRINTED
from tests.docs.pages import PAGES, examples, named


def differences(page: Path, address: str) -> Iterator[str]:
    """Where an example prints something else than the page shows; `...` stands for anything."""
    checker = doctest.OutputChecker()
    names: dict[str, object] = {"__name__": "__main__"}
    for block, shown in examples(page):
        source = "\n" * (block.line - 1) + block.text.replace(PRINTED, address)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(source, str(page), "exec"), names)  # noqa: S102 - it is our own
        found = printed.getvalue().replace(address, PRINTED)
        if not checker.check_output(shown, found, doctest.ELLIPSIS):
            yield f"{named(page)}:{block.line} printed:\n{found}instead of:\n{shown}"
    for one in names.values():
        if isinstance(one, Client):
            one.close()


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if any(examples(page))], ids=named)
def test_examples_print_what_is_shown(
    page: Path, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one block of a page defines, the later ones have."""
    monkeypatch.chdir(tmp_path)
    found = list(differences(page, address))
    assert not found, "\n".join(found)


DOCSTRINGS = [
    found
    for name in [*sdk.__all__, "merge"]
    if not name.startswith("Async") and (owner := getattr(sdk, name, merge.merge))
    if inspect.isclass(owner) or inspect.isfunction(owner)
    for found in doctest.DocTestFinder(exclude_empty=True).find(owner, name, module=False)
    if found.examples
]


@pytest.mark.slow
@pytest.mark.usefixtures("address")
@pytest.mark.parametrize("example", DOCSTRINGS, ids=lambda example: example.name)
def test_examples_of_docstrings_print_what_is_shown(
    example: doctest.DocTest, clients: list[Client]
) -> None:
    """They find a client and one of its `meetings`, `weekly`, which is stale where they clash."""
    client = clients[0]
    weekly = client.meetings.schedule(subject="Weekly", attendees=["chris@contoso.com"])
    if example.name == "MeetingConflict.resolve":
        client.meetings.update(weekly, subject="Theirs")
    example.globs = {
        **{name: getattr(sdk, name) for name in sdk.__all__},
        "application": client.application(),
        "client": client,
        "datetime": datetime,
        "UTC": UTC,
        "meetings": client.meetings,
        "merge": merge.merge,
        "weekly": weekly,
    }
    told = io.StringIO()
    doctest.DocTestRunner().run(example, out=told.write)
    assert told.getvalue() == ""


def test_examples_of_docstrings_are_found() -> None:
    assert {"MeetingConflict.resolve", "Meetings.edit", "merge"} <= {one.name for one in DOCSTRINGS}


def test_difference_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.docs.pages.PROJECT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nx = 1\n```\n\nx\n\n```python\nprint(x, 'at', 2)\n```\n\n```text\n1 ... 2\n```\n"
        "\n```python\nprint(x)\n```\n\nIt prints:\n\n```text\n1\n```\n"
    )
    assert list(differences(page, PRINTED)) == ["page.md:16 printed:\n1\ninstead of:\n"]
