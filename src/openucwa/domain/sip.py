"""SIP addresses of people (RFC 3261, section 19.1), as meetings name them."""

import re
from urllib.parse import unquote

LONGEST = 256

_ADDRESS = re.compile(
    r"""(?P<scheme>sips?):
    (?P<user>(?:[A-Za-z0-9\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+)
    @(?P<host>[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)*)
    (?P<port>:[0-9]{1,5})?
    (?P<parameters>(?:;[A-Za-z0-9\-_.!~*'()%\[\]/:&+$=]+)*)""",
    re.VERBOSE | re.IGNORECASE,
)


def normalise(address: str) -> str:
    """The one form in which equal addresses are equal strings: `sip:user@host` in lower case.

    Port and parameters name a way to a person and are left out. Raises ValueError when `address` is
    not a SIP address.
    """
    found = _ADDRESS.fullmatch(address.strip()) if len(address) <= LONGEST else None
    if found is None:
        raise ValueError(address)
    return f"sip:{unquote(found['user'])}@{found['host']}".lower()


def host(address: str) -> str:
    """The domain of an address, in lower case. Raises ValueError like normalise."""
    return normalise(address).rpartition("@")[2]
