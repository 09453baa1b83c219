"""Passwords, as argon2id hashes."""

import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

# What OWASP's Password Storage Cheat Sheet recommends: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
# Of a password that nobody knows. Ready-made, so that its first use takes no longer either.
_NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$kKdDq+7WnVeFtvB8+NJwIg$86jDbMmO2ffgF1kvlli2DYSHi7R7ljZ2/E8uy4nmMec"
)


def hash(password: str) -> str:
    """The hash of a password, with a salt of its own.

    Raises UnicodeEncodeError when `password` can't be written in UTF-8.
    """
    return _hasher.hash(_composed(password))


def verify(hash: str, password: str) -> bool:
    """Whether `password` is the one of `hash`; False for a hash that is none.

    An empty hash is of no password, but finding that out takes as long.
    """
    try:
        _hasher.verify(hash or _NOBODYS, _composed(password))
    except (VerificationError, ValueError):
        return False
    return bool(hash)


def _composed(password: str) -> str:
    """The form in which é is one character, whichever way a keyboard makes it (RFC 8265)."""
    return unicodedata.normalize("NFC", password)
