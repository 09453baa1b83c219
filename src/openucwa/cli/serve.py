"""openucwa serve: the server."""

import sys
from importlib import import_module
from typing import Annotated

import typer

from openucwa.cli import options


def command(
    config: options.Config = None,
    host: options.Host = None,
    port: options.Port = None,
    workers: options.Workers = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
    public_url: options.PublicUrl = None,
    tls_cert: options.TlsCert = None,
    tls_key: options.TlsKey = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Add demo users and meetings. Loopback only."),
    ] = False,
    test_controls: Annotated[
        bool,
        typer.Option(
            "--test-controls",
            help="Let tests control time, faults and data. Data is discarded unless --data is "
            "given. Loopback only.",
        ),
    ] = False,
) -> None:
    """Serve until Ctrl+C (SIGINT) or SIGTERM. Requests in flight are finished."""
    _import_structlog()
    from openucwa.cli.configuration import load

    settings = load(
        config,
        host=host,
        port=port,
        workers=workers,
        data=data,
        database=database,
        domain=domain,
        public_url=public_url,
        tls_cert=tls_cert,
        tls_key=tls_key,
    ).settings
    from openucwa.cli import server

    if test_controls:
        server.serve_tests(settings, with_demo=demo)
    elif demo:
        server.serve_demo(settings)
    else:
        server.serve(settings)


def _import_structlog() -> None:
    """Import structlog without rich, which would take a quarter of the time that the start takes.

    It would draw tracebacks with it, and with the values of variables, which no log may have.
    """
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment] # which an import takes for missing
    try:
        import_module("structlog")
    finally:
        del sys.modules["rich"]
