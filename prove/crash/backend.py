"""`kill -9` of PostgreSQL, all of it or one process of it, under load."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

import psycopg

from prove.crash.scene import Scene
from tools.postgres import Postgres, running

_LONGEST = 0.5
"""Seconds of load between two kills."""
_CLIENTS = "SELECT pid FROM pg_stat_activity WHERE datname LIKE 'proof%'"


def prove(scene: Scene) -> None:
    """The server is not restarted: it has to find its way back each time."""
    with running(folder=scene.folder) as postgres, scene.serving(postgres=postgres) as server:
        load = scene.load(server)
        kills = 0
        with load.running():
            while scene.has_time() or kills < 2:
                kills += 1
                time.sleep(scene.chance.uniform(0, _LONGEST))  # to strike at any moment
                if kills % 2:
                    postgres.kill()
                    postgres.start()
                else:
                    _kill_one(scene, postgres)
                load.each_acknowledged()
        scene.note(kills=kills, reads=dict(load.reads))
        scene.expect_reads(load)
        scene.take_stock(load)


def _kill_one(scene: Scene, postgres: Postgres) -> None:
    """Kill the process of a connection. PostgreSQL then ends all others and recovers by itself."""
    with suppress(psycopg.OperationalError), psycopg.connect(postgres.url()) as connection:
        pids = [pid for (pid,) in connection.execute(_CLIENTS).fetchall()]
        with suppress(ProcessLookupError):
            os.kill(scene.chance.choice(pids), signal.SIGKILL)
