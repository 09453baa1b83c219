"""The merge of two changes of one text, line by line (a diff3).

What both texts have kept of the base divides all three into parts; of each part, the side is taken
that has changed it. Lines are matched at those that stand once in both texts, and around them. So a
text may be anything: its time grows with its length, n log n at worst.

How a line ends (LF, CRLF or CR) is no part of it. A merged text has one kind of line end: the one
that a side has changed to, else that of the base.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

Lines = Sequence[str]
Part = tuple[Lines, Lines, Lines]
"""The same place in the base, in mine and in theirs."""

_END = re.compile("\r\n|\n|\r")


def split(text: str) -> list[str]:
    """Return the lines of a text without their ends; the last one has none."""
    return _END.split(text)


def with_ends_of(model: str, text: str) -> str:
    """Return the text with the line ends that another one has."""
    return (_usual_end(model) or "\n").join(split(text))


def combined_lines(base: str, mine: str, theirs: str) -> str | None:
    """Return the base with the changes of both; None where both have changed the same lines.

    Which of the two is mine makes no difference.
    """
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    combined: list[str] = []
    for part in parts(base, mine, theirs):
        chosen = decided(part)
        if chosen is None:
            return None
        combined += chosen
    return _end(base, mine, theirs).join(combined)


def decided(part: Part) -> Lines | None:
    """Return the lines of the side that has changed a part; None if both have, differently."""
    was, wanted, is_now = part
    if wanted in (was, is_now):
        return is_now
    return wanted if is_now == was else None


def parts(base: str, mine: str, theirs: str) -> Iterator[Part]:
    """Divide three texts: a part is a line that all have, or what lies between two such lines."""
    b_lines, m_lines, t_lines = split(base), split(mine), split(theirs)
    in_mine, in_theirs = _matches(b_lines, m_lines), _matches(b_lines, t_lines)
    b = m = t = 0
    for kept, line in enumerate(b_lines):
        if kept in in_mine and kept in in_theirs:
            yield b_lines[b:kept], m_lines[m : in_mine[kept]], t_lines[t : in_theirs[kept]]
            yield [line], [line], [line]
            b, m, t = kept + 1, in_mine[kept] + 1, in_theirs[kept] + 1
    yield b_lines[b:], m_lines[m:], t_lines[t:]


def _end(base: str, mine: str, theirs: str) -> str:
    """The line end of the merged text. If each side has another new one, CRLF goes before LF."""
    before = _usual_end(base)
    wanted, is_now = _usual_end(mine) or before, _usual_end(theirs) or before
    if wanted in (before, is_now):
        return is_now or "\n"
    if is_now == before:
        return wanted or "\n"
    return "\r\n" if "\r\n" in (wanted, is_now) else "\n"


def _usual_end(text: str) -> str:
    """The line end that most lines of a text have; empty if it is a single line."""
    counts = Counter(_END.findall(text))
    return max(counts, key=lambda end: (counts[end], end), default="")


def _matches(base: Lines, other: Lines) -> dict[int, int]:
    """Which lines of `base` the other text has kept, and where: both numbers grow together."""
    matches: dict[int, int] = {}
    ends = len(base), len(other)
    here = there = -1
    for next_here, next_there in (*_anchors(base, other), ends):
        # Around a line that was kept, its neighbours were kept as far as they are the same.
        while (
            here + 1 < next_here and there + 1 < next_there and base[here + 1] == other[there + 1]
        ):
            here, there = here + 1, there + 1
            matches[here] = there
        first, last = next_here, next_there
        while here < first - 1 and there < last - 1 and base[first - 1] == other[last - 1]:
            first, last = first - 1, last - 1
            matches[first] = last
        here, there = next_here, next_there
        if (here, there) != ends:
            matches[here] = there
    return matches


def _anchors(base: Lines, other: Lines) -> Sequence[tuple[int, int]]:
    """As many lines as stand once in each of the two, and in the same order in both."""
    once_in_base, once_in_other = _once(base), _once(other)
    return _longest_rising(
        [(at, once_in_other[line]) for line, at in once_in_base.items() if line in once_in_other]
    )


def _once(lines: Lines) -> dict[str, int]:
    """The lines that stand there once, in their order, and where."""
    counts = Counter(lines)
    return {line: at for at, line in enumerate(lines) if counts[line] == 1}


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """The most of these pairs, which rise in their first number, that rise in the second, too."""
    ends: list[int] = []  # the smallest second number with which so many rising pairs can end
    ending: list[int] = []  # the pair that has it
    before: list[int] = []  # of each pair, the one that comes before it
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before.append(ending[length - 1] if length else -1)
        ends[length : length + 1] = [second]
        ending[length : length + 1] = [index]
    found: list[tuple[int, int]] = []
    index = ending[-1] if ending else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]
