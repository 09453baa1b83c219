"""`kill -9` of all processes of the server, over and over, under load."""

from __future__ import annotations

import time

from prove.crash.scene import Scene, database
from prove.servers import Installation
from tools.postgres import running

_LONGEST = 0.5
"""Seconds of load between two kills."""


def prove_sqlite(scene: Scene) -> None:
    """Kill it at moments that chance chooses. Each start has to find all of its log whole."""
    with scene.serving() as server:
        _kill(scene, server)
        server.stop()
        scene.expect_whole(database(server))
        log = database(server).with_name("openucwa.sqlite3-wal")
        scene.expect(not log.exists(), "an orderly stop has left something in the log")


def prove_postgres(scene: Scene) -> None:
    """Kill all processes of the server; those of the database live."""
    with running(folder=scene.folder) as postgres, scene.serving(postgres=postgres) as server:
        _kill(scene, server)


def _kill(scene: Scene, server: Installation) -> None:
    load = scene.load(server)
    kills = 0
    with load.running():
        while scene.has_time() or not kills:
            kills += 1
            time.sleep(scene.chance.uniform(0, _LONGEST))  # to strike at any moment
            server.kill()
            server.start()
            load.each_acknowledged()
    scene.note(kills=kills, broken_off=load.unanswered)
    scene.take_stock(load)
