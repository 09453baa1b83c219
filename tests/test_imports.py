"""Imports within the program: none in circles, also not within functions or for types."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

_EACH_OTHER = ("openucwa.store.table", "openucwa.store.transaction")
"""A transaction makes its tables, the log of facts among them, and each table is within one."""


def test_no_modules_import_each_other() -> None:
    graph = grimp.build_graph("openucwa")
    graph.remove_import(importer=_EACH_OTHER[0], imported=_EACH_OTHER[1])
    graph.remove_import(importer="openucwa.store.tables.facts", imported=_EACH_OTHER[1])
    imports = {one: graph.find_modules_directly_imported_by(one) for one in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(f"These modules import each other: {error.args[1]}")
