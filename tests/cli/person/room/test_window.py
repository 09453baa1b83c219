"""The screen of a room, with the keys that a person presses."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, OptionList, RichLog, Static

from openucwa.cli.person.room.window import Window
from openucwa.client import (
    Ended,
    Entered,
    Interrupted,
    Joined,
    Message,
    NotOffered,
    Reason,
    Resumed,
    Typing,
    Waiting,
)
from tests.cli.person.room.still import ALEX, DANA, GUSTAV, Still

Steps = Callable[[Window, "Pilot[Any]"], Awaitable[None]]


def shown(room: Still, steps: Steps, size: tuple[int, int] = (100, 30)) -> Any:
    """Show a room while some steps are taken; returns what the window returns."""

    async def show() -> Any:
        window = Window(room)  # type: ignore[arg-type] # it has what is needed
        async with window.run_test(size=size) as pilot:
            await pilot.pause()
            try:
                await steps(window, pilot)
            finally:
                room.leave()
        return window.return_value

    return asyncio.run(show())


def people(window: Window) -> list[str]:
    options = window.query_one(OptionList).options
    return [str(one.prompt).strip() for one in options]


def text(window: Window, name: str) -> str:
    return str(window.query_one(name, Static).content)


def log(window: Window) -> str:
    return "\n".join(line.text.rstrip() for line in window.query_one(RichLog).lines)


async def until(pilot: "Pilot[Any]", holds: Callable[[], object]) -> None:
    for _ in range(200):
        if holds():
            return
        await pilot.pause(0.02)
    assert holds()


def test_shows_who_is_there_and_what_happens() -> None:
    async def steps(window: Window, pilot: "Pilot[Any]") -> None:
        assert text(window, "#title") == "Weekly · 2 here · you: leader"
        waiting, here = ["Waiting (1)", "Gustav (guest)"], ["★ Dana Birkby (you)", "Alex Darrow"]
        assert people(window) == [*waiting, "Here (2)", *here]
        room.typing = (ALEX,)
        room.happens(
            Entered(), Joined(ALEX), Message("/2", "Good morning", sender=ALEX), Typing(ALEX)
        )
        await until(pilot, lambda: "Alex Darrow: Good morning" in log(window))
        assert "Join: https://meet.contoso.com/danab/PYC58WSY" in log(window)
        assert "Alex Darrow has joined." in log(window)
        await until(pilot, lambda: text(window, "#typing") == "Alex Darrow is typing …")

    room = Still(ALEX, GUSTAV)
    shown(room, steps)


def test_what_is_typed_is_said() -> None:
    async def steps(window: Window, pilot: "Pilot[Any]") -> None:
        await pilot.press(*"Hi", "enter")
        await until(pilot, lambda: ("say", "Hi") in room.done)
        assert ("type",) in room.done
        room.error = NotOffered("You can't send messages now.")
        await pilot.press(*"Ho", "enter")
        await until(pilot, lambda: "You can't send messages now." in log(window))
        assert window.query_one(Input).value == "Ho"
        room.error = None

    room = Still(ALEX)
    shown(room, steps)


def test_keys_admit_who_waits_longest_and_eject_who_is_selected() -> None:
    async def steps(window: Window, pilot: "Pilot[Any]") -> None:
        await pilot.press("f2")
        await until(pilot, lambda: ("admit", GUSTAV) in room.done)
        await pilot.press("f8")
        await until(pilot, lambda: "Select somebody in the list first" in log(window))
        await pilot.press("tab", "down", "down", "down", "f8")
        await until(pilot, lambda: ("eject", ALEX) in room.done)

    room = Still(ALEX, GUSTAV)
    shown(room, steps)


def test_keys_of_leaders_are_offered_to_leaders() -> None:
    async def steps(window: Window, pilot: "Pilot[Any]") -> None:
        offered = [one.action for _, one, enabled, _ in window.screen.active_bindings.values()]
        assert "act('admit')" not in offered
        assert "act('eject')" not in offered

    shown(Still(replace(ALEX, links={})), steps)


def test_banner_stands_there_while_the_connection_is_lost() -> None:
    async def steps(window: Window, pilot: "Pilot[Any]") -> None:
        banner = window.query_one("#banner")
        assert not banner.display
        room.happens(Interrupted("No answer."))
        await until(pilot, lambda: banner.display)
        room.happens(Resumed(missed=False))
        await until(pilot, lambda: not banner.display)

    room = Still(ALEX)
    shown(room, steps)


def test_narrow_terminal_shows_messages_only() -> None:
    async def steps(window: Window, pilot: "Pilot[Any]") -> None:
        assert not window.query_one("#people").display

    shown(Still(ALEX), steps, size=(50, 20))


def test_end_closes_the_window() -> None:
    async def steps(window: Window, pilot: "Pilot[Any]") -> None:
        room.happens(Waiting(GUSTAV), ended)
        await until(pilot, lambda: window.return_value is not None)

    ended = Ended(Reason("RemoteFailure", "Ended"))
    room = Still(ALEX)
    assert shown(room, steps) == ended
    assert DANA.is_local


def test_ctrl_q_leaves() -> None:
    async def steps(window: Window, pilot: "Pilot[Any]") -> None:
        await pilot.press("ctrl+q")

    assert shown(Still(ALEX), steps) is None
