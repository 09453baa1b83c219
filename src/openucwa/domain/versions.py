"""Version numbers, which clients know as entity tags."""

import random

_FIRST_BITS = 31
_STEP_BITS = 24


def first_version() -> int:
    """The version of something new."""
    return 1 + random.getrandbits(_FIRST_BITS)


def next_version(version: int) -> int:
    """The version after `version`: always larger, so that no tag ever comes back.

    The step is random, so that a database that was restored from a backup does not give the tags of
    its lost future to other contents.
    """
    return version + 1 + random.getrandbits(_STEP_BITS)
