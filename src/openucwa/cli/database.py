"""The database, for commands."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from openucwa.cli.failure import Failure
from openucwa.http import log
from openucwa.settings import Settings
from openucwa.store.database import Database, Operation
from openucwa.store.not_ready import NotReady
from openucwa.store.opening import open_database
from openucwa.wire.errors import UcwaError

T = TypeVar("T")


def write(settings: Settings, operation: Operation[T]) -> T:
    """Run an operation in a transaction. The database is made where there is none.

    A server that runs on it sees the change with its next request. Raises Failure, and whatever the
    operation raises; then nothing has changed.
    """

    return _run(settings, lambda database: database.write(operation))


def change(settings: Settings, operation: Operation[T]) -> T:
    """Run an operation in a transaction on the database that is there. Raises Failure."""
    existing(settings)
    return write(settings, operation)


def read(settings: Settings, operation: Operation[T]) -> T:
    """Run an operation that only reads, which holds up no writer. Raises as change does."""
    existing(settings)
    return _run(settings, lambda database: database.read(operation))


def _run(settings: Settings, operate: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        database = open_database(settings.database_location, clock=lambda: datetime.now(UTC))
        try:
            return await operate(database)
        finally:
            await database.close()

    log.configure()
    with failures():
        return asyncio.run(run())


def existing(settings: Settings) -> Path | str:
    """The location of the database. Raises Failure where there is no file."""
    location = settings.database_location
    if isinstance(location, Path) and not location.exists():
        raise Failure(
            f"There is no database in {settings.data}. Name its directory with --data, or create "
            "one with openucwa user add."
        )
    return location


@contextmanager
def failures() -> Generator[None]:
    """Raise what can go wrong with a database as Failure."""
    try:
        yield
    except NotReady as error:
        raise Failure(str(error)) from None
    except UcwaError as error:
        raise Failure(error.message) from None
    except OSError as error:
        if error.filename is None:  # not about a file
            raise
        raise Failure(
            f"{error.filename} can't be used: {error.strerror}. Name another directory with --data."
        ) from None
