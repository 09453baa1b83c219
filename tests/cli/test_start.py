"""What a server does not import when it starts, since that would take long."""

import subprocess
import sys

START = """
import sys
from openucwa.cli import serve
serve._import_structlog()
import openucwa.cli.server
from openucwa.store import sqlite
print(*({"rich", "pygments", "psycopg"} & set(sys.modules)))
import rich
"""


def test_a_server_starts_without_what_it_does_not_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("\n", "")
