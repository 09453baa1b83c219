"""The merge of two changes of one text, line by line (a diff3).

What both texts have kept of the base divides all three into parts; of each part, the side is taken
that has changed it. Lines are matched at those that stand once in both texts, and around them. So a
text may be anything: its time grows with its length, n log n at worst.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

_Lines = Sequence[str]


def combined_lines(base: str, mine: str, theirs: str) -> str | None:
    """The base with the changes of both; None where both have changed the same lines.

    Which of the two is mine makes no difference.
    """
    combined: list[str] = []
    for was, wanted, is_now in _parts(base.split("\n"), mine.split("\n"), theirs.split("\n")):
        if wanted in (was, is_now):
            combined += is_now
        elif is_now == was:
            combined += wanted
        else:
            return None
    return "\n".join(combined)


def _parts(base: _Lines, mine: _Lines, theirs: _Lines) -> Iterator[tuple[_Lines, _Lines, _Lines]]:
    """The three texts part by part: a line that all have, or what lies between two such lines."""
    in_mine, in_theirs = _matches(base, mine), _matches(base, theirs)
    b = m = t = 0
    for kept, line in enumerate(base):
        if kept in in_mine and kept in in_theirs:
            yield base[b:kept], mine[m : in_mine[kept]], theirs[t : in_theirs[kept]]
            yield [line], [line], [line]
            b, m, t = kept + 1, in_mine[kept] + 1, in_theirs[kept] + 1
    yield base[b:], mine[m:], theirs[t:]


def _matches(base: _Lines, other: _Lines) -> dict[int, int]:
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


def _anchors(base: _Lines, other: _Lines) -> Sequence[tuple[int, int]]:
    """As many lines as stand once in each of the two, and in the same order in both."""
    once_in_base, once_in_other = _once(base), _once(other)
    return _longest_rising(
        [(at, once_in_other[line]) for line, at in once_in_base.items() if line in once_in_other]
    )


def _once(lines: _Lines) -> dict[str, int]:
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
