from collections.abc import Iterator
from time import process_time

import pytest


@pytest.fixture
def at_once() -> Iterator[None]:
    """Fails a test on input that is long, but takes milliseconds, when it takes seconds."""
    start = process_time()
    yield
    assert process_time() - start < 2
