"""The pause before a retry: longer each time, and random."""

import random

__all__ = ["backoff"]


def backoff(failures: int, *, first: float, longest: float) -> float:
    """Seconds to wait after so many failures before this one, with full jitter.

    Any time up to `first`, doubled for each earlier failure, and at most `longest`: clients that
    were turned away at the same moment do not all come back at the same moment.
    """
    ceiling = min(first * 2.0 ** min(failures, 30), longest)
    return random.uniform(0.0, ceiling)  # noqa: S311 - to spread, not to hide
