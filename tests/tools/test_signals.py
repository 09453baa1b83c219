"""The processes that tests run in."""

import signal
import subprocess


def test_what_tests_start_ends_on_ctrl_c() -> None:
    """Also where the shell ignores it for pytest itself, as for `make test &`."""
    done = subprocess.run(["sh", "-c", "kill -INT $$; sleep 1"], check=False)
    assert done.returncode == -signal.SIGINT
