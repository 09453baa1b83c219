"""openucwa migrate: the schema of the database."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from openucwa.cli import options, tables
from openucwa.cli.failure import Failure


def command(
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Migrate even while the database is in use.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Bring the database to this version's schema.

    Lists the applied and the pending migrations, and applies all pending ones or none. Stop the
    servers that use the database, and back it up first.
    """
    from openucwa.cli.configuration import load

    settings = load(config, data=data, database=database).settings
    from openucwa.cli.database import existing, failures
    from openucwa.store import schema

    location = existing(settings)
    with failures():
        name, lacking = schema.name_of(location), schema.missing(location)
        had = [one for one in schema.migrations() if one not in lacking]
        if not as_json:
            tables.show(("migration", "state"), _rows(had, lacking))
            typer.echo(_standing(name, lacking))
        if lacking and not dry_run:
            _apply(location, force=force)
            if not as_json:
                typer.echo("Applied.")
    if as_json:
        applied = [] if dry_run else lacking
        found = {"database": name, "had": had, "lacked": lacking, "applied": applied}
        typer.echo(json.dumps(found, indent=2))


def _apply(location: Path | str, *, force: bool) -> None:
    from openucwa.store import others, schema

    try:
        others.check(location)
    except others.InUse as error:
        if not force:
            raise Failure(f"{error} Give --force to migrate it anyway.") from None
        typer.echo(f"Warning: {error}", err=True)
    schema.migrate(location)


def _rows(had: Sequence[str], lacking: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    for name in sorted([*had, *lacking]):
        yield (name, "lacking" if name in lacking else "applied"), "" if name in lacking else "dim"


def _standing(name: str, lacking: Sequence[str]) -> str:
    return f"{name} lacks {', '.join(lacking)}." if lacking else f"{name} is up to date."
