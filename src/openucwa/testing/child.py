"""The process of a server under test: `openucwa`, which ends when whoever started it has gone."""

import os
import threading
from importlib.metadata import entry_points

_STANDARD_INPUT = 0


def _end_with_parent() -> None:
    """Wait until standard input is closed: also he who is killed lets go of it."""
    while os.read(_STANDARD_INPUT, 1024):  # not sys.stdin, which Python wants to lock at its end
        pass
    os._exit(0)


def main() -> None:
    """Run the program that is installed under that name."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    program = next(iter(entry_points(group="console_scripts", name="openucwa")))
    program.load()()


if __name__ == "__main__":
    main()
