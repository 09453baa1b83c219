"""Opening the database of an installation, whichever engine it is."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from openucwa.store.database import Database


def open_database(
    location: Path | str, clock: Callable[[], datetime], *, connections: int = 1
) -> Database:
    """The database at a location: the path of a SQLite file, or the URL of a PostgreSQL one.

    `connections` are those to PostgreSQL. Raises NotReady.
    """
    if isinstance(location, Path):
        from openucwa.store.sqlite import SQLite

        return SQLite(location, clock)
    from openucwa.store.postgres import Postgres

    return Postgres(location, clock, connections=connections)
