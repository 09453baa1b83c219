"""What tests of the store start from: each engine in turn, with its tables and no rows."""

from collections.abc import Iterator

import pytest

from openucwa.store.connection import Connection
from openucwa.store.transaction import Transaction
from tests.engines import ENGINES
from tests.store.alone import connection_to
from tests.store.memory import NOW


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=ENGINES)
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    with connection_to(request.param) as found:
        yield found


@pytest.fixture
def tx(connection: Connection) -> Transaction:
    return Transaction(connection, NOW)
