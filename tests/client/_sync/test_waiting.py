"""Long waits of threads."""

import logging
import threading
import time
from types import SimpleNamespace

import pytest

from openucwa.client._sync.waiting import Background, Wait
from openucwa.client.waiting import Slept, Stopped

AT_ONCE = 5.0


def _fail() -> str:
    raise ValueError("wrong")


def test_what_the_work_returns_or_raises() -> None:
    assert Wait().finish(lambda: "answer") == "answer"
    with pytest.raises(ValueError, match="wrong"):
        Wait().finish(_fail)


def test_stopping_from_another_thread_ends_the_wait_at_once() -> None:
    one = Wait()
    never = threading.Event()
    timer = threading.Timer(0.05, one.stop)
    timer.start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        one.finish(lambda: never.wait(60))
    assert one.is_stopped
    with pytest.raises(Stopped):
        one.finish(lambda: never.wait(60))
    with pytest.raises(Stopped):
        one.sleep(60)
    assert time.monotonic() - started < AT_ONCE
    never.set()
    timer.join()


def test_time_passes() -> None:
    started = time.monotonic()
    Wait().sleep(0.05)
    assert time.monotonic() - started >= 0.05


def test_sleep_of_the_machine_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openucwa.client._sync.waiting.LOOK_EVERY", 0.01)
    hours = iter(range(0, 36_000, 3600))
    clock = SimpleNamespace(time=lambda: float(next(hours)))
    monkeypatch.setattr("openucwa.client.waiting.time", clock)
    never = threading.Event()
    with pytest.raises(Slept):
        Wait().finish(lambda: never.wait(60))
    never.set()


def test_background_work_can_be_joined_also_by_itself() -> None:
    done: list[str] = []
    started = threading.Event()

    def work() -> None:
        started.wait(60)
        background.join()
        done.append("work")

    background = Background(work)
    started.set()
    background.join()
    assert done == ["work"]


def test_an_error_in_the_background_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("wrong")

    with caplog.at_level(logging.ERROR, "openucwa.client"):
        Background(fail).join()
    assert "no longer receives events" in caplog.text
