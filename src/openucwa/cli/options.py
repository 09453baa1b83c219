"""The options that several commands take. Those that are not given come from other sources."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="A TOML file with settings.  [default: openucwa.toml, if there is one]",
    ),
]
Host = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="The address to listen at.  [default: 127.0.0.1]"),
]
Port = Annotated[
    str | None,
    typer.Option(metavar="NUMBER", help="The port; 0 for any free port.  [default: 8080]"),
]
Workers = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBER",
        help="The number of processes; more than 1 needs PostgreSQL.  [default: 1]",
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The directory of the database.  [default: openucwa-data]"),
]
Database = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="A PostgreSQL database, postgresql://….  [default: SQLite in --data]",
    ),
]
Domain = Annotated[
    str | None,
    typer.Option(
        metavar="DOMAIN", help="The SIP domain of the organization.  [default: contoso.com]"
    ),
]
PublicUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The base URL of absolute links.  [default: the address of each request]",
    ),
]
TlsCert = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The TLS certificate and its chain, in PEM.")
]
TlsKey = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The private key of the certificate, in PEM.")
]
