"""The processes of one server, and which of them has a connection. As Linux tells it."""

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.patience import until
from tests.sockets.line import Line, request
from tests.sockets.process import Server, logged

_ESTABLISHED = 1


class Lines:
    """Connections to a server: at least one to each of its workers."""

    def __init__(self, server: Server) -> None:
        self.all: list[Line] = []
        self.by_process: dict[int, Line] = {}
        self._server = server

    def __enter__(self) -> Self:
        wanted = set(children(self._server))
        until(lambda: self._another() >= wanted)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for line in self.all:
            line.close()

    def one_of_each(self) -> list[Line]:
        return list(self.by_process.values())

    def _another(self) -> set[int]:
        """Open one more, and return all processes that are reached."""
        line = Line(self._server)
        self.all.append(line)
        self.by_process.setdefault(self._process(line), line)
        return set(self.by_process)

    def _process(self, line: Line) -> int:
        """Which process has a connection: the one that has its other end."""
        line.ask(request("GET", "/"))  # by now it has been accepted
        port = line.socket.getsockname()[1]
        inode = connections()[self._server.port, port]
        return next(pid for pid in children(self._server) if inode in sockets_of(pid))


def connections() -> dict[tuple[int, int], int]:
    """The TCP connections here: the inode of each socket, by its port and its peer's."""
    found = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_, inode = line.split()[:10]
        if int(state, 16) == _ESTABLISHED:
            here, there = (int(address.partition(":")[2], 16) for address in (local, remote))
            found[here, there] = int(inode)
    return found


def sockets_of(pid: int) -> set[int]:
    """The inodes of the sockets that a process has open."""
    found = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it has been closed meanwhile
            kind, _, inode = os.readlink(one).partition(":")
            if kind == "socket":
                found.add(int(inode.strip("[]")))
    return found


def children(server: Server) -> list[int]:
    """The processes that a server has started and that live."""
    pid = server.process.pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def pids(server: Server) -> list[int]:
    """The processes that have told that they are ready and that live."""
    ready = [line["pid"] for line in logged(server) if line["event"] == "worker_ready"]
    living = children(server)
    return [pid for pid in ready if isinstance(pid, int) and pid in living]
