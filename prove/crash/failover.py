"""A primary that dies under load, and its standby, which takes its place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from prove.crash.scene import Scene
from prove.crash.writers import until
from tools.postgres import HOST, SUPERUSER, Postgres

_SYNCHRONOUS = "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'"


class Primary(Postgres):
    """A server that acknowledges what is on its standby, too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.standby = Postgres(folder.with_name("standby"))

    def create(self, database: str, template: str = "template0") -> str:
        """Create a database, and return a URL that leads to it on both servers."""
        super().create(database, template)
        hosts = ",".join(f"{HOST}:{one.port}" for one in (self, self.standby))
        return f"postgresql://{SUPERUSER}@{hosts}/{quote(database)}?target_session_attrs=read-write"


def prove(scene: Scene) -> None:
    """Kill the primary, promote the standby, and go on there, without a restart of the server."""
    with _pair(scene) as primary, scene.serving(postgres=primary) as server:
        load = scene.load(server)
        with load.running():
            load.each_acknowledged()
            time.sleep(scene.seconds / 2)  # in which clients work
            primary.kill()
            lost = time.monotonic()
            time.sleep(scene.chance.uniform(0, 2))  # until somebody notices
            primary.standby.promote()
            load.each_acknowledged()
            scene.note(seconds_until_all_went_on=round(time.monotonic() - lost, 1))
            time.sleep(scene.seconds / 2)  # in which they go on
        scene.note(reads=dict(load.reads))
        scene.expect_reads(load)
        scene.take_stock(load)


@contextmanager
def _pair(scene: Scene) -> Iterator[Primary]:
    """A primary with a standby that follows it synchronously."""
    place = scene.folder / "pair"
    place.mkdir(mode=0o755)
    primary = Primary(place / "primary")
    try:
        primary.make()
        primary.start()
        primary.standby.follow(primary)
        primary.standby.start()
        with psycopg.connect(primary.url(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
            until(
                "the standby follows synchronously",
                lambda: connection.execute(_SYNCHRONOUS).fetchone() == (True,),
            )
        yield primary
    finally:
        primary.kill()
        primary.standby.kill()
