"""The name of this machine, which tells a person's devices apart in the history of a meeting."""

import os
import re

from openucwa import __version__

VARIABLE = "UCWA_DEVICE"
"""The environment variable that names this machine instead of its host name; empty for no name."""
_LONGEST = 40
_NAMELESS = ("localhost",)


def name() -> str:
    """Return the host name without its domain, or what the variable says; empty if it has none."""
    chosen = os.environ.get(VARIABLE)
    if chosen is None:
        import socket  # here, since it is slow to import

        label = re.sub(r"[^A-Za-z0-9_-]", "", socket.gethostname().partition(".")[0])
        chosen = "" if label.lower() in _NAMELESS else label
    return "".join(filter(str.isprintable, chosen)).strip()[:_LONGEST]


def application_name() -> str:
    """Return the name of the application that the commands use, as others read it."""
    return f"openucwa on {device}" if (device := name()) else f"openucwa/{__version__}"
