"""The zone in which a test takes place."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import tzlocal


@contextmanager
def zone(name: str) -> Iterator[None]:
    """Let the machine be in a zone. The C library and tzlocal each remember the last one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        _notice()
        yield
    _notice()


def _notice() -> None:
    time.tzset()
    tzlocal.reload_localzone()
