"""Jobs that wait for a thread: everybody has a line of her own, and the lines take turns.

So the jobs of one who asks for a hundred things do not go before the one of somebody else. Where
jobs of a line have taken long, it has one at a time.
"""

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Collection, Container, Sequence
from contextvars import ContextVar
from typing import Generic, Protocol, TypeVar

asking: ContextVar[int | str] = ContextVar("asking", default="")
"""The line in which the jobs of this task wait."""


LONG = 0.05
"""Seconds of the processor that a job takes so that others notice."""
_REMEMBERED_FOR = 2.0
"""Seconds from a long job of a line to when nothing is known of it any more."""
_MOST_REMEMBERED = 1000


class SlowLines:
    """The lines that have had long jobs a short while ago: their next ones may be long, too."""

    def __init__(self) -> None:
        self._until: dict[int | str, float] = {}

    def __contains__(self, line: int | str) -> bool:
        return line in self._until and self._until[line] > time.monotonic()

    def note(self, line: int | str, seconds: float) -> None:
        """Note how long a job of a line has used the processor."""
        if seconds > LONG:
            self._until.pop(line, None)  # so that the oldest stays first
            self._until[line] = time.monotonic() + _REMEMBERED_FOR
            if len(self._until) > _MOST_REMEMBERED:
                del self._until[next(iter(self._until))]


class Waiting(Protocol):
    """A job that waits in somebody's line."""

    @property
    def line(self) -> int | str: ...


J = TypeVar("J", bound=Waiting)


class Turns(Generic[J]):
    """The jobs that wait. Lines have their turns one after the other, with one job each."""

    def __init__(self) -> None:
        self._lines: OrderedDict[int | str, deque[J]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, job: J) -> None:
        """Put a job at the end of its line."""
        self._lines.setdefault(job.line, deque()).append(job)
        self._count += 1

    def put_back(self, jobs: Sequence[J], *, served: Collection[int | str] = ()) -> None:
        """Put jobs that were taken back to where they were.

        Lines that were served meanwhile go behind those that have come since.
        """
        for job in reversed(jobs):
            self._lines.setdefault(job.line, deque()).appendleft(job)
            self._lines.move_to_end(job.line, last=False)
        for line in served:
            if line in self._lines:
                self._lines.move_to_end(line)
        self._count += len(jobs)

    def take(self, most: int = 1, *, passed_over: Container[int | str] = ()) -> list[J]:
        """Take the jobs whose turn it is, at most so many, and none of the lines passed over."""
        taken: list[J] = []
        while len(taken) < most:
            line = next((one for one in self._lines if one not in passed_over), None)
            if line is None:
                break
            jobs = self._lines.pop(line)
            taken.append(jobs.popleft())
            if jobs:
                self._lines[line] = jobs
        self._count -= len(taken)
        return taken


class SharedTurns(Generic[J]):
    """The jobs that wait for any of some threads.

    One line has half of the threads at most, and a single one while its jobs take long: they share
    one interpreter with the jobs of others.
    """

    def __init__(self, threads: int) -> None:
        self._most = max(1, threads // 2)
        self._waiting: Turns[J] = Turns()
        self._running: Counter[int | str] = Counter()
        self._full: set[int | str] = set()
        self._slow = SlowLines()
        self._has_ended = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, job: J) -> None:
        """Put a job at the end of its line."""
        with self._changed:
            self._waiting.add(job)
            self._changed.notify()

    def take(self) -> J | None:
        """Wait for a job whose turn it is. None when there will be no more."""
        with self._changed:
            while not (found := self._waiting.take(passed_over=self._full)):
                if self._has_ended and not self._waiting:
                    return None
                self._changed.wait()
            (job,) = found
            self._running[job.line] += 1
            self._limit(job.line)
            return job

    def done(self, job: J, seconds: float = 0.0) -> None:
        """Let another job of the line have its turn, after one that took the processor so long."""
        with self._changed:
            self._slow.note(job.line, seconds)
            self._running[job.line] -= 1
            self._limit(job.line)
            if not self._running[job.line]:
                del self._running[job.line]
            if self._has_ended:  # several may wait, for one job or for the end
                self._changed.notify_all()
            else:
                self._changed.notify()

    def _limit(self, line: int | str) -> None:
        """Pass a line over if it has as many threads as it may have."""
        if self._running[line] >= (1 if line in self._slow else self._most):
            self._full.add(line)
        else:
            self._full.discard(line)

    def end(self) -> None:
        """Let threads end when all that waits has been taken."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()
