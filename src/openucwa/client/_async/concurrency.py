"""What the tasks of one client share. Its synchronous neighbour is written by hand, too."""

from anyio import Lock, sleep

__all__ = ["Lock", "sleep"]
