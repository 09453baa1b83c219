import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from openucwa.store.transaction import Transaction
from tests.store.memory import NOW, connect


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(connect()) as found:
        yield found


@pytest.fixture
def tx(connection: sqlite3.Connection) -> Transaction:
    return Transaction(connection, NOW)
