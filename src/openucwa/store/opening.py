"""Opening the database of an installation, whichever engine it is."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from openucwa.store.database import Database


def open_database(
    location: Path | str,
    clock: Callable[[], datetime],
    *,
    connections: int = 1,
    alone: bool = False,
) -> Database:
    """The database at a location: the path of a SQLite file, or the URL of a PostgreSQL one.

    `connections` are those to PostgreSQL. Who has to be `alone` is refused a SQLite file that
    another process has open. Raises NotReady.
    """
    if isinstance(location, Path):
        from openucwa.store.sqlite import SQLite

        return SQLite(location, clock, alone=alone)
    from openucwa.store.postgres import Postgres

    return Postgres(location, clock, connections=connections)
