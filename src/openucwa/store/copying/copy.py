"""A copy: every row, compared with the one it was made from; or nothing."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, closing
from itertools import zip_longest
from pathlib import Path

from openucwa.store import schema
from openucwa.store.copying import sqlite
from openucwa.store.copying.contents import Contents, Row
from openucwa.store.copying.tables import LOG, CopiedTable, tables
from openucwa.store.not_ready import NotReady
from openucwa.store.schema import name_of

Tell = Callable[[str, int, int], None]
"""Is told of progress: what is done, to how many rows, and of how many."""
_TELL_EVERY = 1000
"""Rows."""


def copy(
    source: Path | str,
    target: Path | str,
    tell: Tell,
    *,
    shared: bool = False,
    replace: bool = False,
) -> dict[str, int]:
    """Copy a database into one that is empty or not there. Returns how many rows each table has.

    Nobody else may use either of them meanwhile; only a source in PostgreSQL may be `shared`. With
    `replace`, the rows of a target that is not empty are removed. In the end the target has all
    rows, or none. They are the same, but for the numbers that the log of facts counts with (see
    openucwa.store.positions). Raises NotReady, and OSError for a folder that can't be used.
    """
    every = tables()
    _check(source)
    _make(target)
    with (
        _opened(source, every, shared=shared) as here,
        _opened(target, every, to_write=True) as there,
    ):
        if not replace and any(there.count(table) for table in every if table.name != LOG):
            raise NotReady(
                f"{name_of(target)} already holds data, and was not changed. Name an empty "
                "database or a new directory. openucwa database restore can replace data with "
                "--replace."
            )
        counts = {table.name: here.count(table) for table in every}

        def reading(table: CopiedTable, doing: str) -> closing[Generator[Row]]:
            doing = f"{doing} {table.name}"
            return closing(_told(here.rows(table), tell, doing, counts[table.name]))

        for table in every:
            with reading(table, "Copying") as rows:
                there.fill(table, rows)
        for table in every:
            with reading(table, "Comparing") as rows, closing(there.rows(table)) as copied:
                _compare(table, rows, copied)
        there.settle()
        there.commit()
    return counts


def _check(source: Path | str) -> None:
    """Raise NotReady unless there is a database of this program's schema."""
    name = name_of(source)
    if isinstance(source, Path) and not source.exists():
        raise NotReady(f"There is no database {name}. Name the directory of the database.")
    lacking = schema.missing(source)
    if lacking == schema.migrations():
        raise NotReady(f"{name} is not a database of OpenUCWA. Name the database to copy first.")
    if lacking:
        raise NotReady(
            f"{name} was made by an older OpenUCWA, and lacks {', '.join(lacking)}. Back it up, "
            "run openucwa migrate on it, and copy it then."
        )


def _make(target: Path | str) -> None:
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    schema.make(target)


def _opened(
    location: Path | str,
    every: Sequence[CopiedTable],
    *,
    to_write: bool = False,
    shared: bool = False,
) -> AbstractContextManager[Contents]:
    if isinstance(location, Path):
        return sqlite.opened(location)
    from openucwa.store.copying import postgres

    if shared:
        return postgres.snapshot(location)
    return postgres.opened(location, every, to_write=to_write)


def _told(rows: Generator[Row], tell: Tell, doing: str, count: int) -> Generator[Row]:
    tell(doing, 0, count)
    with closing(rows):
        for number, row in enumerate(rows, 1):
            yield row
            if number % _TELL_EVERY == 0 or number == count:
                tell(doing, number, count)


def _compare(table: CopiedTable, rows: Iterable[Row], copied: Iterable[Row]) -> None:
    for row, other in zip_longest(rows, copied):
        if row != other:
            found = dict(zip(table.columns, row or other, strict=True))
            key = ", ".join(str(found[column]) for column in table.order)
            raise NotReady(
                f"A row of {table.name} is not the same in the copy ({key}), so nothing was "
                "copied. Please report this."
            )
