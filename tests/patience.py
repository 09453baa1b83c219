"""Waiting for what another thread or process does, and tells nobody."""

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds. Far more than anything takes: a test that waits so long has failed."""
_LOOK_EVERY = 0.02


def until(so: Callable[[], bool]) -> None:
    """Wait until it is so. Raises AssertionError when it does not come to be."""
    end = time.monotonic() + PATIENCE
    while not so():
        assert time.monotonic() < end
        time.sleep(_LOOK_EVERY)
