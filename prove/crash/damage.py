"""Files that the disk has damaged while the server was away: nothing is dropped without a word."""

from __future__ import annotations

import os
import shutil
import struct
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from bench.servers import ServerFailed
from prove.client import Line, Request
from prove.crash.scene import Scene, database
from prove.crash.writers import Load, until
from prove.servers import Installation

_RUIN = b"\xde\xad\xbe\xef"
_LOG_HEADER, _FRAME_HEADER, _PAGE = 32, 24, 4096
_FRAMES = 20
"""So many pages are in the log at least before it is damaged."""
_ROUNDS = 4
_RUINED = 0.1
"""The part of all pages that are ruined in each round."""
_ADD = ("user", "add", "sip:eve@contoso.com", "--name", "Eve")


def prove(scene: Scene) -> None:
    """Damage what a server has left, each time in another way, and start on it."""
    with scene.serving() as server:
        load = scene.load(server)
        while True:
            with load.running():
                time.sleep(scene.seconds / 2)  # in which clients fill the log
                until("there is enough in the log", lambda: _durable(database(server)) >= _FRAMES)
                server.kill()
            if _durable(database(server)) >= _FRAMES:
                break
            server.start()  # the log had just begun anew
        killed = _keep(scene, server, "killed")
        for ruin, words in LOGS.items():
            _expect_refusal(scene, server, killed, ruin, words)
        _expect_rest_without_log(scene, server, killed)
        _restore(server, killed)
        server.start()
        scene.take_stock(load)
        server.stop()
        stopped = _keep(scene, server, "stopped")
        for ruin, words in DATABASES.items():
            _expect_refusal(scene, server, stopped, ruin, words)
        _ruin_pages(scene, server, stopped, load)
        scene.note(damages=len(LOGS) + len(DATABASES))


def ruin_log_header(path: Path) -> None:
    """Overwrite the first bytes of the log."""
    _overwrite(_log(path), 0)


def ruin_log_page(path: Path) -> None:
    """Overwrite something in the middle of the log."""
    _overwrite(_log(path), _frame(_durable(path) // 2) + _PAGE // 2)


def ruin_last_log_page(path: Path) -> None:
    """Overwrite the end of the last transaction."""
    _overwrite(_log(path), _frame(_durable(path)) - _PAGE // 2)


def cut_log(path: Path) -> None:
    """Cut off the second half of the log."""
    os.truncate(_log(path), _frame(_durable(path) // 2))


def empty_log(path: Path) -> None:
    """Leave nothing of the log."""
    os.truncate(_log(path), 0)


def empty_database(path: Path) -> None:
    """Leave nothing of the database but its log."""
    os.truncate(path, 0)


def remove_database(path: Path) -> None:
    """Remove the database and leave its log."""
    path.unlink()


def ruin_database_header(path: Path) -> None:
    """Overwrite the first bytes of the database."""
    _overwrite(path, 0)


def cut_database(path: Path) -> None:
    """Cut off the second half of the database."""
    os.truncate(path, path.stat().st_size // 2)


Ruins = Mapping[Callable[[Path], None], tuple[str, ...]]
LOGS: Ruins = {
    ruin_log_header: ("-wal is damaged", "header", "backup", "move"),
    ruin_log_page: ("-wal is damaged", "backup", "move"),
    ruin_last_log_page: ("-wal is damaged", "backup", "move"),
    cut_log: ("-wal is damaged", "backup", "move"),
    empty_log: ("-wal is damaged", "backup", "move"),
    empty_database: ("missing or empty", "backup"),
    remove_database: ("missing or empty", "backup"),
}
"""Damage to the files of a killed server, and words of the expected message."""
DATABASES: Ruins = {
    ruin_database_header: ("not a database", "backup"),
    cut_database: ("malformed", "backup"),
}
"""Damage to the file of a stopped server."""


def _expect_refusal(
    scene: Scene,
    server: Installation,
    kept: Path,
    ruin: Callable[[Path], None],
    words: tuple[str, ...],
) -> None:
    """Neither the server nor a command may go on with the files, or change them."""
    _restore(server, kept)
    ruin(database(server))
    before = _contents(database(server).parent)
    scene.expect_refusal(server, *words)
    scene.expect_refusal(server, *words, command=_ADD)
    after = _contents(database(server).parent)
    scene.expect(before == after, f"{ruin.__name__}: the files have been touched")


def _expect_rest_without_log(scene: Scene, server: Installation, kept: Path) -> None:
    """Do as the refusal says: moved aside, the log is in nobody's way."""
    _restore(server, kept)
    ruin_log_header(database(server))
    _log(database(server)).rename(scene.folder / "aside")
    scene.expect_whole(database(server))
    server.start()
    server.stop()


def _ruin_pages(scene: Scene, server: Installation, kept: Path, load: Load) -> None:
    """Overwrite pages: who needs one of them is told, the others are served, the process lives."""
    outcomes: Counter[str] = Counter()
    for _ in range(_ROUNDS):
        _restore(server, kept)
        pages = range(1, database(server).stat().st_size // _PAGE)
        for page in scene.chance.sample(pages, int(len(pages) * _RUINED)):
            _overwrite(database(server), page * _PAGE, _PAGE)
        try:
            server.start()
        except ServerFailed as failure:
            scene.expect("Traceback" not in str(failure), str(failure))
            outcomes["refused"] += 1
            continue
        for writer in load.writers:
            with closing(Line(server.root, writer.line.session)) as line:
                outcomes[str(line.ask(Request("GET", writer.href)).status)] += 1
        server.stop()
    scene.note(answers_with_ruined_pages=dict(outcomes))


def _keep(scene: Scene, server: Installation, name: str) -> Path:
    """Copy what the server has left."""
    return Path(shutil.copytree(database(server).parent, scene.folder / name))


def _restore(server: Installation, kept: Path) -> None:
    data = database(server).parent
    shutil.rmtree(data)
    shutil.copytree(kept, data)


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if "-lock" not in file.name}


def _overwrite(path: Path, place: int, length: int = 64) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(_RUIN * (length // len(_RUIN)))


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _frame(number: int) -> int:
    """Return the offset in the log after so many frames."""
    return _LOG_HEADER + number * (_FRAME_HEADER + _PAGE)


def _durable(path: Path) -> int:
    """Return the number of frames in the log by its index (https://sqlite.org/walformat.html)."""
    found: tuple[int] = struct.unpack_from(
        "=I", path.with_name(f"{path.name}-shm").read_bytes(), 16
    )
    return found[0]
