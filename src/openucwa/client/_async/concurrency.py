"""Primitives of concurrency. The synchronous counterpart is written by hand, too."""

from anyio import Lock, sleep

__all__ = ["Lock", "sleep"]
