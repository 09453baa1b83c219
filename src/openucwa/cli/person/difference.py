"""Differences between texts, shown to people."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from openucwa.cli.person import fields
from openucwa.wire import lines as texts

_LONGEST = 72
"""Characters of a line that are shown."""
_MOST = 8
"""Lines of a text that are shown."""


def of_texts(before: str, after: str) -> str:
    """Return the change of a text: on one line if both are short, else the lines that differ."""
    if max(len(before), len(after)) <= _LONGEST // 2 and not {"\n", "\r"} & {*before, *after}:
        return f"{fields.plain(before) or '-'} → {fields.plain(after) or '-'}"
    old, new = ([fields.plain(one) for one in texts.split(text)] for text in (before, after))
    if old == new:
        return "only the line ends differ"
    if not after:
        return "removed"
    shown = list(_lines(old if before else [], new))
    more = len(shown) - _MOST
    if more > 0:
        shown = [*shown[:_MOST], f"… and {more} more line{'s' if more > 1 else ''}"]
    return "\n".join(["", *(f"    {one}" for one in shown)])


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for kind, start, end, from_, to in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind == "equal":
            continue
        removed, added = old[start:end], new[from_:to]
        pairs = min(len(removed), len(added))
        for one, other in zip(removed, added, strict=False):
            first, second = around((one, other))
            yield f"- {first}"
            yield f"+ {second}"
        yield from (f"- {_shortened(one)}" for one in removed[pairs:])
        yield from (f"+ {_shortened(one)}" for one in added[pairs:])


def around(lines: Sequence[str], longest: int = _LONGEST) -> list[str]:
    """The same place of lines that differ, cut so that it can be seen in what."""
    if all(len(one) <= longest for one in lines):
        return list(lines)
    start = _common(lines)
    end = _common([one[start:][::-1] for one in lines])
    margin = longest // 4
    found = []
    for one in lines:
        from_ = max(_word(one, start) - margin, 0)
        to = min(len(one) - end + margin, from_ + longest)
        found.append(f"{'…' if from_ else ''}{one[from_:to]}{'…' if to < len(one) else ''}")
    return found


def _word(line: str, at: int) -> int:
    """Return the start of the word at a position."""
    return line.rfind(" ", 0, at) + 1


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _common(lines: Sequence[str]) -> int:
    """Return the number of characters with which all begin."""
    count = 0
    for characters in zip(*lines, strict=False):
        if len(set(characters)) > 1:
            break
        count += 1
    return count
