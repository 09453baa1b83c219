"""A loss of power under load: what the system had not written to the disk yet is gone.

All processes are killed, and the disk is cut off from the system at once, which drops what it still
held back. That tells more than a kill alone, after which the system has all that a process wrote.
The kill comes first, so that nothing is acknowledged by a sync that the cut interrupts.
"""

from __future__ import annotations

import time

from prove.crash.disks import breaking
from prove.crash.scene import Scene, database
from tools.postgres import running

_LONGEST = 2.0
"""Seconds of load between two losses."""


def prove_sqlite(scene: Scene) -> None:
    """Kill the server, cut the disk off, and start again on what had reached the disk."""
    with breaking(scene.folder / "disk") as disk, scene.serving(disk.folder) as server:
        load = scene.load(server)
        losses = 0
        while scene.has_time() or not losses:
            losses += 1
            with load.running():
                load.each_acknowledged()
                time.sleep(scene.chance.uniform(0, _LONGEST))  # to strike at any moment
                server.kill()
                disk.fail()
            disk.unmount()
            disk.mount()
            server.start()
            load.settle()
        scene.note(losses=losses)
        scene.take_stock(load)
        server.stop()
        scene.expect_whole(database(server))


def prove_postgres(scene: Scene) -> None:
    """The same for the database server; ours goes on, and finds its way back."""
    with (
        breaking(scene.folder / "disk") as disk,
        running(folder=disk.folder) as postgres,
        scene.serving(postgres=postgres) as server,
    ):
        disk.sync()  # the test's initdb leaves that to us
        load = scene.load(server)
        losses = 0
        with load.running():
            while scene.has_time() or not losses:
                losses += 1
                load.each_acknowledged()
                time.sleep(scene.chance.uniform(0, _LONGEST))  # to strike at any moment
                postgres.kill()
                disk.fail()
                disk.unmount()
                disk.mount()
                postgres.start()
        scene.note(losses=losses)
        scene.take_stock(load)
