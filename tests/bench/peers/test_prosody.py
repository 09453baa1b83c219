"""Prosody's clients hear of each change in their room, by the code that measures OpenUCWA's."""

import os
from pathlib import Path

import pytest

from bench import fanout
from bench.line import room_for
from bench.peers import prosody
from bench.peers.environment import PeerFailed, Program

pytestmark = pytest.mark.slow


def test_all_in_a_room_hear_of_each_change(tmp_path: Path) -> None:
    if not prosody.PROGRAM.ready:  # a peer is measured by hand, so CI has none
        pytest.skip("Prosody is not installed: apt install prosody")
    room_for(10)
    assert prosody.version()
    with prosody.running(tmp_path, 3) as room:
        for rate in (0, 16):  # who has hung up goes on in the same session
            heard = fanout.measure(room, rate, 4)
            assert (heard.rate, heard.changes) == (rate, 4)
            assert 0 < heard.median <= heard.longest
            assert [len(listener.heard) for listener in room.listeners] == [room.changes] * 3
    assert not os.path.exists(f"/proc/{room.server.pid}")


def test_it_is_left_out_if_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(prosody, "PROGRAM", Program("no-such-prosody", "prosody"))
    with (
        pytest.raises(PeerFailed, match="not installed: apt install prosody"),
        prosody.running(tmp_path, 1),
    ):
        pass
