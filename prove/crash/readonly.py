"""A disk that the system makes read-only under load, as it does when it meets an error on it."""

from __future__ import annotations

import time
from functools import partial

from prove.crash.disks import breaking
from prove.crash.scene import Scene, database
from prove.crash.writers import until

_REFUSALS = 50


def prove(scene: Scene) -> None:
    """Break the disk, stop the server, start where it can't write, mend the disk, and look."""
    with breaking(scene.folder / "disk") as disk, scene.serving(disk.folder) as server:
        load = scene.load(server)
        with load.running():
            load.each_acknowledged()
            time.sleep(scene.seconds / 2)  # in which clients work
        disk.fail()  # while nobody writes, so that it interrupts no sync
        load.reads.clear()
        with load.running():
            until("the disk is read-only", partial(load.has_refused, _REFUSALS))
            time.sleep(scene.seconds / 2)  # in which they are refused
        scene.note(reads_meanwhile=load.reads.total())
        scene.expect(set(load.reads) == {200}, f"reads were answered {dict(load.reads)}")
        server.stop()
        disk.unmount()
        disk.mount()
        disk.make_read_only()
        scene.expect_refusal(server, "Read-only file system", "--data")
        disk.make_writable()
        server.start()
        scene.take_stock(load)
        server.stop()
        scene.expect_whole(database(server))
