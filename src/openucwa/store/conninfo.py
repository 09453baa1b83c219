"""Connections of this program to PostgreSQL.

Its library takes long to load, so that is done when there is something to do with a connection.
"""

import re
from typing import TYPE_CHECKING, Any

from openucwa.store.not_ready import NotReady

if TYPE_CHECKING:
    import psycopg

SERVER, COMMAND = "openucwa", "openucwa command"
"""The names of connections in pg_stat_activity, whatever the URL says."""
SCHEMA_LOCK = 2**62 + 1
"""The advisory lock of who changes the schema."""
FACTS_A_TRANSACTION = 2**18
"""As many positions each transaction has. There are enough for 2**45 transactions."""

_DEFAULTS = {
    "client_encoding": "utf-8",
    "connect_timeout": 5,
    "target_session_attrs": "read-write",  # of several hosts, the primary
    "tcp_user_timeout": 10_000,  # milliseconds, after which a host that is silent is given up
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
_ADVICE = {
    r"password": "Set the right password in the file that PGPASSFILE names, or in PGPASSWORD.",
    r"database .* does not exist": "Create the database, or name another one in the URL.",
    r"resolve host|translate host": "Check the host in the URL.",
    r"[Rr]efused|[Tt]imeout expired|timed out|unreachable|socket .* No such file": (
        "Check that PostgreSQL runs, and that the host and the port in the URL are right."
    ),
    r"read-only|hot standby": ("Promote this standby, or name the host of the primary in the URL."),
    r"too many|connection slots": (
        "Close connections to PostgreSQL that are not needed, or raise its max_connections."
    ),
    r"pg_hba": "Allow this user in pg_hba.conf of PostgreSQL, or name another user in the URL.",
    r"SSL|certificate": "Check sslmode and sslrootcert in the URL, and the server's certificate.",
    r"permission denied for (table|sequence)|must be owner": (
        "Name the role in the URL that owns the tables."
    ),
    r"permission denied": (
        "Grant this user the right (GRANT CREATE, USAGE ON SCHEMA public TO …), or make it the "
        "owner of the database."
    ),
    r"already exists": "Use a database that contains nothing else.",
    r"lock timeout": (
        "Another program, such as pg_dump or another openucwa, has locked its tables. Try again "
        "when it has ended."
    ),
}
"""Advice for an error whose text matches the pattern; the first one counts."""


def parameters(url: str, name: str = SERVER) -> dict[str, Any]:
    """Return the parameters for libpq: those of the URL, and our defaults. Raises NotReady."""
    return {**_DEFAULTS, **_read(url), "application_name": name}


def without_password(url: str) -> str:
    """The URL for people and logs to read. Raises NotReady."""
    given = _read(url)
    hosts = str(given.get("host", "localhost")).split(",")
    return f"postgresql://{','.join(hosts)}/{given.get('dbname', '')}"


def connect(url: str, name: str = COMMAND) -> "psycopg.Connection[Any]":
    """A connection for what is done rarely, without a transaction until one is begun."""
    import psycopg

    return psycopg.connect(**parameters(url, name), autocommit=True)


def unusable(url: str, error: "psycopg.Error") -> NotReady:
    """Return the message about a database that can't be used."""
    lines = (error.diag.message_primary or str(error)).splitlines()
    text = " ".join(line for line in lines if not line.startswith("\t"))  # those are hints
    text = re.sub("^connection (failed|is bad): ", "", text)  # which comes twice
    advice = next(
        (advice for pattern, advice in _ADVICE.items() if re.search(pattern, text)),
        "Check that it runs, that the URL is right, and that this user may create tables in it.",
    )
    return NotReady(
        f"The database {without_password(url)} can't be used: {text.rstrip('.')}. {advice}"
    )


def _read(url: str) -> dict[str, Any]:
    """The parts of a URL. What libpq says of one that is wrong may have the password in it."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        return conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        unknown = re.search(r'parameter: "(\w+)"', str(error))
        why = f"it has no setting {unknown[1]}" if unknown else "it has a mistake"
    raise NotReady(
        f"The URL of the database can't be read: {why}. Write it as "
        "postgresql://USER@HOST:PORT/NAME, with settings of libpq after a question mark, such as "
        "?sslmode=verify-full."
    )
