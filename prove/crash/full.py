"""A disk that fills up under load, and on which room is made again."""

from __future__ import annotations

import time
from functools import partial

import psycopg

from prove.crash.disks import Small, small
from prove.crash.scene import Scene, database
from prove.crash.writers import Load, until
from tools.postgres import Postgres, running

_DISK_MB, _POSTGRES_MB = 32, 192
_SETTINGS = {"min_wal_size": "32MB", "max_wal_size": "48MB", "shared_buffers": "16MB"}
_COMES_BACK = 5.0
"""Seconds in which PostgreSQL recovers from what it can recover from."""
_LEFT = 1024 * 1024
"""Bytes that the load finds free."""
_REFUSALS = 20
_FULL_SECONDS = 1.0


def prove_sqlite(scene: Scene) -> None:
    """Fill the disk, and make room again, for as long as there is time; then kill it and look."""
    with small(scene.folder / "disk", _DISK_MB) as disk, scene.serving(disk.folder) as server:
        load = scene.load(server)
        times = 0
        with load.running():
            while scene.has_time() or not times:
                times += 1
                _fill_for_a_while(disk, load)
                load.each_acknowledged()
        scene.note(filled=times, reads=load.reads.total())
        scene.expect(set(load.reads) == {200}, f"reads were answered {dict(load.reads)}")
        scene.expect("Make room" in server.log.read_text(), "the log does not say what to do")
        server.kill()
        server.start()
        scene.take_stock(load)
        server.stop()
        scene.expect_whole(database(server))


def prove_postgres(scene: Scene) -> None:
    """Fill the disk of the database server, which may end by that, and make room again."""
    with (
        small(scene.folder / "disk", _POSTGRES_MB) as disk,
        running(_SETTINGS, disk.folder) as postgres,
        scene.serving(postgres=postgres) as server,
    ):
        load = scene.load(server)
        times = ended = 0
        with load.running():
            while scene.has_time() or not times:
                times += 1
                _fill_for_a_while(disk, load)
                if not _lives(postgres):
                    ended += 1
                    postgres.kill()
                    postgres.start()
                load.each_acknowledged()
        scene.note(filled=times, PostgreSQL_ended=ended, reads=dict(load.reads))
        scene.expect_reads(load)
        scene.expect("Make room" in server.log.read_text() or ended > 0, "the log says not why")
        postgres.kill()
        postgres.start()
        scene.take_stock(load)


def _lives(postgres: Postgres) -> bool:
    """Return whether a database server soon takes connections by itself."""
    end = time.monotonic() + _COMES_BACK
    while time.monotonic() < end:
        try:
            psycopg.connect(postgres.url(), connect_timeout=2).close()
            return True
        except psycopg.OperationalError:
            time.sleep(0.1)  # it is starting
    return False


def _fill_for_a_while(disk: Small, load: Load) -> None:
    """Fill the disk until clients are refused, let them try on a full one, and make room."""
    disk.fill(_LEFT)
    until("the disk is full", partial(load.has_refused, load.refused + _REFUSALS))
    time.sleep(_FULL_SECONDS)  # in which clients try
    disk.make_room()
