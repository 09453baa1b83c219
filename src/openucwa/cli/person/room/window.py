"""A room on the screen: messages, who is there, who waits, and a line to write in."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Input, OptionList, RichLog, Static
from textual.widgets.option_list import Option

from openucwa.cli.failure import Failure
from openucwa.cli.person import fields, trouble
from openucwa.cli.person.room import orders, telling
from openucwa.cli.person.room.signals import ENDS
from openucwa.client import (
    Ended,
    Entered,
    Happening,
    Interrupted,
    Message,
    Resumed,
    StoppedTyping,
    StoppedWaiting,
    Typing,
    Waiting,
)

if TYPE_CHECKING:
    from openucwa.client import Person, Room

_NARROW = 60
"""Columns below which there is no room for the list of people."""


class Window(App[Ended | None]):
    """The screen of a room. It returns the end of the conversation, if that was told."""

    TITLE = "openucwa"
    CSS = """
    #title { background: $primary; color: $text; padding: 0 1; }
    #banner { background: $warning; color: $text; padding: 0 1; display: none; }
    #talk { width: 1fr; padding: 0 1; }
    #people { width: 30; border: none; border-left: solid $primary; padding: 0 1; }
    #typing { height: 1; padding: 0 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "act('admit')", "Admit"),
        Binding("f3", "act('reject')", "Reject"),
        Binding("f5", "act('promote')", "Promote"),
        Binding("f6", "act('demote')", "Demote"),
        Binding("f8", "act('eject')", "Eject"),
        Binding("pageup", "scroll(-1)", "Scroll", show=False, priority=True),
        Binding("pagedown", "scroll(1)", "Scroll", show=False, priority=True),
        Binding("ctrl+q", "leave", "Leave", priority=True),
        Binding("ctrl+c", "leave", "Leave", priority=True, show=False),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, room: "Room") -> None:
        super().__init__()
        self._room = room
        self._ids: dict[str, Person] = {}

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="banner", markup=False)
        with Horizontal():
            talk = RichLog(id="talk", wrap=True, markup=False, min_width=0)
            talk.can_focus = False
            yield talk
            yield OptionList(id="people", markup=False)
        yield Static(id="typing", markup=False)
        yield Input(placeholder="Write a message, or /help")
        yield Footer()

    def on_mount(self) -> None:
        self._refresh()
        self.query_one(Input).focus()
        for number in ENDS:  # others see her leave, and not fall silent some minutes later
            asyncio.get_running_loop().add_signal_handler(number, self.exit)
        # Not a worker, for whose end the window would wait: it ends with the room.
        Thread(target=self._follow, name="openucwa-room", daemon=True).start()

    def on_resize(self) -> None:
        self.query_one("#people").display = self.size.width >= _NARROW

    def on_input_changed(self, changed: Input.Changed) -> None:
        if changed.value and not changed.value.startswith("/"):
            self.run_worker(self._room.type, thread=True, group="typing", exit_on_error=False)

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        typed = submitted.value
        submitted.input.clear()
        self._do(lambda: orders.obey(self._room, typed), typed)

    def action_act(self, action: str) -> None:
        """Do something with the person that is selected, or admit who has waited longest."""
        person = self._selected(action)
        if person is None:
            self._note("Select somebody in the list first: press Tab, then the arrow keys.")
            return

        def do() -> str:
            orders.do(self._room, action, person)
            return ""

        self._do(do)

    def action_scroll(self, pages: int) -> None:
        """Scroll the messages."""
        talk = self.query_one(RichLog)
        (talk.scroll_page_up if pages < 0 else talk.scroll_page_down)()

    def action_leave(self) -> None:
        """Leave the conversation."""
        self.exit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done now: the keys of leaders are shown to leaders."""
        if action != "act":
            return True
        what = str(parameters[0])
        if what in ("admit", "reject"):
            return bool(self._room.lobby)
        people = (one for one in self._room.roster if not one.is_local)
        return any(what in one.actions for one in people)

    def _follow(self) -> None:
        """Show what happens, in a thread of its own, until it is over."""
        with suppress(RuntimeError):  # the window was closed
            try:
                with trouble.told():
                    for one in self._room:
                        self.call_from_thread(self._show, one)
            except Failure as failure:
                self.call_from_thread(self._note, f"Error: {failure}")

    def _show(self, one: Happening) -> None:
        if isinstance(one, Ended):
            self.exit(one)
            return
        if not isinstance(one, Typing | StoppedTyping):
            text = telling.line(one)
            if isinstance(one, Message):
                self._write(
                    telling.clock(one.at), text, who=telling.sender(one), is_mine=one.is_mine
                )
            elif text and not isinstance(one, StoppedWaiting):
                self._write(telling.clock(), text)
            if isinstance(one, Entered) and (link := telling.invited(self._room)):
                self._write(telling.clock(), link)
        if isinstance(one, Waiting):
            self.bell()
        if isinstance(one, Interrupted | Resumed):
            banner = self.query_one("#banner", Static)
            banner.display = isinstance(one, Interrupted)
            banner.update(telling.line(one))
        self._refresh()

    def _refresh(self) -> None:
        """Show the room as it is now."""
        room = self._room
        state = "waiting in the lobby" if room.is_waiting else str(room.role).lower()
        here = len(room.roster)
        subject = fields.plain(room.subject) or "Conversation"
        self.query_one("#title", Static).update(f"{subject} · {here} here · you: {state}")
        names = ", ".join(map(telling.name, room.typing))
        verb = "is" if len(room.typing) == 1 else "are"
        self.query_one("#typing", Static).update(f"{names} {verb} typing …" if names else "")
        self._list()
        self.refresh_bindings()

    def _list(self) -> None:
        people = self.query_one("#people", OptionList)
        chosen = self._highlighted()
        options: list[Option] = []
        self._ids = {}
        for heading, members in (("Waiting", self._room.lobby), ("Here", self._room.roster)):
            if members:
                options.append(Option(f"{heading} ({len(members)})", disabled=True))
            for one in members:
                self._ids[one.href] = one
                options.append(Option(_labelled(one), id=one.href))
        people.clear_options()
        people.add_options(options)
        if chosen in self._ids:
            people.highlighted = people.get_option_index(chosen)

    def _highlighted(self) -> str:
        people = self.query_one("#people", OptionList)
        if people.highlighted is None:
            return ""
        return people.get_option_at_index(people.highlighted).id or ""

    def _selected(self, action: str) -> "Person | None":
        person = self._ids.get(self._highlighted())
        if action in ("admit", "reject"):
            waiting = self._room.lobby
            if person in waiting or not waiting:
                return person
            return waiting[0]
        return person

    def _do(self, work: Callable[[], str], typed: str = "") -> None:
        """Do something that takes a while, and show what comes of it."""

        def do() -> None:
            try:
                with trouble.told():
                    shown = work()
            except orders.Quit:
                self.call_from_thread(self.exit)
            except Failure as failure:
                self.call_from_thread(self._failed, str(failure), typed)
            else:
                if shown:
                    self.call_from_thread(self._note, shown)

        self.run_worker(do, thread=True, group="orders")

    def _failed(self, why: str, typed: str) -> None:
        """Show what has failed, and give back what was typed."""
        self._write("", why, style="red")
        line = self.query_one(Input)
        if typed and not line.value:
            line.value = typed

    def _note(self, text: str) -> None:
        self._write("", text, style="yellow")

    def _write(
        self, at: str, text: str, *, who: str = "", is_mine: bool = False, style: str = "dim"
    ) -> None:
        line = Text(f"{at} " if at else "", style="dim")
        if who:
            line.append(who, style="bold green" if is_mine else "bold cyan")
            line.append(text.removeprefix(who), style="not dim")
        else:
            line.append(text, style=style)
        self.query_one(RichLog).write(line)


def _labelled(person: "Person") -> str:
    mark = "★" if person.is_organizer else "●" if person.is_leader else " "
    return f"{mark} {telling.name(person)}{' (you)' if person.is_local else ''}"
