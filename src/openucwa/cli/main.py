"""openucwa: the command line, and the one place that ends the program."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from openucwa import __version__
from openucwa.cli import config, copy, migrate, serve, user
from openucwa.cli.failure import Failure

app = typer.Typer(
    name="openucwa",
    help="An open server for UCWA 2.0, the Unified Communications Web API.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.command)
app.add_typer(user.app, name="user")
app.command("config")(config.command)
app.command("migrate")(migrate.command)
app.add_typer(copy.app, name="database")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"openucwa {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. Exit status: 0 done, 1 failed, 2 something to correct in what was given."""
    try:
        app(args=arguments, prog_name="openucwa")
    except Failure as failure:
        _fail(str(failure), failure.status)
    except ModuleNotFoundError as error:
        if (error.name or "openucwa").partition(".")[0] == "openucwa":
            raise
        _fail(f"This needs the server ({error.name} is missing): pip install 'openucwa[server]'")
    except Exception as error:
        if os.environ.get("OPENUCWA_TRACEBACK"):
            raise
        _fail(
            f"This should not have happened ({type(error).__name__}: {error}). Please report it, "
            "with what OPENUCWA_TRACEBACK=1 shows."
        )


def _fail(message: str, status: int = Failure.status) -> NoReturn:
    for line in message.splitlines():
        typer.echo(f"Error: {line}", err=True)
    sys.exit(status)
