"""The command line as a whole."""

import subprocess
import sys

import pytest

from openucwa import __version__
from openucwa.cli import config
from tests.cli.conftest import Run

SERVER = (
    "argon2",
    "limits",
    "pydantic_settings",
    "python_multipart",
    "starlette",
    "structlog",
    "uvicorn",
    "uvloop",
    "yoyo",
)


def test_tells_its_version(run: Run) -> None:
    assert run("--version").out == f"openucwa {__version__}\n"


def run_apart(code: str) -> "subprocess.CompletedProcess[str]":
    """Run code, which has `main`, in a process of its own."""
    code = f"import sys\nfrom openucwa.cli.main import main\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["user", "add", "--help"]])
def test_what_needs_no_server_imports_no_server(arguments: list[str]) -> None:
    done = run_apart(
        f"try: main({arguments!r})\n"
        f"finally: print([name for name in {SERVER!r} if name in sys.modules])"
    )
    assert done.returncode == 0
    assert done.stdout.endswith("\n[]\n")


@pytest.mark.parametrize(
    "arguments", [["serve"], ["config"], ["user", "list"], ["user", "disable", "sip:a@b.c"]]
)
def test_without_the_server_it_says_how_to_install_it(arguments: list[str]) -> None:
    done = run_apart(f"for name in {SERVER!r}: sys.modules[name] = None\nmain({arguments!r})")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: This needs the server")
    assert "pip install 'openucwa[server]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["serv"],
        ["serve", "--prot", "1"],
        ["user", "add"],
        ["user", "add", "sip:alex@contoso.com"],
        ["user", "add", "sip:alex@contoso.com", "--name", "Alex", "--password", "x"],
        ["user", "disable"],
        ["user", "remove", "sip:alex@contoso.com"],
    ],
)
def test_wrong_usage_is_status_2(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert "Error: " in done.err


def test_a_mistake_of_the_program_is_told_in_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("lost")

    monkeypatch.setattr(config, "_rows", fail)
    done = run("config")
    assert done.status == 1
    assert done.err == (
        "Error: This should not have happened (RuntimeError: lost). Please report it, with what "
        "OPENUCWA_TRACEBACK=1 shows.\n"
    )
    monkeypatch.setenv("OPENUCWA_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="lost"):
        run("config")
