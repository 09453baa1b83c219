"""openucwa database backup and restore."""

from pathlib import Path
from typing import Annotated

import typer

from openucwa.cli import options, output
from openucwa.cli.failure import Failure, WrongInput

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup file.")]


def back_up(
    file: File,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Back up the database to one file, while servers use it.

    The backup is a consistent snapshot of SQLite or PostgreSQL, and can be restored to either. The
    file appears when it is complete. Only you can read it, because it contains password hashes.
    """
    from openucwa.cli.configuration import load
    from openucwa.cli.database import existing
    from openucwa.store.copying import backup
    from openucwa.store.not_ready import NotReady

    settings = load(config, data=data, database=database).settings
    if file.exists() and not file.is_file():
        raise WrongInput(f"{file} is not a file. Name the file to write the backup to.")
    if file.exists() and not force:
        raise WrongInput(f"{file} already exists. Name another file, or give --force.")
    if not file.absolute().parent.is_dir():
        raise WrongInput(f"There is no directory {file.parent}. Create it, or name another file.")
    location = existing(settings)
    try:
        with output.progress() as tell:
            backup.back_up(location, file, tell)
    except NotReady as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(
            f"{file} can't be written: {error.strerror}. No incomplete backup was left. Free some "
            "space, or name a file on another disk."
        ) from None
    typer.echo(f"Backed up to {file}, {file.stat().st_size:,} bytes.")


def restore(
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the data that the database holds now.")
    ] = False,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Restore a backup to the configured database. Stop all servers first.

    The restore runs in one transaction. If the database holds data, give --replace to replace it.
    """
    from openucwa.cli.configuration import load
    from openucwa.store.copying import backup
    from openucwa.store.not_ready import NotReady
    from openucwa.store.schema import name_of

    settings = load(config, data=data, database=database).settings
    if not file.is_file():
        raise WrongInput(f"There is no file {file}. Name the backup to restore.")
    location = settings.database_location
    try:
        with output.progress() as tell:
            counts = backup.restore(file, location, tell, replace=replace)
        name = name_of(location)
    except NotReady as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(
            f"{file} can't be restored: {error.strerror}. Nothing was changed. Check that this "
            "user may read it, and that the disk of the database is writable and has room."
        ) from None
    typer.echo(f"Restored {file} to {name}, {sum(counts.values()):,} rows.")
