"""Passwords, as argon2id hashes."""

import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

LONGEST = 1024
"""Characters. Composing takes time by the square of the length, and Python stands still for it."""

# What OWASP's Password Storage Cheat Sheet recommends: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
# Of a password that nobody knows. Ready-made, so that its first use takes no longer either.
_NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$kKdDq+7WnVeFtvB8+NJwIg$86jDbMmO2ffgF1kvlli2DYSHi7R7ljZ2/E8uy4nmMec"
)


def hash(password: str) -> str:
    """The hash of a password, with a salt of its own.

    Raises ValueError when `password` is too long, UnicodeEncodeError when UTF-8 can't write it.
    """
    return _hasher.hash(_composed(password))


def verify(hash: str, password: str) -> bool:
    """Return whether `hash` is of `password`; False for what is no hash, or too long a password.

    An empty hash is of no password, but finding that out takes as long.
    """
    try:
        _hasher.verify(hash or _NOBODYS, _composed(password))
    except (VerificationError, ValueError):
        return False
    return bool(hash)


def _composed(password: str) -> str:
    """Return the form in which é is one character, however it was typed (RFC 8265).

    Raises ValueError when `password` is too long.
    """
    if len(password) > LONGEST:
        raise ValueError(f"A password has at most {LONGEST} characters.")
    return unicodedata.normalize("NFC", password)
