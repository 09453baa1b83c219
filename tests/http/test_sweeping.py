"""The sweep, which goes on as long as the server runs."""

import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from openucwa.domain.deployment import Lifetimes
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import ServiceUnavailable
from tests.installation import Clock, installed


@pytest.mark.parametrize(
    ("failure", "logged"),
    [
        (ValueError("a row that can't be read"), True),
        (ServiceUnavailable("The database is away."), False),  # which the store logs, in a sentence
    ],
)
def test_a_sweep_that_fails_is_followed_by_the_next(
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    logged: bool,
) -> None:
    swept = threading.Semaphore(0)

    def fail(tx: Transaction, lifetimes: Lifetimes) -> dict[str, int]:
        swept.release()
        raise failure

    monkeypatch.setattr("openucwa.http.app.sweep", fail)
    monkeypatch.setattr("openucwa.http.app.SWEEP_EVERY", 0.01)
    with installed(tmp_path, clock), capture_logs() as logs:
        assert all(swept.acquire(timeout=10) for _ in range(3))
    assert any(line["event"] == "sweep" for line in logs) == logged
