"""Other servers are measured, or it is said why not."""

from pathlib import Path
from typing import NoReturn

import pytest

from bench.__main__ import disk
from bench.peers import ENVIRONMENTS, PeerFailed, updates
from bench.peers.updates import LASTING, Peers


def measured() -> Peers:
    return updates.measure(disk(), [1, 2], rounds=1, seconds=3, warmup=0.1, say=lambda told: None)


@pytest.mark.slow
@pytest.mark.parametrize("name", LASTING)
def test_a_peer_is_measured_without_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not ENVIRONMENTS[name].ready:
        pytest.skip(f"{name} is not set up; `make bench ARGS=--peers` does that")
    monkeypatch.setattr(updates, "LASTING", [name])
    found = measured()
    assert found.left_out == []
    assert [(row.name, row.connections) for row in found.rows] == [(name, 1), (name, 2)]
    for row in found.rows:
        assert row.errors == {}
        assert row.updates.rate > 0


def test_a_peer_that_can_not_be_run_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str, documents: int, directory: Path) -> NoReturn:
        raise PeerFailed(f"{name} is left out")

    monkeypatch.setattr(updates, "running", fails)
    assert measured() == Peers([], [f"{name} is left out" for name in LASTING])
