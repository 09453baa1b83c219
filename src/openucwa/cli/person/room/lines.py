"""A room for programs: says the lines of the input, and writes what happens as lines."""

import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from openucwa.cli import streams
from openucwa.cli.failure import Failure
from openucwa.cli.person import screen, showing, trouble
from openucwa.cli.person.room import orders, telling

if TYPE_CHECKING:
    from openucwa.client import Ended, Room


_TICK, _TICKS = 0.05, 40
"""Seconds, and how often."""


def follow(room: "Room", *, as_json: bool) -> "Ended | None":
    """Tell what happens until it is over, or the input ends; returns the end, if it was told.

    Input that is empty from the start says nothing, and does not end it.
    """
    from openucwa.client import Ended, Entered

    threading.Thread(target=_read, args=[room], name="openucwa-input", daemon=True).start()
    with suppress(KeyboardInterrupt):
        for one in room:
            if as_json:
                more = {"joinUrl": room.join_url} if isinstance(one, Entered) else {}
                showing.write_line({**telling.as_json(one), **more})
            elif text := telling.line(one):
                at = getattr(one, "at", None)
                screen.say(f"{telling.clock(at)} {text}")
                if isinstance(one, Entered) and (link := telling.invited(room)):
                    screen.say(f"{telling.clock()} {link}")
            sys.stdout.flush()
            if isinstance(one, Ended):
                return one
    return None


def _read(room: "Room") -> None:
    """Say each line of the input, and leave at its end."""
    has_said = False
    for typed in sys.stdin:
        has_said = True
        before = len(room.messages)
        try:
            with trouble.told():
                shown = orders.obey(room, typed)
            if shown:
                screen.note(shown)
            elif not typed.startswith("/"):
                _wait_for(room, before)
        except orders.Quit:
            break
        except Failure as failure:
            screen.note(f"Error: {failure}")
            if room.is_over:
                return
    if has_said or streams.input_is_terminal():
        room.leave()


def _wait_for(room: "Room", before: int) -> None:
    """Let a message come back before the next: it is told by the server, and then shown."""
    for _ in range(_TICKS):
        if len(room.messages) > before or room.is_over:
            return
        time.sleep(_TICK)
