"""Text that every format can write, and words that are spelled alike."""

import re
from collections.abc import Iterable

UNWRITABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""Characters that XML 1.0 can't hold: most control characters, surrogates, two non-characters.

As ranges of a regular expression.
"""

_BEGINNING = 3
"""Letters that a beginning needs to count as near."""
_LIKENESS = 0.7
"""Of two words that are spelled alike, as difflib counts it: "evryone" and "everyone" have 0.93."""

_JOINERS = "\u200c\u200d"
_UNWRITABLE = re.compile(f"[{UNWRITABLE}]")


def is_writable(text: str) -> bool:
    """Return whether the text can be stored, and served in every format."""
    return _UNWRITABLE.search(text) is None


def one_line(text: str) -> str:
    """Return a name of somebody's choice without what steers a terminal, or is not to be seen.

    Joiners stay, since letters of some scripts need them.
    """
    shown = "".join(one if one.isprintable() or one in _JOINERS else " " for one in text)
    found = " ".join(shown.split())
    return found if any(one not in _JOINERS for one in found) else ""


def near(typed: str, words: Iterable[str], *, most: int = 1) -> list[str]:
    """Return the words of which `typed` may be a misspelling or the beginning, in any case.

    The nearest comes first. Words that share a few letters only are not near.
    """
    from difflib import get_close_matches  # here, since it is seldom needed

    typed = typed.strip().lower()
    spelled = {one.lower(): one for one in words}
    begun = [one for one in spelled if len(typed) >= _BEGINNING and one.startswith(typed)]
    found = [*get_close_matches(typed, spelled, n=most, cutoff=_LIKENESS), *begun]
    return [spelled[one] for one in dict.fromkeys(found)][:most]
