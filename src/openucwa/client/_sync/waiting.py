"""Long waits that can be ended. The asynchronous neighbour is written by hand, too."""

import logging
import threading
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from openucwa.client.event import Event
from openucwa.client.waiting import LOOK_EVERY, Stopped, Watch

__all__ = ["Background", "Bell", "Callback", "Wait", "call"]

T = TypeVar("T")
Callback: TypeAlias = Callable[[Event], object]
"""A function that takes an event."""

_log = logging.getLogger("openucwa.client")


class Wait:
    """Waits until they are over, or until another thread calls `stop`."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_stopped = False

    @property
    def is_stopped(self) -> bool:
        """Return True if it has been stopped."""
        return self._is_stopped

    def stop(self) -> None:
        """End what waits now, and let nothing wait any more."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        """Let time pass. Raises Stopped."""
        with self._changed:
            if self._changed.wait_for(lambda: self._is_stopped, seconds):
                raise Stopped

    def finish(self, work: Callable[[], T]) -> T:
        """Return what `work` returns. Stopped and Slept end it, and are raised.

        No thread can be made to stop reading from a socket. So another one reads, and if nobody
        wants to know any more, it goes on by itself until the answer or a timeout comes.
        """
        found: list[T] = []
        raised: list[Exception] = []

        def run() -> None:
            try:
                found.append(work())
            except Exception as error:  # it is raised where it is waited for
                raised.append(error)
            with self._changed:
                self._changed.notify_all()

        watch = Watch()
        threading.Thread(target=run, name="openucwa-wait", daemon=True).start()
        with self._changed:
            while not found and not raised:
                if self._is_stopped:
                    raise Stopped
                self._changed.wait(LOOK_EVERY)
                watch.look()
        if found:
            return found[0]
        raise raised[0]


class Bell:
    """Wakes those who wait for something to become true, whenever it may have."""

    def __init__(self) -> None:
        self._changed = threading.Condition()

    def ring(self) -> None:
        """Let those who wait look again."""
        with self._changed:
            self._changed.notify_all()

    def until(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until it holds, for so many seconds at most. Return whether it does."""
        with self._changed:
            return self._changed.wait_for(holds, seconds)


class Background:
    """Work that goes on beside the program's own, until it ends or is told to."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(
            target=_logged, args=[work], name="openucwa-events", daemon=True
        )
        self._thread.start()

    def join(self) -> None:
        """Wait for its end. From within the work itself, return at once."""
        if threading.current_thread() is not self._thread:
            self._thread.join()


def _logged(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception:  # there is nobody else to tell it to
        _log.exception("The client no longer receives events.")


def call(callback: Callback, event: Event) -> None:
    """Hand an event to a callback, and wait for its end."""
    callback(event)
