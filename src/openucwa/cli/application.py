"""The commands as typer runs them."""

import importlib
from contextlib import suppress

import typer

from openucwa.cli import commands
from openucwa.cli.commands import Command


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
