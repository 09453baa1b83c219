"""SIP addresses of people (RFC 3261, section 19.1), as meetings name them."""

import re
from functools import lru_cache

LONGEST = 256

_UNESCAPED = r"[A-Za-z0-9\-_.!~*'()&=+$,;?/]"
_LABEL = "[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+"
_ADDRESS = re.compile(
    rf"""(?P<scheme>sips?):
    (?P<user>(?:{_UNESCAPED}++|%[0-9A-Fa-f]{{2}})++)
    @(?P<host>{_LABEL}(?:\.{_LABEL})*+)
    (?P<port>:[0-9]{{1,5}})?
    (?P<parameters>(?:;[A-Za-z0-9\-_.!~*'()%\[\]/:&+$=]+)*)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_UNNEEDED = {
    f"%{code:02x}": chr(code) for code in range(128) if re.fullmatch(_UNESCAPED, chr(code))
}
"""Escapes of what may stand unescaped, in lower case."""


@lru_cache(maxsize=16_384)  # a merge is about three meetings with four thousand people each
def normalise(address: str) -> str:
    """The one form in which equal addresses are equal strings: `sip:user@host` in lower case.

    It is an address itself: only what may stand unescaped is unescaped. Port and parameters name a
    way to a person and are left out. Raises ValueError when `address` is not a SIP address.
    """
    found = _ADDRESS.fullmatch(address.strip()) if len(address) <= LONGEST else None
    if found is None:
        raise ValueError(address)
    user = found["user"]
    for escape in set(_ESCAPE.findall(user)):  # each, not once more for each time that it comes
        user = user.replace(escape, _UNNEEDED.get(escape.lower(), escape))
    return f"sip:{user}@{found['host']}".lower()


def key(address: str) -> str:
    """What equal addresses share. What is no address is like nothing but itself."""
    try:
        return normalise(address)
    except ValueError:
        return address


def host(address: str) -> str:
    """The domain of an address, in lower case. Raises ValueError like normalise."""
    return normalise(address).rpartition("@")[2]
