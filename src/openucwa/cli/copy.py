"""openucwa database: backups, and moving an installation to another database."""

from pathlib import Path
from typing import Annotated

import typer

from openucwa.cli import backup, output, tables
from openucwa.cli.failure import WrongInput
from openucwa.cli.group import Group

app = typer.Typer(
    help="Back up, restore or copy the database. (To change its schema: openucwa migrate.)",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)

_FILE = "openucwa.sqlite3"


app.command("backup")(backup.back_up)
app.command("restore")(backup.restore)


@app.command("copy")
def copy(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="A data directory, or postgresql://….")
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TO", help="A directory without a database, or an empty PostgreSQL database."
        ),
    ],
) -> None:
    """Copy all data to another database, and compare every row.

    Stop all servers first. The copy is one transaction, and FROM is not changed. Tokens,
    applications and event channels continue to work, so clients only notice a pause.
    """
    from openucwa.cli.database import failures
    from openucwa.store.copying.copy import copy as copy_all
    from openucwa.store.schema import name_of

    here, there = _location("FROM", source), _location("TO", target)
    if here == there:
        raise WrongInput(
            "FROM and TO are the same. Name another directory or database for the copy."
        )
    with failures(), output.progress() as tell:
        counts = copy_all(here, there, tell)
    tables.show(("table", "rows"), (((name, f"{rows}"), "") for name, rows in counts.items()))
    typer.echo(
        f"Copied {name_of(here)} to {name_of(there)}, {sum(counts.values())} rows, and verified "
        "each row. Run the servers only on the copy from now on."
    )


def _location(name: str, given: str) -> Path | str:
    """The database that the argument of that name gives. Raises WrongInput."""
    from openucwa.settings import forms

    if "://" in given:
        if not given.startswith(("postgresql://", "postgres://")):
            raise WrongInput(
                f"{name} must be a directory, or the URL of a PostgreSQL database, such as "
                "postgresql://openucwa@db.contoso.com/openucwa."
            )
        try:
            return forms.database(given)
        except ValueError as error:
            raise WrongInput(f"{name} {error}.") from None
    path = Path(given).expanduser()
    return path if path.is_file() or path.suffix == Path(_FILE).suffix else path / _FILE
