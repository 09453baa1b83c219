"""Listeners of a client's events."""

from collections.abc import Callable
from typing import Any

import pytest

from openucwa.client._sync import events


def test_who_listens_is_there_before_anything_can_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first package may be at the server already."""
    told: list[Any] = []
    all_events = events.Events(Any)  # type: ignore[arg-type]

    class Background:
        def __init__(self, work: Callable[[], None]) -> None:
            told.extend(all_events._listeners)

        def join(self) -> None:
            """It has ended."""

    class Listener:
        def end(self, error: object) -> None:
            """Nothing is kept."""

    listener: Any = Listener()
    monkeypatch.setattr(events, "Background", Background)
    all_events.listen(listener)
    assert told == [listener]
