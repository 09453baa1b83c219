"""The noise of the machine: how late a process comes that has nothing to do with the server."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from threading import Event, Thread

_WORK_SECONDS = 0.005
"""Processor time of a task: about that of a request."""
_PAUSE = 0.02


class Noise:
    """A child process that is given small tasks, one after the other, as the server is.

    The longest time that one took beyond its own is what any process here may be late.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._stop = Event()
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        self._thread = Thread(target=self._measure, daemon=True)

    def _measure(self) -> None:
        while not self._stop.wait(_PAUSE):
            asked = time.perf_counter()
            self._ours.send(None)
            self._ours.recv()
            self.longest = max(self.longest, time.perf_counter() - asked - _WORK_SECONDS)

    @contextmanager
    def measured(self) -> Iterator[Noise]:
        """Measure from the process's first answer on."""
        self._process.start()
        self._ours.send(None)
        self._ours.recv()
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()
            self._process.kill()
            self._process.join()

    def taken(self) -> float:
        """The noise since this was asked last, in seconds."""
        found, self.longest = self.longest, 0.0
        return found


def _work(pipe: Connection) -> None:
    while True:
        pipe.recv()
        end = time.process_time() + _WORK_SECONDS
        while time.process_time() < end:
            pass
        pipe.send(None)
