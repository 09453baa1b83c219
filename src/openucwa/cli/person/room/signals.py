"""The signals by which a room is left: the window was closed, or the program is told to end."""

import signal

__all__ = ["ENDS", "heed"]

ENDS = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # Windows has no SIGHUP


def heed() -> None:
    """Let these signals interrupt the program, as Ctrl+C does, so that it leaves."""
    for number in ENDS:
        signal.signal(number, signal.default_int_handler)
