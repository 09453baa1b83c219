"""Standard input, output and error, whatever they are connected to."""

import errno
import os
import sys
from io import UnsupportedOperation

_OF_OUTPUT = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT})
"""Errors of an output that takes nothing, or nothing any more."""


def complete() -> None:
    """Connect what is closed to nothing, so that no file that is opened later takes its place."""
    for number, mode in ((0, "r"), (1, "w"), (2, "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
        name = ("stdin", "stdout", "stderr")[number]
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def input_is_terminal() -> bool:
    """Return whether a person types standard input."""
    return sys.stdin.isatty()


def output_is_terminal() -> bool:
    """Return whether a person reads standard output."""
    return sys.stdout.isatty()


def error_is_terminal() -> bool:
    """Return whether a person reads standard error."""
    return sys.stderr.isatty()


def lost(error: BaseException | None = None) -> OSError | None:
    """Return the error that keeps output from being written; None if all of it was.

    `error` is what has ended the program: an output without a buffer raises it but once, so another
    line is tried. What is left to write is dropped: Python would try again at its end and complain.
    """
    try:
        sys.stdout.flush()
        if isinstance(error, OSError) and error.errno in _OF_OUTPUT and error.filename is None:
            os.write(sys.stdout.fileno(), b"\n")
    except UnsupportedOperation:  # it leads to no file
        return None
    except OSError as found:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return found
    return None
