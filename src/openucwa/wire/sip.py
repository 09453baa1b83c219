"""SIP addresses of people (RFC 3261, section 19.1), as meetings name them."""

import re
from functools import lru_cache

LONGEST = 256

_UNESCAPED = r"[A-Za-z0-9\-_.!~*'()&=+$,;?/]"
_ADDRESS = re.compile(
    rf"""(?P<scheme>sips?):
    (?P<user>(?:{_UNESCAPED}|%[0-9A-Fa-f]{{2}})+)
    @(?P<host>[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)*)
    (?P<port>:[0-9]{{1,5}})?
    (?P<parameters>(?:;[A-Za-z0-9\-_.!~*'()%\[\]/:&+$=]+)*)""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")


@lru_cache(maxsize=4096)
def normalise(address: str) -> str:
    """The one form in which equal addresses are equal strings: `sip:user@host` in lower case.

    It is an address itself: only what may stand unescaped is unescaped. Port and parameters name a
    way to a person and are left out. Raises ValueError when `address` is not a SIP address.
    """
    found = _ADDRESS.fullmatch(address.strip()) if len(address) <= LONGEST else None
    if found is None:
        raise ValueError(address)
    user = _ESCAPE.sub(_unescaped, found["user"])
    return f"sip:{user}@{found['host']}".lower()


def key(address: str) -> str:
    """What equal addresses share. What is no address is like nothing but itself."""
    try:
        return normalise(address)
    except ValueError:
        return address


def _unescaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if re.fullmatch(_UNESCAPED, character) else escape[0]


def host(address: str) -> str:
    """The domain of an address, in lower case. Raises ValueError like normalise."""
    return normalise(address).rpartition("@")[2]
