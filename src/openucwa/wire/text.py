"""Text that every format can write."""

import re

UNWRITABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""Characters that XML 1.0 can't hold: most control characters, surrogates, two non-characters.

As ranges of a regular expression.
"""

_UNWRITABLE = re.compile(f"[{UNWRITABLE}]")


def is_writable(text: str) -> bool:
    """Return whether the text can be stored, and served in every format."""
    return _UNWRITABLE.search(text) is None
