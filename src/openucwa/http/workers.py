"""Many processes: workers that serve, and their parent, which watches and starts them.

Workers are forked from a parent that has imported everything, in which no thread runs and nothing
but the address is open. They start within milliseconds, and share what the parent has in memory.
"""

import asyncio
import gc
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

import structlog

from openucwa.http.listening import share

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_STARTS = 5
"""So often a worker is started in a row, while it ends before it is ready."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds between such starts, each time twice as many."""

_log = structlog.get_logger("openucwa.http.workers")


class GaveUp(Exception):
    """Workers can't start. The message says what to do."""


@dataclass(frozen=True)
class Parent:
    """The pipe from a worker's parent, which ends with it."""

    pipe: Connection

    def tell_ready(self) -> None:
        """Tell that this worker answers requests."""
        self.pipe.send_bytes(b"ready")

    def when_gone(self, then: Callable[[], None]) -> None:
        """Call `then` on the running event loop when the parent has died."""
        loop, pipe = asyncio.get_running_loop(), self.pipe.fileno()

        def gone() -> None:
            loop.remove_reader(pipe)
            _log.warning("parent_gone", pid=os.getpid())
            then()

        loop.add_reader(pipe, gone)


Work = Callable[[socket.socket, Parent], None]
"""The main function of a worker: it serves a socket until SIGTERM or SIGINT."""


@dataclass(eq=False)
class _Worker:
    """A worker, one process after the other; each takes over the socket from the last."""

    listening: socket.socket | None = None
    process: ForkProcess | None = None
    pipe: Connection | None = None
    is_ready: bool = False
    failures: int = 0
    starts_at: float = 0.0


@dataclass
class Supervisor:
    """Keeps `count` workers at an address that has been taken.

    `ready` is called once, when all of them answer. Workers have `patience` seconds to stop in.
    """

    count: int
    taken: socket.socket
    work: Work
    ready: Callable[[], None]
    patience: float
    _workers: list[_Worker] = field(default_factory=list)
    _has_told: bool = False
    _ends_at: float | None = None
    """The time by which the workers must have stopped, once they have been told to."""
    _problem: str | None = None

    def run(self) -> None:
        """Watch until SIGTERM or SIGINT has ended all workers, or raise GaveUp."""
        self._workers = [_Worker() for _ in range(self.count)]
        gc.collect()
        gc.freeze()  # what workers never write to stays one copy for all
        with _heard() as signals:
            while self._ends_at is None or any(worker.process for worker in self._workers):
                self._start_those_due()
                self._watch(signals)
        if self._problem:
            raise GaveUp(self._problem)

    def _watch(self, signals: socket.socket) -> None:
        """Wait for what happens next."""
        pipes = {worker.pipe: worker for worker in self._workers if worker.pipe}
        for source in wait([signals, *pipes], self._pause()):
            if isinstance(source, Connection):
                self._hear(pipes[source])
            else:
                self._pass_on(signals.recv(64))
        if self._ends_at is not None and self._ends_at <= time.monotonic():
            self._ends_at += self.patience
            for process in self._processes():
                _log.error("worker_killed", pid=process.pid)
                process.kill()

    def _pause(self) -> float | None:
        """Seconds until something is to be done, whatever happens."""
        due = [worker.starts_at for worker in self._workers if not worker.process]
        if self._ends_at is not None:
            due = [self._ends_at]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _start_those_due(self) -> None:
        for worker in self._workers:
            is_due = not worker.process and worker.starts_at <= time.monotonic()
            if is_due and self._ends_at is None:
                self._start(worker)

    def _start(self, worker: _Worker) -> None:
        ours, theirs = multiprocessing.Pipe()
        # A daemon here is one that does not outlive its parent, should that fail.
        context = multiprocessing.get_context("fork")
        process = context.Process(target=self._run, args=(worker, ours, theirs), daemon=True)
        try:
            worker.listening = worker.listening or share(self.taken)
            with theirs, _signals_blocked():  # what the parent is told, only the parent may hear
                process.start()
        except OSError as error:  # there is no room for another process
            ours.close()
            _log.error("worker_not_started", reason=str(error))
            self._put_off(worker)
        else:
            worker.process, worker.pipe = process, ours

    def _run(self, worker: _Worker, parents: Connection, pipe: Connection) -> None:
        """The life of a process of `worker`. It lets go of all that is not its own."""
        os.setpgid(0, 0)  # Ctrl+C is for the parent, who passes it on
        signal.set_wakeup_fd(-1)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        assert worker.listening
        self._let_go(one for one in self._workers if one is not worker)
        parents.close()
        for other in self._workers:
            if other.pipe:
                other.pipe.close()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        try:
            self.work(worker.listening, Parent(pipe))
        except Exception:
            _log.exception("worker_failed", pid=os.getpid())
            raise SystemExit(1) from None

    def _let_go(self, workers: Iterable[_Worker]) -> None:
        """Close the sockets of workers and the address, in this process."""
        self.taken.close()
        for worker in workers:
            if worker.listening:
                worker.listening.close()

    def _hear(self, worker: _Worker) -> None:
        """Take note that a worker is ready, or has ended."""
        assert worker.pipe
        try:
            worker.pipe.recv_bytes()
        except (EOFError, OSError):
            self._ended(worker)
            return
        worker.is_ready, worker.failures = True, 0
        assert worker.process
        _log.info("worker_ready", pid=worker.process.pid)
        if not self._has_told and all(one.is_ready for one in self._workers):
            self._has_told = True
            self.ready()

    def _ended(self, worker: _Worker) -> None:
        """Have a worker that has ended followed by another process, at once if it has served."""
        assert worker.process
        assert worker.pipe
        worker.pipe.close()
        worker.process.join()
        pid, code = worker.process.pid, worker.process.exitcode or 0
        was_ready, worker.is_ready = worker.is_ready, False
        worker.process = worker.pipe = None
        if self._ends_at is not None:
            return
        log = _log.error if code else _log.info  # somebody may have told it to stop
        log("worker_ended", pid=pid, reason=_reason(code))
        if not was_ready:
            self._put_off(worker)

    def _put_off(self, worker: _Worker) -> None:
        """Start a worker that could not start later, or give up where nobody serves meanwhile."""
        if worker.listening:
            worker.listening.close()  # so that nobody's connection waits there
            worker.listening = None
        pause = min(_FIRST_PAUSE * 2**worker.failures, _LONGEST_PAUSE)
        worker.starts_at = time.monotonic() + pause
        worker.failures += 1
        is_served = self._has_told and any(one.is_ready for one in self._workers)
        if worker.failures >= _STARTS and not is_served:
            self._problem = (
                f"A worker has ended {worker.failures} times in a row before it could serve. "
                "Correct the cause, which the log gives, and start the server again."
            )
            self._stop(signal.SIGTERM)

    def _pass_on(self, numbers: Iterable[int]) -> None:
        """Pass on signals to the workers."""
        for number in numbers:
            self._stop(number)

    def _stop(self, number: int) -> None:
        """Take no more connections, and tell the workers to stop."""
        if self._ends_at is None:
            self._ends_at = time.monotonic() + self.patience
            self._let_go(self._workers)
        for process in self._processes():
            if process.pid is not None:
                os.kill(process.pid, number)

    def _processes(self) -> list[ForkProcess]:
        return [worker.process for worker in self._workers if worker.process]


@contextmanager
def _heard() -> Generator[socket.socket]:
    """A socket from which the numbers of signals can be read that this process is sent."""
    heard, told = socket.socketpair()
    with heard, told:
        told.setblocking(False)
        wakeup = signal.set_wakeup_fd(told.fileno())
        before = {number: signal.signal(number, lambda *_: None) for number in _SIGNALS}
        try:
            yield heard
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _signals_blocked() -> Generator[None]:
    """Have signals wait. Processes that are forked meanwhile have them wait, too."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _reason(code: int) -> str:
    """Return why a process has ended, by its exit code."""
    return signal.Signals(-code).name if code < 0 else f"status {code}"
