"""Primitives of concurrency. The asynchronous counterpart is written by hand, too."""

from threading import Lock
from time import sleep

__all__ = ["Lock", "sleep"]
