"""A pending GET, while it waits and while its package is made."""

import asyncio
import time
from asyncio import Future
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from openucwa.domain.channels import Channel, Timers
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import Package


class Ending(Enum):
    """The reason for which a wait has ended without a package."""

    REPLACED = auto()
    GONE = auto()
    STOPPED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The query of an event channel request: it asks for package `ack`, within `timers`.

    `extended` is whether it asks for events that are extensions, too.

    `viewer` tells who asks, or why she may not ask any more; it is the same for all requests with
    an equal `sender`. `written` makes the answer of a package. It raises UcwaError when there is no
    room for it.
    """

    ack: int
    priority: int
    timers: Timers
    extended: bool
    sender: Hashable
    viewer: Callable[[Transaction], Me | Exception]
    written: Callable[[Package], bytes]


@dataclass(slots=True, eq=False)
class Pending:
    """A request for the next package of a channel, as it was read before it waits.

    It waits for facts of `topics`, or of a part of one, after `position`. `turn` is larger for a
    later request of the same channel, in whatever process: who goes on asks for a later package,
    and who asks again does so at a later time, in nanoseconds.
    """

    asked: Asked
    channel: Channel
    topics: Sequence[tuple[str, str]] = ()
    position: int = 0
    answer: Future[bytes | Ending] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    alarm: asyncio.TimerHandle | None = None
    turn: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.turn = self.channel.number + 1, time.time_ns()

    def settle(self, answer: bytes | Ending | Exception) -> None:
        """Answer, unless it has been answered."""
        if self.answer.done():
            return
        if isinstance(answer, Exception):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)
