"""The sweep, which goes on as long as the server runs."""

import threading
from pathlib import Path

import pytest

from openucwa.domain.deployment import Lifetimes
from openucwa.store.transaction import Transaction
from tests.installation import Clock, installed


def test_a_sweep_that_fails_is_followed_by_the_next(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = threading.Semaphore(0)

    def fail(tx: Transaction, lifetimes: Lifetimes) -> dict[str, int]:
        swept.release()
        raise ValueError("a row that can't be read")

    monkeypatch.setattr("openucwa.http.app.sweep", fail)
    monkeypatch.setattr("openucwa.http.app.SWEEP_EVERY", 0.01)
    with installed(tmp_path, clock):
        assert all(swept.acquire(timeout=10) for _ in range(3))
