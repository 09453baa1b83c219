"""The command line as a whole."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from openucwa import __version__
from openucwa.cli import commands, config
from openucwa.cli.commands import Command
from tests.cli.conftest import Run

MAIN = "from openucwa.cli.main import main; main()"

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


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_its_help_names_every_command_in_80_columns(run: Run, option: str) -> None:
    lines = run(option).out.splitlines()
    for command in commands.all_of_them():
        (line,) = (one for one in lines if one.startswith(f"  {command.name} "))
        assert line.endswith(command.summary)
    assert max(map(len, lines)) <= 80


def test_alone_it_shows_its_help_and_fails(run: Run) -> None:
    done = run()
    assert done.status == 2
    assert done.err == run("--help").out


def run_apart(code: str) -> "subprocess.CompletedProcess[str]":
    """Run code, which has `main`, in a process of its own."""
    code = f"import sys\nfrom openucwa.cli.main import main\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], []])
def test_without_a_command_it_imports_its_table_of_commands_alone(arguments: list[str]) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys\n"
            "before = set(sys.modules)\n"
            "from openucwa.cli.main import main\n"
            f"try: main({arguments!r})\n"
            "finally: print(*sorted(sys.modules.keys() - before))",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1].split() == [
        "errno",
        "openucwa",
        "openucwa.cli",
        "openucwa.cli.commands",
        "openucwa.cli.failure",
        "openucwa.cli.main",
        "openucwa.cli.streams",
    ]


@pytest.mark.parametrize("command", commands.all_of_them(), ids=lambda one: one.name)
def test_a_command_is_found_where_the_table_says(run: Run, command: Command) -> None:
    module = importlib.import_module(command.module)
    assert isinstance(getattr(module, "app", None), typer.Typer) or callable(module.command)
    usage = "COMMAND [ARGUMENTS]" if hasattr(module, "app") else "[OPTIONS]"
    assert run(command.name, "--help").out.startswith(f"Usage: openucwa {command.name} {usage}")


def test_a_command_loads_no_other() -> None:
    done = run_apart(
        "try: main(['config', '--help'])\n"
        "finally: print([n for n in ('serve', 'user') if f'openucwa.cli.{n}' in sys.modules])"
    )
    assert done.stdout.endswith("\n[]\n")


def test_the_help_of_the_servers_commands_imports_no_server() -> None:
    done = run_apart(
        "try: main(['user', 'add', '--help'])\n"
        f"finally: print([name for name in {SERVER!r} if name in sys.modules])"
    )
    assert done.returncode == 0
    assert done.stdout.endswith("\n[]\n")


@pytest.mark.parametrize("command", commands.all_of_them(), ids=lambda one: one.name)
def test_without_what_a_command_needs_it_says_how_to_install_it(command: Command) -> None:
    packages = [*SERVER, "dateparser", "icalendar", "keyring", "platformdirs", "rich", "typer"]
    done = run_apart(
        f"for name in {packages!r}: sys.modules[name] = None\nmain([{command.name!r}])"
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: {command.name} needs a package that is not installed (typer). "
        f"Run: pip install 'openucwa[{command.extra}]'\n"
    )


@pytest.mark.parametrize(
    "arguments", [["serve"], ["config"], ["user", "list"], ["user", "disable", "sip:a@b.c"]]
)
def test_without_the_server_it_says_how_to_install_it(arguments: list[str]) -> None:
    done = run_apart(f"for name in {SERVER!r}: sys.modules[name] = None\nmain({arguments!r})")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {arguments[0]} needs a package that is not installed (")
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
        ["user", "rename", "sip:alex@contoso.com"],
    ],
)
def test_wrong_usage_is_status_2(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert "Error: " in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serv"], "There is no command serv. Did you mean serve or user? See openucwa --help."),
        (["usage"], "There is no command usage. See openucwa --help."),
        (["xyzzy"], "There is no command xyzzy. See openucwa --help."),
        (["--foo", "serve"], "There is no option --foo. See openucwa --help."),
    ],
)
def test_what_is_unknown_is_told_with_what_may_be_meant(
    run: Run, arguments: list[str], said: str
) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert done.err == f"Error: {said}\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [("openucwa ", [one.name for one in commands.all_of_them()]), ("openucwa user l", ["list"])],
)
def test_a_shell_completes_commands(words: str, found: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAIN],
        env=os.environ
        | {
            "_OPENUCWA_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert sorted(done.stdout.split()) == sorted(found)


def test_completion_is_installed_for_the_shell(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -c {MAIN!r} --install-completion; true"],
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "completion installed" in done.stdout, done.stderr
    assert "_OPENUCWA_COMPLETE=complete_bash" in (
        tmp_path / ".bash_completions" / "openucwa.sh"
    ).read_text(encoding="utf-8")


def test_whoever_reads_may_stop_reading() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "--help"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_mistake_of_the_program_is_told_in_a_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("lost")

    monkeypatch.setattr(config, "_lines", fail)
    done = run("config")
    assert done.status == 1
    assert done.err == (
        "Error: Internal error (RuntimeError: lost). Please report it, with the output that "
        "OPENUCWA_TRACEBACK=1 adds.\n"
    )
    monkeypatch.setenv("OPENUCWA_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="lost"):
        run("config")


@pytest.mark.parametrize("package", commands.PACKAGES["cli"])
def test_login_says_what_is_missing_before_it_asks_for_the_password(package: str) -> None:
    code = f"sys.modules[{package!r}] = None\nmain(['login', 'dana@contoso.com'])"
    done = run_apart(code)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: login needs a package that is not installed ({package}). "
        "Run: pip install 'openucwa[cli]'\n"
    )


@pytest.mark.parametrize(
    ("given", "same"),
    [
        (["help"], ["--help"]),
        (["version"], ["--version"]),
        (["help", "meeting", "view"], ["meeting", "show", "--help"]),
        (["meeting", "create", "--help"], ["meeting", "schedule", "--help"]),
        (["meeting", "delete", "--help"], ["meeting", "cancel", "--help"]),
        (["help", "meeting"], ["meeting", "--help"]),
        (["help", "help"], ["--help"]),
        (["help", "version"], ["--help"]),
        (["meeting", "help"], ["meeting", "--help"]),
        (["meeting", "help", "help"], ["meeting", "--help"]),
        (["meeting", "help", "show"], ["meeting", "show", "--help"]),
        (["meeting", "help", "create"], ["meeting", "schedule", "--help"]),
        (["--account", "dana", "session", "help", "end"], ["session", "end", "--help"]),
        (["user", "help"], ["user", "--help"]),
        (["database", "help"], ["database", "--help"]),
    ],
)
def test_what_people_try_first_is_understood(run: Run, given: list[str], same: list[str]) -> None:
    done = run(*given)
    assert done.status == 0
    assert done == run(*same)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["meeting", "lst"], "No such command 'lst'. Did you mean 'list'? See openucwa meeting"),
        (["meeting", "show"], "Missing argument 'ID'. See openucwa meeting show"),
        (["meeting", "list", "--limt", "3"], "No such option: --limt (Possible options: --limit)."),
        (["meeting", "list", "--limit", "0"], "Invalid value for '--limit' / '-n': Input"),
        (
            ["meeting", "update", "A", "--on-conflict", "x"],
            "Invalid value for '--on-conflict': 'x'",
        ),
        (["help", "nothing"], "There is no command nothing."),
        (["meeting", "help", "nothing"], "No such command 'nothing'. See openucwa meeting"),
    ],
)
def test_all_errors_look_alike(run: Run, given: list[str], message: str) -> None:
    done = run(*given)
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith(f"Error: {message}")
    assert done.err.count("\n") == 1
    assert done.err.endswith(" --help.\n")


@pytest.mark.parametrize("group", ["meeting", "session", "delegate", "user", "database"])
def test_the_help_of_a_group_looks_like_that_of_all(run: Run, group: str) -> None:
    help = run(group, "--help").out
    assert help.startswith(f"Usage: openucwa {group} COMMAND [ARGUMENTS]\n")
    commands, options = help.split("\n\nCommands:\n")[1].split("\n\nOptions:\n")
    lines = commands.splitlines()
    assert all(len(line) <= 80 and line.endswith(".") for line in lines), lines
    assert "..." not in commands
    assert options.split() == run("--help").out.splitlines()[-1].split()
