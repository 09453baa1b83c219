"""Commands load what they need when they run, and no sooner."""

import subprocess
import sys

import pytest

HEAVY = (
    "httpx2",
    "msgspec",
    "rich",
    "dateparser",
    "icalendar",
    "keyring",
    "platformdirs",
    "textual",
    "tzlocal",
)


@pytest.mark.parametrize("command", ["login", "logout", "whoami", "meeting", "chat", "events"])
def test_the_help_of_a_command_loads_nothing_but_the_command(command: str) -> None:
    code = (
        "import sys\n"
        "from openucwa.cli.main import main\n"
        f"try: main([{command!r}, '--help'])\n"
        f"finally: print([one for one in {HEAVY!r} if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.endswith("\n[]\n")
