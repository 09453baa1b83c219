"""openucwa config: the settings, and where each comes from."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openucwa.cli import options, streams, tables

if TYPE_CHECKING:
    from openucwa.settings.sources import Configuration


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
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Show every setting and the source of its value.

    The command takes the options of openucwa serve, and reports errors as it does.
    """
    from openucwa.cli.configuration import load

    configuration = load(
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
    )
    if as_json:
        typer.echo(_json(configuration))
    else:
        by_name = _rows(configuration) if streams.output_is_terminal() else _lines(configuration)
        tables.show(("setting", "value", "from"), by_name, wrapping=("value", "from"))


def _json(configuration: "Configuration") -> str:
    return json.dumps(
        {
            ".".join(key): {"value": value, "source": configuration.source(key)}
            for key, value in configuration.values()
        },
        indent=2,
        ensure_ascii=False,
    )


def _lines(configuration: "Configuration") -> Iterator[tuple[Sequence[str], str]]:
    """Yield a row for each setting, under its whole name."""
    for key, value in configuration.values():
        yield (".".join(key), _text(value), configuration.source(key)), ""


def _rows(configuration: "Configuration") -> Iterator[tuple[Sequence[str], str]]:
    """Yield a row for each setting, under the tables of the file in which it would stand."""
    within: tuple[str, ...] = ()
    for key, value in configuration.values():
        if key[:-1] != within:
            within = key[:-1]
            yield (), ""
            if within:
                yield (f"[{'.'.join(within)}]",), "bold"
        source = configuration.source(key)
        yield (key[-1], _text(value), source), "dim" if source == "default" else ""


def _text(value: Any) -> str:
    if value in (None, "", (), {}):
        return "-"
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
