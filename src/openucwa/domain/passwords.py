"""Passwords: which ones are good enough, and their argon2id hashes."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerificationError

SHORTEST = 8
"""Characters, as NIST SP 800-63B has it."""
LONGEST = 1024
"""Characters. Composing takes time by the square of the length, and Python stands still for it."""

# What OWASP's Password Storage Cheat Sheet recommends: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
# Of a password that nobody knows. Ready-made, so that its first use takes no longer either.
_NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$kKdDq+7WnVeFtvB8+NJwIg$86jDbMmO2ffgF1kvlli2DYSHi7R7ljZ2/E8uy4nmMec"
)


def check(password: str, about: Iterable[str] = ()) -> None:
    """Raise ValueError, which says what the password must be, for one that is soon guessed.

    `about` is what others know of its user: the address, the name.
    """
    if len(password) > LONGEST:
        raise ValueError(f"must have at most {LONGEST} characters")
    plain = _composed(password).casefold().strip()
    if len(plain) < SHORTEST:
        raise ValueError(f"must have at least {SHORTEST} characters")
    if plain in _common():
        raise ValueError("must not be a common one, because attackers try those first")
    known = {part.casefold() for one in about for part in (one, one.partition("@")[0])}
    if plain in known or _letters(plain) in {_letters(one) for one in known} - {""}:
        raise ValueError("must not be the name or the address of its user")
    if len(set(plain)) == 1:
        raise ValueError("must not be one character repeated")


def _letters(text: str) -> str:
    """Return the letters and digits alone: DanaBirkby is as easy to guess as Dana Birkby."""
    return "".join(filter(str.isalnum, text))


@cache
def _common() -> frozenset[str]:
    """Return the passwords that are found most often in published leaks, in lower case."""
    text = resources.files("openucwa.domain").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(text.split("\n"))


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
