"""Two people have changed the same: the three versions side by side, and whose is to stand.

          before    Dana, 10:42       yours
subject   Weekly    Weekly (moved)    Q3 review

Nothing is chosen beforehand.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from openucwa.cli import tables
from openucwa.cli.asking import ask
from openucwa.cli.person import difference, fields, people, screen
from openucwa.cli.person.author import Author
from openucwa.wire import lines
from openucwa.wire.merge import Conflict

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from openucwa.client import MeetingConflict

_SHORT = 20
"""Characters up to which a row takes a line; above, rows stand apart."""
_MOST_LINES = 8
_LONGEST_LINE = 160
_MINE, _THEIRS, _EDIT, _QUIT = "mine", "theirs", "edit", "quit"


Edit = Callable[[Conflict], object]
"""Lets the person write a value, and returns it. Raises Undecided."""


class Undecided(Exception):
    """The person has left the editor without a decision."""


def decide(
    conflicts: Mapping[str, Conflict], other: Author, edit: Edit
) -> dict[str, object] | None:
    """Ask whose value is to stand, for each conflict. Returns values by name; None if she quits."""
    if other.is_me:
        labels = " and ".join(map(fields.label, fields.in_order(conflicts)))
        screen.say(f"{other.did(f'changed {labels} in the meantime')}.")
    show(conflicts, other)
    if any(one.base in (one.mine, one.theirs) for one in conflicts.values()):
        screen.say(_TOGETHER)
    decided: dict[str, object] = {}
    for name in fields.in_order(conflicts):
        conflict = conflicts[name]
        value = _choice(conflict, edit, other, is_alone=len(conflicts) == 1)
        if value is _LEFT:
            return None
        decided[name] = value
    return decided


_TOGETHER = (
    "These settings together decide who gets in, and you have both changed some of them. So "
    "decide each of them, even one that only one of you has changed."
)
_LEFT = object()
_ANSWERS = {
    _MINE: "save your value",
    _THEIRS: "keep the other person's value",
    _EDIT: "write another value in your editor",
    _QUIT: "save nothing; your changes are kept as a draft",
}
_OF_ONESELF = "keep the value that you saved in the meantime"


def _choice(conflict: Conflict, edit: Edit, other: Author, *, is_alone: bool) -> object:
    answers = {**_ANSWERS, _THEIRS: _OF_ONESELF} if other.is_me else _ANSWERS
    heading = "" if is_alone else f"{fields.label(conflict.name)}:"
    while True:
        try:
            answer = ask(heading, answers, otherwise=_QUIT)
        except KeyboardInterrupt:  # like q, which tells where the draft is
            answer = _QUIT
        if answer == _QUIT:
            return _LEFT
        if answer == _MINE:
            return conflict.decided("mine")
        if answer == _THEIRS:
            return conflict.decided("theirs")
        try:
            return edit(conflict)
        except Undecided as why:
            screen.say(str(why))


def show(conflicts: Mapping[str, Conflict], other: Author) -> None:
    """Print the clashing properties: before, the other's and one's own."""
    console = screen.console()
    rows = [(fields.label(one), _cells(conflicts[one])) for one in fields.in_order(conflicts)]
    if console.width < screen.NARROW:
        _print_stacked(console, rows, other)
    else:
        tables.print_table(console, _table(rows, other))


_Row = tuple[str, tuple[str, str, str]]
_STYLES = ("dim", "cyan", "green")


def _table(rows: Sequence[_Row], other: Author) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    is_long = any("\n" in cell or len(cell) > _SHORT for _, cells in rows for cell in cells)
    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", leading=int(is_long)
    )
    table.add_column("", no_wrap=True, style="bold")
    for heading, style in zip(("before", other.heading, "yours"), _STYLES, strict=True):
        table.add_column(Text(heading), style=style, overflow="fold", ratio=1)
    for label, cells in rows:
        table.add_row(label, *map(Text, cells))
    return table


def _print_stacked(console: "Console", rows: Sequence[_Row], other: Author) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for label, cells in rows:
        console.print(label, style="bold")
        for heading, cell, style in zip(
            ("before", other.heading, "yours"), cells, _STYLES, strict=True
        ):
            console.print(Padding(Text(f"{heading}:", style="bold"), (0, 0, 0, 2)))
            console.print(Padding(Text(cell, style=style), (0, 0, 0, 4)))


def _cells(conflict: Conflict) -> tuple[str, str, str]:
    versions = (conflict.base, conflict.theirs, conflict.mine)
    if any(isinstance(one, list | tuple) for one in versions):
        return _people(*(one if isinstance(one, list | tuple) else () for one in versions))
    if conflict.name == "description":
        return _excerpts(*(lines.split(str(one or "")) for one in versions))
    before, theirs, mine = map(fields.shown, versions)
    return before, theirs, mine


def _people(*versions: Sequence[object]) -> tuple[str, str, str]:
    """Only those who are not in all three; the rest is counted."""
    keys = [{people.key(str(one)): str(one) for one in version} for version in versions]
    common = keys[0].keys() & keys[1].keys() & keys[2].keys()
    cells = []
    for version in keys:
        different = [one for key, one in version.items() if key not in common]
        cell = fields.shown(different) if different else "nobody"
        if common:
            cell = f"{cell} and {len(common)} more" if different else f"{len(common)} only"
        cells.append(cell)
    return cells[0], cells[1], cells[2]


def _excerpts(*versions: Sequence[str]) -> tuple[str, str, str]:
    """The lines around which they differ, with an ellipsis for the rest."""
    start = _common(versions)
    end = _common([list(reversed(one[start:])) for one in versions])
    middles = [[fields.plain(line) for line in one[start : len(one) - end]] for one in versions]
    rows = [difference.around(row, _LONGEST_LINE) for row in zip_longest(*middles, fillvalue="")]
    cells = []
    for number, middle in enumerate(middles):
        shown = [row[number] for row in rows[: len(middle)]]
        if len(shown) > _MOST_LINES:
            shown = [*shown[:_MOST_LINES], f"… {len(middle) - _MOST_LINES} more lines"]
        cells.append("\n".join(shown) or "-")
    return cells[0], cells[1], cells[2]


def _common(versions: Sequence[Sequence[str]]) -> int:
    """Return the number of items with which all begin."""
    count = 0
    for items in zip(*versions, strict=False):
        if len(set(items)) > 1:
            break
        count += 1
    return count


def refused(clash: "MeetingConflict", other: Author) -> str:
    """The sentence for a change that is not saved, since another one was faster."""
    if clash.all_but_time_is_saved:
        return f"{other.did('moved the meeting in the meantime')}. All but your time was saved."
    start = other.did("changed the meeting in the meantime")
    if not clash.conflicts:
        return f"{start}. Your changes were not saved."
    return f"{start}. Your changes conflict in: {', '.join(clash.conflicts)}."


def marked(conflict: Conflict, other: Author) -> str:
    """Both texts in one: where they clash, both versions stand between marks."""
    versions = (str(one or "") for one in (conflict.base, conflict.mine, conflict.theirs))
    found: list[str] = []
    for part in lines.parts(*versions):
        chosen = lines.decided(part)
        if chosen is not None:
            found += chosen
        else:
            found += _between_marks(part[1], part[2], other)
    return "\n".join(found)


def _between_marks(mine: lines.Lines, theirs: lines.Lines, other: Author) -> list[str]:
    """Two versions of the same lines, without marks around what both begin and end with."""
    start = _common([mine, theirs])
    end = _common([list(reversed(one[start:])) for one in (mine, theirs)])
    to = len(mine) - end
    return [
        *mine[:start],
        "<<<<<<< yours",
        *mine[start:to],
        "=======",
        *theirs[start : len(theirs) - end],
        f">>>>>>> {other.heading}",
        *mine[to:],
    ]


MARKED = "The description still contains the marks <<<<<<< and >>>>>>>."


def has_marks(text: str) -> bool:
    """Return whether a line that `marked` has added is left."""
    return any(line.startswith(("<<<<<<< ", ">>>>>>> ")) for line in lines.split(text))
