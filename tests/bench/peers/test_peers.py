"""The peers run, and change a document for who has its current ETag."""

import os
import random
from itertools import islice
from pathlib import Path

import pytest

from bench import peers
from bench.__main__ import disk
from bench.peers import ENVIRONMENTS, PEERS, WITH_ETAGS, PeerFailed
from prove.race.probe import races

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", WITH_ETAGS)
def test_a_lone_writer_always_wins(name: str) -> None:
    if not ENVIRONMENTS[name].ready:
        pytest.skip(f"{name} is not set up; `make prove ARGS='race --peers'` does that")
    with peers.running(name, 2, disk()) as peer:
        assert peer.version
        assert len(peer.documents) == 2
        for document in peer.documents:
            for race in islice(races(document, 1, random.Random()), 3):
                assert (race.winners, race.refused, race.errors) == (1, 0, {})
    assert not os.path.exists(f"/proc/{peer.server.pid}")


def test_a_peer_that_can_not_be_run_is_left_out_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(folder: Path, documents: int) -> None:
        raise PeerFailed("no index\nlog\nno network")

    monkeypatch.setitem(PEERS, "Radicale", fails)
    with (
        pytest.raises(PeerFailed, match=r"^Radicale is left out: no index … no network$"),
        peers.running("Radicale", 1, tmp_path),
    ):
        pass
