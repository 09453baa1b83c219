"""Jobs that wait for a thread: everybody has a line of her own, and the lines take turns.

So the jobs of one who asks for a hundred things do not go before the one of somebody else.
"""

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Container, Sequence
from contextvars import ContextVar
from typing import Generic, Protocol, TypeVar

asking: ContextVar[int | str] = ContextVar("asking", default="")
"""The line in which the jobs of this task wait."""


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

    def put_back(self, jobs: Sequence[J]) -> None:
        """Put jobs that were taken back to where they were."""
        for job in reversed(jobs):
            self._lines.setdefault(job.line, deque()).appendleft(job)
            self._lines.move_to_end(job.line, last=False)
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
    """The jobs that wait for any of some threads. One line has half of the threads at most."""

    def __init__(self, threads: int) -> None:
        self._most = max(1, threads // 2)
        self._waiting: Turns[J] = Turns()
        self._running: Counter[int | str] = Counter()
        self._full: set[int | str] = set()
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
            if self._running[job.line] == self._most:
                self._full.add(job.line)
            return job

    def done(self, job: J) -> None:
        """Let another job of the line have its turn."""
        with self._changed:
            self._full.discard(job.line)
            self._running[job.line] -= 1
            if not self._running[job.line]:
                del self._running[job.line]
            if self._has_ended:  # several may wait, for one job or for the end
                self._changed.notify_all()
            else:
                self._changed.notify()

    def end(self) -> None:
        """Let threads end when all that waits has been taken."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()
