"""Text that every format can write."""

import re

UNWRITABLE = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
"""What XML 1.0 has no way to write: most control characters, lone surrogates, two non-characters.

As ranges of a regular expression.
"""

_UNWRITABLE = re.compile(f"[{UNWRITABLE}]")


def is_writable(text: str) -> bool:
    """Whether the text can be stored and served again in every format."""
    return _UNWRITABLE.search(text) is None
