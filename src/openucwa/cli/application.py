"""The commands as typer runs them."""

import importlib
import sys
from contextlib import suppress

import typer
from typer.exceptions import TyperException

from openucwa.cli import commands
from openucwa.cli.commands import Command
from openucwa.cli.failure import WrongInput


def of(command: Command) -> typer.Typer:
    """`openucwa` with that one command. Raises ModuleNotFoundError if its extra is missing."""
    app = _empty(completion=False)
    _add(app, command)
    return app


def whole() -> typer.Typer:
    """`openucwa` with all commands whose extras are installed: what completion has to know."""
    app = _empty(completion=True)
    for command in commands.all_of_them():
        with suppress(ModuleNotFoundError):
            _add(app, command)
    return app


def run(app: typer.Typer, given: list[str]) -> int:
    """Run what was given, and return the exit status. Raises WrongInput if it has no meaning."""
    try:
        status: int | None = app(args=given, prog_name="openucwa", standalone_mode=False)
        return status or 0
    except typer.Abort:  # the input has ended at a question
        sys.stderr.write("Stopped.\n")
        return 1
    except TyperException as error:
        context = getattr(error, "ctx", None)
        message = getattr(error, "format_message", error.__str__)()
        if context is None:
            raise WrongInput(message) from None
        if message.startswith("Usage:"):  # a group without a command
            sys.stderr.write(f"{message}\n")
            return WrongInput.status
        sentence = message.replace("Value error, ", "").rstrip(". ")
        end = "" if sentence.endswith("?") else "."
        raise WrongInput(f"{sentence}{end} See {context.command_path} --help.") from None


def _empty(*, completion: bool) -> typer.Typer:
    app = typer.Typer(
        name="openucwa",
        add_completion=completion,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    return app


def _options() -> None:
    """Without a callback, typer would leave out the name of a command that is alone."""


def _add(app: typer.Typer, command: Command) -> None:
    module = importlib.import_module(command.module)
    if hasattr(module, "app"):
        app.add_typer(module.app, name=command.name, short_help=command.summary)
    else:
        app.command(command.name, short_help=command.summary)(module.command)
