"""SIP addresses of people (RFC 3261, section 19.1), as meetings name them."""

import re
from functools import lru_cache

LONGEST = 256

_UNESCAPED = r"A-Za-z0-9\-_.!~*'()&=+$,;?/"
_LABEL = "[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+"
_ADDRESS = re.compile(
    rf"""(?P<scheme>sips?):
    (?P<user>[{_UNESCAPED}%]++)
    @(?P<host>{_LABEL}(?:\.{_LABEL})*+)
    (?P<port>:[0-9]{{1,5}})?
    (?P<parameters>(?:;[A-Za-z0-9\-_.!~*'()%\[\]/:&+$=]+)*)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_NEEDED = {
    code: f"%{code:02x}" for code in range(256) if not re.match(f"[{_UNESCAPED}]", chr(code))
}
"""Escapes of what may not stand unescaped."""


@lru_cache(maxsize=16_384)  # a merge is about three meetings with four thousand people each
def normalise(address: str) -> str:
    """The one form in which equal addresses are equal strings: `sip:user@host` in lower case.

    It is an address itself: only what may stand unescaped is unescaped. Port and parameters name a
    way to a person and are left out. Raises ValueError when `address` is not a SIP address.
    """
    found = _ADDRESS.fullmatch(address.strip()) if len(address) <= LONGEST else None
    if found is None:
        raise ValueError(address)
    user, host = found.group("user", "host")
    if "%" in user:
        # Python's own escapes are decoded at once, and a meeting may have 4,000 such addresses. An
        # escape that is none is a UnicodeDecodeError, which is a ValueError.
        user = user.replace("%", r"\x").encode().decode("unicode_escape").translate(_NEEDED)
    return f"sip:{user}@{host}".lower()


def key(address: str) -> str:
    """Return a key that equal addresses share. Text that is no address has a key of its own."""
    try:
        return normalise(address)
    except ValueError:
        return address


def host(address: str) -> str:
    """The domain of an address, in lower case. Raises ValueError like normalise."""
    return normalise(address).rpartition("@")[2]
