"""Backups: one SQLite file, made from either engine and restored to either."""

import os
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from openucwa.store import schema
from openucwa.store.copying.copy import Tell, copy
from openucwa.store.not_ready import NotReady
from openucwa.store.schema import reported

_BESIDE = ("", "-journal", "-wal", "-shm", "-lock")
"""Ends of the names of the files that SQLite and this program make for a database."""


def back_up(source: Path | str, file: Path, tell: Tell) -> None:
    """Write a backup of one moment to a file, which replaces what was there when it is complete.

    Servers may use the database meanwhile. Raises NotReady, and OSError for a file that can't be
    written; then nothing is left behind.
    """
    if isinstance(source, Path):
        _check_place(source, file)
        schema.missing(source)  # raises NotReady where changes would be lost by opening it
    with _replacing(file) as part:
        if isinstance(source, Path):
            _vacuum(source, part)
        else:
            copy(source, part, tell, shared=True)
        _check(part, file)


def restore(file: Path, target: Path | str, tell: Tell, *, replace: bool) -> dict[str, int]:
    """Restore a backup to a database, in one transaction. Returns how many rows each table has.

    Unless it is to `replace` what the database has, that must be empty. A backup of an older
    program gets the schema of this one. Raises NotReady: nobody may use the database, and the file
    must be a whole backup; and OSError.
    """
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:
        raise NotReady(
            f"{file} is not a backup but the file of a database: its latest changes are in "
            f"{log.name}. Make a backup with openucwa database backup, and restore that."
        )
    folder = target.parent if isinstance(target, Path) else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix=".restore-", dir=folder) as aside:
        unpacked = Path(aside) / "backup.sqlite3"
        shutil.copyfile(file, unpacked)  # which may be migrated, and its folder read-only
        _check(unpacked, file)
        schema.migrate(unpacked)
        return copy(unpacked, target, tell, replace=replace)


def _check_place(source: Path, file: Path) -> None:
    """Raise NotReady where a backup would replace the database itself, which servers have open."""
    for ending in _BESIDE:
        own = source.with_name(f"{source.name}{ending}")
        if file.exists() and own.exists() and own.samefile(file):
            raise NotReady(f"{file} is a file of the database itself. Name another one.")


@contextmanager
def _replacing(file: Path) -> Generator[Path]:
    """A file with another name, which takes the place of `file` in the end, when it is durable."""
    part = file.with_name(f"{file.name}.part")
    try:
        _remove(part)
        part.touch(mode=0o600)
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(file)
    finally:
        with suppress(OSError):
            _remove(part)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(file: Path) -> None:
    for ending in _BESIDE:
        file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)


def _vacuum(source: Path, part: Path) -> None:
    """Let SQLite write a snapshot. It reads in a transaction, which disturbs no writer."""
    with reported(source), closing(sqlite3.connect(source, isolation_level=None)) as connection:
        try:
            connection.execute("VACUUM INTO ?", [str(part)])
        except sqlite3.Error as error:
            raise NotReady(
                f"The backup can't be written to {part.parent}: {error}. Check that its disk has "
                "room; if the database is damaged, the server's log says so."
            ) from error


def _check(database: Path, file: Path) -> None:
    """Raise NotReady, which names `file`, unless a database is whole, and one of OpenUCWA."""
    try:
        with closing(sqlite3.connect(database)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()
            damage = None if found == ("ok",) else found[0].splitlines()[-1]  # names a page
            is_ours = connection.execute(
                "SELECT 1 FROM sqlite_schema WHERE name = '_yoyo_migration'"
            ).fetchone()
    except sqlite3.Error as error:
        damage, is_ours = str(error), True
    if damage:
        raise NotReady(
            f"{file} is damaged, or is not a backup of OpenUCWA: {damage.rstrip('.')}. Nothing has "
            "changed. Name another backup."
        )
    if not is_ours:
        raise NotReady(f"{file} is not a backup of OpenUCWA. Name another file.")
    try:
        schema.missing(database)
    except NotReady as error:
        raise NotReady(str(error).replace(str(database), str(file))) from None
