"""What the tables declare, beside what the migrations make."""

from openucwa.store.copying.tables import tables
from openucwa.store.declared import all_rows


def test_each_table_that_is_made_is_declared_once() -> None:
    """So whoever adds one says whose its rows are."""
    assert sorted(rows.name for rows in all_rows()) == [table.name for table in tables()]


def test_columns_that_are_declared_are_there() -> None:
    columns = {table.name: table.columns for table in tables()}
    for rows in all_rows():
        named = {rows.owner, rows.bytes, *(one for key in rows.within.values() for one in key)}
        assert named - {None} <= columns[rows.name].keys(), rows.name
        assert rows.within.keys() <= columns.keys()


def test_what_goes_with_others_goes_with_their_owner_too() -> None:
    owners = {rows.name: rows.owner for rows in all_rows()}
    for rows in all_rows():
        for other in rows.within:
            assert owners[other] is None or rows.owner, rows.name
