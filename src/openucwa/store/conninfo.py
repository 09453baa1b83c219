"""How this program connects to PostgreSQL."""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

FACTS_A_TRANSACTION = 4096
"""As many positions each transaction has."""

_DEFAULTS = {
    "application_name": "openucwa",
    "client_encoding": "utf-8",
    "connect_timeout": 5,
    "target_session_attrs": "read-write",  # of several hosts, the primary
    "tcp_user_timeout": 10_000,  # milliseconds, after which a host that is silent is given up
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def parameters(url: str) -> dict[str, Any]:
    """What libpq is told: what the URL says, and our defaults. Raises psycopg.ProgrammingError."""
    return {**_DEFAULTS, **conninfo_to_dict(url)}


def without_password(url: str) -> str:
    """The URL for people and logs to read. Raises psycopg.ProgrammingError."""
    given = conninfo_to_dict(url)
    hosts = str(given.get("host", "localhost")).split(",")
    return f"postgresql://{','.join(hosts)}/{given.get('dbname', '')}"


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection for what is done rarely, without a transaction until one is begun."""
    return psycopg.connect(**parameters(url), autocommit=True)
