"""A check that the write-ahead log of a SQLite database holds all that was committed to it.

SQLite takes a log up to the first frame that is not whole, and overwrites the rest: after a loss of
power that is where the last transaction was cut off. Where the disk has damaged what was durable,
the same rule drops acknowledged changes without a word. The two can be told apart: a transaction is
written when the one before it is on the disk, and SQLite notes in the index how many frames are.

The formats are documented: https://sqlite.org/fileformat2.html#walformat and
https://sqlite.org/walformat.html.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from openucwa.store.not_ready import NotReady

_MAGIC = 0x377F0682
"""Its last bit tells the order of the bytes in what checksums are made of."""
_VERSION = 3007000
_HEADER = struct.Struct(">III4x8xII")
_FRAME = struct.Struct(">II8sII")
_INDEX = struct.Struct("=16xI12x8s8x")
_BITS = 0xFFFFFFFF

Sums = tuple[int, int]


class _Log(NamedTuple):
    """The header of a log: which salts its frames bear, and how they are read."""

    order: str
    page_size: int
    salts: bytes
    sums: Sums


def check(database: Path) -> None:
    """Raise NotReady where changes would be lost that were committed. Nothing is touched.

    No other process may have the database open.
    """
    log = database.with_name(f"{database.name}-wal")
    if not log.exists():
        return
    if log.stat().st_size and not (database.exists() and database.stat().st_size):
        raise NotReady(
            f"{database} is missing or empty, but {log.name} beside it is not, and SQLite would "
            "delete it. Nothing was changed. Put the database back, or restore it from a backup."
        )
    with log.open("rb") as file:
        if damage := _damage(file, *_noted(database)):
            raise NotReady(
                f"{log} is damaged: {damage}. It contains the newest changes, which SQLite would "
                f"drop silently, so nothing was changed. Restore the database from a backup. To "
                f"continue without those changes, move {log.name} to another place, and check "
                f"the rest with sqlite3 {database} 'PRAGMA integrity_check'."
            )


def _damage(file: BinaryIO, durable: int, salts: bytes) -> str | None:
    """Return what is wrong with a log of which so many frames are durable by its index."""
    log = _log(file.read(_HEADER.size))
    if log is None:
        # A log that has just been begun may have half a header, and has nothing after it.
        return "its header is not valid" if durable or file.read(1) else None
    whole, was_longer = _whole(file, log)
    if log.salts == salts and whole < durable:
        return f"{durable} pages were committed, and only {whole} of them are intact"
    if was_longer:
        return f"only its first {whole} pages are intact, and there were more transactions"
    return None


def _log(header: bytes) -> _Log | None:
    """None where that is no valid header."""
    if len(header) < _HEADER.size:
        return None
    magic, version, page_size, first, second = _HEADER.unpack(header)
    log = _Log(">" if magic & 1 else "<", page_size, header[16:24], (first, second))
    is_valid = magic & ~1 == _MAGIC and version == _VERSION
    return log if is_valid and log.sums == _summed(log.order, header[:24], (0, 0)) else None


def _whole(file: BinaryIO, log: _Log) -> tuple[int, bool]:
    """Return the number of frames that SQLite takes, and if a durable commit is not among them.

    That was so for each one after which the log went on.
    """
    whole, is_whole, has_commit = 0, True, False
    sums = log.sums
    for number, (page, size, salts, expected, content) in enumerate(_frames(file, log), 1):
        is_of_this_log = salts == log.salts
        if is_whole:
            sums = _summed(log.order, struct.pack(">II", page, size) + content, sums)
            is_whole = is_of_this_log and sums == expected
        if is_whole:
            whole = number if size else whole
        elif is_of_this_log:
            if has_commit:
                return whole, True
            has_commit = bool(size)
    return whole, False


def _frames(file: BinaryIO, log: _Log) -> Iterator[tuple[int, int, bytes, Sums, bytes]]:
    """Of each frame: its page, the size of the database at a commit or 0, its salts, its sums."""
    length = _FRAME.size + log.page_size
    while len(frame := file.read(length)) == length:
        page, size, salts, first, second = _FRAME.unpack_from(frame)
        yield page, size, salts, (first, second), frame[_FRAME.size :]


def _summed(order: str, content: bytes, sums: Sums) -> Sums:
    """The sums of what came before, and of this after it."""
    first, second = sums
    for one, another in struct.iter_unpack(f"{order}II", content):
        first = (first + one + second) & _BITS
        second = (second + another + first) & _BITS
    return first, second


def _noted(database: Path) -> tuple[int, bytes]:
    """Return the number of durable frames, and their salts, by the index that is left.

    It is not synced: after a loss of power it tells less than was durable, and never more.
    """
    file = database.with_name(f"{database.name}-shm")
    content = file.read_bytes() if file.exists() else b""
    header, copy = content[: _INDEX.size], content[_INDEX.size : 2 * _INDEX.size]
    if len(copy) < _INDEX.size or header != copy:  # it was being written
        return 0, b""
    durable, salts = _INDEX.unpack(header)
    return durable, salts
