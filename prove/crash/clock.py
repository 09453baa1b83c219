"""A clock that jumps under load, as it does when somebody sets it.

Played on SQLite alone: after a jump, libfaketime lets `time.sleep` fail, which PostgreSQL's retries
use.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from bench.servers import ServerFailed
from prove.client import Line, Request
from prove.crash.disks import Skipped
from prove.crash.follower import Follower
from prove.crash.scene import Scene, database
from prove.crash.writers import Load, until

_HOUR, _DAY = 3600, 86400
_JUMPS = (_HOUR, _HOUR - _DAY, 0, -_DAY, 0)
"""Seconds by which the clock is wrong, one after the other; no token expires by them."""
_SOON = 20.0
"""Seconds in which a channel has caught up: far less than a request may wait for events."""


class Clock:
    """The clock of a process, and how it is set while the process runs (libfaketime)."""

    def __init__(self, file: Path) -> None:
        found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not found:
            raise Skipped("libfaketime is not there, which Debian's faketime package brings")
        self._library = found[0]
        self._file = file
        self.set(0)

    def variables(self) -> dict[str, str]:
        """The environment of a process that has this clock. What it measures spans by stays."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def set(self, wrong_by: int) -> None:
        """Set it to the right time and so many seconds."""
        written = self._file.with_suffix(".new")
        written.write_text(f"{wrong_by:+}\n")
        written.replace(self._file)


def prove(scene: Scene) -> None:
    """Let it jump while some write and others follow, and then by more than tokens live."""
    clock = Clock(scene.folder / "clock")
    with scene.serving(settings=clock.variables()) as server:
        load = scene.load(server)
        follower = Follower(server.root, load.sessions[0])
        follower.start()
        for wrong_by in _JUMPS:
            with load.running():
                load.each_acknowledged()
                clock.set(wrong_by)
                time.sleep(scene.seconds / len(_JUMPS))  # in which clients go on
                load.each_acknowledged()
                server.restart()  # which removes at once what has had its time
                load.each_acknowledged()
            _catch_up(scene, follower, load, f"after the clock was set to {wrong_by:+} s")
        clock.set(_DAY)
        server.restart()
        scene.expect(_status(server.root, load) == 401, "a token holds for longer than it should")
        for wrong_by in (_DAY, 0):
            clock.set(wrong_by)
            load.sign_in()
            with load.running():
                load.each_acknowledged()
        scene.note(packages=follower.packages, events=follower.events, resumed=follower.resumed)
        scene.take_stock(load)
        server.stop()
        scene.expect_whole(database(server))


def _catch_up(scene: Scene, follower: Follower, load: Load, when: str) -> None:
    """Wait until the events have told the first user's meetings as they are."""
    own = [one.meeting for one in load.writers if one.line.session is load.sessions[0]]
    try:
        until(f"a channel has caught up {when}", partial(follower.knows, own), _SOON)
    except ServerFailed as late:
        scene.expect(False, str(late))
    for wrong in follower.wrong:
        scene.expect(False, f"{when}: {wrong}")


def _status(root: str, load: Load) -> int:
    """Return the status of a request with the first user's token."""
    return Line(root, load.sessions[0]).ask(Request("GET", load.sessions[0].meetings)).status
