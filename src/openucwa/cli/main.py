"""openucwa: finds the command that is meant, and is the one place that ends the program.

It loads that command and no other. Whatever is imported at the top of this file or of `commands`,
`--version` and `--help` wait for.
"""

import os
import sys

from openucwa import __version__
from openucwa.cli import commands, streams
from openucwa.cli.failure import Failure

TYPE_CHECKING = False  # as in typing, without loading it
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    import typer

_COMPLETE = "_OPENUCWA_COMPLETE"
"""A shell that asks for completions sets this variable."""


def main(arguments: "Sequence[str] | None" = None) -> None:
    """Run a command. Exit status: 0 done, 1 failed, 2 something to correct in what was given."""
    streams.complete()
    try:
        _run(arguments)
    except SystemExit:
        if lost := streams.lost():
            _fail_to_write(lost)
        raise


def _run(arguments: "Sequence[str] | None") -> None:
    given, account = _account(_meant(sys.argv[1:] if arguments is None else list(arguments)))
    command = commands.find(given[0]) if given else None
    try:
        if app := _application(given, command):
            from openucwa.cli import application

            if command and command.extra == "cli":
                from openucwa.cli.person import account as accounts

                accounts.choose(account)
            sys.exit(application.run(app, given))
        _answer(given)
    except Failure as failure:
        _write_error(str(failure), prefix="" if failure.decided else _ERROR)
        _write_error(*getattr(failure, "__notes__", ()), prefix="")
        sys.exit(failure.status)
    except KeyboardInterrupt:
        sys.exit(130)
    except ModuleNotFoundError as error:
        if (error.name or "openucwa").partition(".")[0] == "openucwa":
            raise
        _fail(
            f"{command.name if command else 'This'} needs a package that is not installed "
            f"({error.name}). Run: pip install 'openucwa[{command.extra if command else 'cli'}]'"
        )
    except Exception as error:
        if lost := streams.lost(error):
            _fail_to_write(lost)
        if os.environ.get("OPENUCWA_TRACEBACK"):
            raise
        _fail(
            f"Internal error ({type(error).__name__}: {error}). Please report it, with the output "
            "that OPENUCWA_TRACEBACK=1 adds."
        )


def _meant(given: list[str]) -> list[str]:
    """Return the arguments, with `help` and `version` replaced by their options."""
    match given:
        case ["help", "help" | "version", *_]:
            return ["--help"]
        case ["help", *names]:
            return [*names, "--help"]
        case ["version"]:
            return ["--version"]
    return given


def _account(given: list[str]) -> "tuple[list[str], str | None]":
    """Return the arguments without --account, which may stand anywhere, and the account it names.

    For commands that have no account, it stays. The variable UCWA_ACCOUNT names one, too.
    """
    rest, named = _without_account(given)
    command = commands.find(rest[0]) if rest else None
    if named is not None and command and command.extra == "cli":
        return rest, named
    return given, os.environ.get("UCWA_ACCOUNT") or None


def _without_account(given: list[str]) -> "tuple[list[str], str | None]":
    end = given.index("--") if "--" in given else len(given)
    for number, one in enumerate(given[:end]):
        if one.startswith("--account="):
            return given[:number] + given[number + 1 :], one.partition("=")[2]
        if one == "--account" and number + 1 < len(given):
            return given[:number] + given[number + 2 :], given[number + 1]
    return given, None


def _application(given: list[str], command: commands.Command | None) -> "typer.Typer | None":
    """Return the Typer application; it is imported only when it has to run."""
    completion = _COMPLETE in os.environ or given[:1] in (
        ["--install-completion"],
        ["--show-completion"],
    )
    if not (completion or command):
        return None
    if command and (missing := command.missing()):
        raise ModuleNotFoundError(missing, name=missing)
    from openucwa.cli import application

    return application.of(command) if command and not completion else application.whole()


def _answer(given: list[str]) -> None:
    """Answer what names no command."""
    if not given:
        sys.stderr.write(f"{commands.overview()}\n")
        sys.exit(2)
    if given[0] == "--version":
        _print(f"openucwa {__version__}")
    elif given[0] in ("-h", "--help"):
        _print(commands.overview())
    else:
        _fail(_unknown(given[0]), 2)


def _print(text: str) -> "NoReturn":
    """Write to standard output, and end."""
    sys.stdout.write(f"{text}\n")
    sys.exit(0)


def _fail_to_write(lost: OSError) -> "NoReturn":
    """End since standard output takes nothing. The reader of a pipe may have had enough."""
    if isinstance(lost, BrokenPipeError):
        sys.exit(Failure.status)
    _fail(f"Standard output can't be written: {lost.strerror}.")


def _unknown(given: str) -> str:
    from openucwa.wire.text import near

    kind = "option" if given.startswith("-") else "command"
    names = near(given, [one.name for one in commands.all_of_them()], most=3)
    meant = f" Did you mean {' or '.join(names)}?" if names else ""
    return f"There is no {kind} {given}.{meant} See openucwa --help."


_ERROR = "Error: "


def _fail(message: str, status: int = Failure.status) -> "NoReturn":
    _write_error(message, prefix=_ERROR)
    sys.exit(status)


def _write_error(*texts: str, prefix: str) -> None:
    """Write texts to standard error, each of their lines with a prefix."""
    for line in "\n".join(texts).splitlines():
        sys.stderr.write(f"{_wrapped(f'{prefix}{line}')}\n")


def _wrapped(line: str) -> str:
    """The line, broken between words at a terminal; what reads a pipe gets it in one."""
    if not streams.error_is_terminal():
        return line
    import shutil
    import textwrap

    width = shutil.get_terminal_size().columns
    return textwrap.fill(line, max(width, 20), break_long_words=False, break_on_hyphens=False)
