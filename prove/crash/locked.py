"""A table that somebody else keeps locked for longer than a statement may wait."""

from __future__ import annotations

import time

import psycopg

from prove.crash.scene import Scene
from tools.postgres import Postgres, running

_TOO_LONG = 8.0
"""Seconds. The server lets a statement wait for a lock for five."""


def prove(scene: Scene) -> None:
    """Lock the table: requests that need it get 503, and succeed when it is free."""
    with running(folder=scene.folder) as postgres, scene.serving(postgres=postgres) as server:
        load = scene.load(server)
        times = 0
        with load.running():
            while scene.has_time() or not times:
                times += 1
                load.each_acknowledged()
                with psycopg.connect(_installation(postgres)) as somebody:
                    somebody.execute("LOCK TABLE meetings IN ACCESS EXCLUSIVE MODE")
                    time.sleep(_TOO_LONG)  # for those who wait
                load.each_acknowledged()
        scene.note(times=times, reads=dict(load.reads))
        scene.expect(load.refused > 0, "nobody was told to come back")
        scene.expect_reads(load)
        scene.expect("pg_stat_activity" in server.log.read_text(), "the log does not say who")
        scene.take_stock(load)


def _installation(postgres: Postgres) -> str:
    """The URL of the installation's database, which is the only one that it has made."""
    with psycopg.connect(postgres.url()) as connection:
        row = connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^proof'")
        (name,) = row.fetchone() or ("",)
    return postgres.url(name)
