"""An operation that an engine's thread runs, while somebody on the event loop waits for it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from openucwa.store.database import Operation
from openucwa.store.turns import asking


@dataclass(slots=True, kw_only=True)
class Job:
    """An operation, who waits for it, and how it went; `has_told` if it has written facts.

    `line` is the line in which it waits for its turn.
    """

    operation: Operation[Any]
    future: asyncio.Future[Any]
    line: int | str = field(default_factory=asking.get)
    result: Any = None
    error: BaseException | None = None
    has_told: bool = False

    def settle(self) -> None:
        """Tell who waits, on the event loop."""
        if self.future.done():  # whoever asked has gone away
            return
        if self.error is None:
            self.future.set_result(self.result)
        elif isinstance(self.error, StopIteration):  # a future can't hold it
            self.future.set_exception(RuntimeError("the operation raised StopIteration"))
        else:
            self.future.set_exception(self.error)
