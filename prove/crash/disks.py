"""Disks that can be filled and broken: file systems that are mounted for the time of a proof."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_PIECE = bytes(64 * 1024)
_DISK_MB = 256


class Skipped(Exception):
    """This machine lacks what the scenario needs. The message says what."""


@dataclass(frozen=True)
class Small:
    """A file system in memory, with a file in it that takes what room there is."""

    folder: Path

    def fill(self, leave: int) -> None:
        """Take all room but so many bytes."""
        with self._ballast.open("ab", buffering=0) as file:
            while (free := _free(self.folder) - leave) > 0:
                try:
                    file.write(_PIECE[:free])
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    return

    def make_room(self) -> None:
        """Give back what was taken."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def small(folder: Path, megabytes: int) -> Iterator[Small]:
    """Mount a small file system at a new folder."""
    folder.mkdir()
    with _possibly("mount", "umount"):
        _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", folder)
    try:
        yield Small(folder)
    finally:
        _run("umount", "--lazy", folder)


@dataclass(frozen=True)
class Breaking:
    """A disk in a file, with ext4 on it, which can do what the kernel does when a disk fails."""

    image: Path
    folder: Path

    def sync(self) -> None:
        """Let the system write what it holds back."""
        _run("sync", "--file-system", self.folder)

    def fail(self) -> None:
        """Let the kernel make it read-only at once, as it does when it meets an error."""
        _run("mount", "-o", "remount,abort", self.folder)

    def mount(self) -> None:
        """Mount it, which mends what a failure has left."""
        _run("mount", "-o", "loop,errors=remount-ro", self.image, self.folder)

    def make_read_only(self) -> None:
        """Let nobody write to it; nobody may have a file open for writing."""
        _run("mount", "-o", "remount,ro", self.folder)

    def make_writable(self) -> None:
        """Take that back."""
        _run("mount", "-o", "remount,rw", self.folder)

    def unmount(self) -> None:
        """Take it away; nobody may use it any more."""
        _run("umount", self.folder)


@contextmanager
def breaking(folder: Path) -> Iterator[Breaking]:
    """Mount a disk that can fail at a new folder."""
    folder.mkdir()
    disk = Breaking(folder.with_suffix(".img"), folder)
    with disk.image.open("wb") as file:
        file.truncate(_DISK_MB * 1024 * 1024)
    with _possibly("mount", "umount", "mkfs.ext4"):
        _run("mkfs.ext4", "-q", disk.image)
        disk.mount()
    try:
        yield disk
    finally:
        with suppress(subprocess.CalledProcessError):  # it is unmounted already
            _run("umount", "--lazy", folder)


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@contextmanager
def _possibly(*programs: str) -> Iterator[None]:
    """Raise Skipped where a disk can't be made."""
    if os.geteuid():
        raise Skipped("only root may mount file systems")
    for program in programs:
        if shutil.which(program) is None:
            raise Skipped(f"{program} is not there")
    try:
        yield
    except subprocess.CalledProcessError as error:  # as in many containers
        raise Skipped(f"{error}: {error.stderr.decode(errors='replace').strip()}") from error


def _run(*command: str | Path) -> None:
    subprocess.run(command, capture_output=True, check=True)
