"""Commands forked from a process that has loaded the command line.

A command takes half a second of processor time to start, nearly all of it for imports, and these
tests start hundreds. A fork has its own process, streams, environment, folder and terminal, as a
program has; what it has not done itself is the imports. Whole programs are started elsewhere
(tests/cli/test_running.py, tests/cli/test_streams.py, tests/packaging).
"""

import atexit
import fcntl
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[3]
_LARGEST = 1024 * 1024
"""Bytes of a command with its environment."""


class Fork:
    """A command that runs."""

    def __init__(self, ending: socket.socket) -> None:
        self._ending = ending.makefile("r")
        ending.close()
        self._pid = int(self._ending.readline())
        self._status: int | None = None

    def end(self, number: int = signal.SIGKILL) -> None:
        """End it by a signal, if it still runs."""
        if self._status is None:  # or its number may be another's by now
            with suppress(ProcessLookupError):
                os.kill(self._pid, number)
            self.wait()

    def wait(self) -> int:
        """Wait for the end. Return the exit status, or the negative number of a signal."""
        if self._status is None:
            with self._ending:
                self._status = int(self._ending.readline())
        return self._status


def start(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    streams: Sequence[int],
    *,
    has_terminal: bool = False,
) -> Fork:
    """Start a command with three descriptors as its standard streams.

    With `has_terminal` they are a terminal, which becomes the one that controls the command.
    """
    wanted = json.dumps([list(arguments), dict(environment), str(folder), has_terminal])
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(_origin(), [wanted.encode()], [*streams, theirs.fileno()])
    return Fork(ours)


def run(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    *,
    typed: str = "",
    patience: float,
) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, and kill it after `patience` seconds.

    `typed` is its standard input.
    """
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile("w+") as output,
        tempfile.TemporaryFile("w+") as error,
    ):
        given.write(typed)
        given.seek(0)
        streams = [one.fileno() for one in (given, output, error)]
        fork = start(arguments, environment, folder, streams)
        late = threading.Timer(patience, fork.end)
        late.start()
        try:
            status = fork.wait()
        finally:
            late.cancel()
            late.join()
        for one in (output, error):
            one.seek(0)
        return subprocess.CompletedProcess(arguments, status, output.read(), error.read())


@cache
def _origin() -> socket.socket:
    """Start the process that forks, and return the socket on which it takes commands."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.person.forks", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            start_new_session=True,  # so that Ctrl+C is for pytest alone
        )
    atexit.register(process.wait)
    atexit.register(ours.close)  # at which the process ends
    return ours


def _take(commands: socket.socket) -> None:
    """Fork for each command that comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that nobody has to wait for the forks
    while True:
        message, descriptors, _, _ = socket.recv_fds(commands, _LARGEST, 4)
        if not message:
            return
        if not os.fork():
            commands.close()
            _watch(message, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _watch(message: bytes, descriptors: Sequence[int]) -> NoReturn:
    """Fork the command, and tell its number and how it ends: only its parent can wait for it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, ending = descriptors
    pid = os.fork()
    if not pid:
        os.close(ending)
        arguments, environment, folder, has_terminal = json.loads(message)
        _become(arguments, environment, folder, streams, has_terminal=has_terminal)
    for stream in streams:
        os.close(stream)
    with suppress(BrokenPipeError):
        os.write(ending, f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        os.write(ending, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
    streams: Sequence[int],
    *,
    has_terminal: bool,
) -> NoReturn:
    """Run the command as the program does."""
    if has_terminal:
        for ignored in (signal.SIGHUP, signal.SIGQUIT):
            signal.signal(ignored, signal.SIG_DFL)  # by nohup, or by a shell's `&`
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        fcntl.ioctl(streams[0], termios.TIOCSCTTY, 0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["openucwa", *arguments]
    sys.stdin, sys.stdout, sys.stderr = _text("r", 0), _text("w", 1), _text("w", 2)
    sys.stderr.reconfigure(line_buffering=True, errors="backslashreplace")
    status = 1
    try:
        from openucwa.cli.main import main

        main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _text(mode: str, descriptor: int) -> io.TextIOWrapper:
    """Return a standard stream as Python opens it."""
    raw = open(descriptor, f"{mode}b", closefd=False)  # noqa: SIM115 - it stays open
    return io.TextIOWrapper(raw, "utf-8", line_buffering=os.isatty(descriptor))


def _load() -> None:
    """Import what commands import when they run."""
    import icalendar
    import keyring
    import rich.console

    from openucwa.cli import application
    from openucwa.client import Client

    application.whole()
    assert all((icalendar, keyring, rich.console, Client))


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as taken:
        _load()
        _take(taken)
