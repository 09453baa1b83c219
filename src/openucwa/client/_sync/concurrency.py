"""What the threads of one client share. Its asynchronous neighbour is written by hand, too."""

from threading import Lock
from time import sleep

__all__ = ["Lock", "sleep"]
