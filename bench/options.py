"""The options of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SECTIONS = {
    "startup": "start-up and memory of the process",
    "imports": "start of the command line, and import of the client",
    "updates": "conditional updates on both engines, beside their limits and etcd",
    "pending": "GETs that wait for events",
    "events": "from a change to the event",
    "fanout": "one change that hundreds of channels hear of, beside Prosody's clients",
    "messages": "messages in meetings of 2 to 1,000 people, beside Prosody's clients",
    "disk": "GETs while others' updates wait for a slow disk",
    "across": "from a change at one process to the event at another",
    "forms": "batches, single requests, JSON and XML",
    "sharing": "updates by the organizer, an editor and a delegate",
    "peers": "conditional updates of other servers",
    "growth": "updates with 1,000 to 1,000,000 meetings stored",
}
"""In the order in which they are measured."""
LONG = ("peers", "growth")
"""Those that are measured only when they are named."""


@dataclass(frozen=True)
class Options:
    """The options: seconds and warm-up per cell, connections of each row, meetings stored.

    `only` names the sections, `imports` counts the runs of each program in the one of that name.
    PostgreSQL is served by each number of `processes`. `pending` GETs are watched for `idle`
    seconds; a meeting is changed `changes` times for each number of `waiting` channels, and
    heard by so many `listeners` at once. `sizes` are the numbers of meetings of the section
    `growth`.
    """

    only: list[str]
    seconds: float
    warmup: float
    connections: list[int]
    processes: list[int]
    meetings: int
    rounds: int
    imports: int
    pending: int
    idle: float
    waiting: list[int]
    changes: int
    listeners: int
    sizes: list[int]
    openucwa: Path
    directory: Path
