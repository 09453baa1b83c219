"""Statements that a PostgreSQL connection has prepared, run through psycopg's lowest layer.

An update takes eight statements, and half of the time that psycopg's cursors spend on them is for
what they could do and ours don't need: this takes 120 µs for them, cursors 250 µs.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_BOOLEAN, _BIGINT, _INTEGER = 16, 20, 23  # as PostgreSQL numbers its types
_LOADERS: dict[int, Callable[[bytes], Any]] = {
    _BOOLEAN: b"t".__eq__,
    _BIGINT: int,
    _INTEGER: int,
}


class Result:
    """What a statement found: integers, booleans, texts and None."""

    __slots__ = ("_found",)

    def __init__(self, found: PGresult) -> None:
        self._found = found

    @property
    def rowcount(self) -> int:
        """How many rows it has found, or changed."""
        return self._found.command_tuples or 0

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._row(0) if self._found.ntuples else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [self._row(number) for number in range(self._found.ntuples)]

    def _row(self, number: int) -> tuple[Any, ...]:
        found = self._found
        return tuple(
            None
            if (value := found.get_value(number, column)) is None
            else _LOADERS.get(found.ftype(column), bytes.decode)(value)
            for column in range(found.nfields)
        )


class Prepared:
    """A connection and its statements, each of which is prepared when it first runs."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._server = connection.pgconn
        self._statements: dict[str, tuple[bytes, list[str]]] = {}

    @property
    def is_open(self) -> bool:
        """Whether the connection has not been lost."""
        return self._server.transaction_status != TransactionStatus.UNKNOWN

    @property
    def is_in_transaction(self) -> bool:
        return self._server.transaction_status != TransactionStatus.IDLE

    def command(self, text: bytes) -> None:
        """Run a command without parameters. Raises psycopg.Error."""
        _check(self._server.exec_(text))

    def commit(self) -> None:
        """Commit. Raises psycopg.Error, also when the transaction had failed before."""
        done = _check(self._server.exec_(b"COMMIT"))
        if done.command_status != b"COMMIT":
            raise psycopg.InternalError("The transaction had failed.")

    def execute(self, sql: str, parameters: Mapping[str, Any]) -> Result:
        """Run a statement with parameters by name. Raises psycopg.Error."""
        known = self._statements.get(sql)
        if known is None:
            text, names = _numbered(sql)
            name = str(len(self._statements)).encode()
            _check(self._server.prepare(name, text))
            known = self._statements[sql] = name, names
        name, names = known
        values: list[Any] = [_text(parameters[name]) for name in names]
        return Result(_check(self._server.exec_prepared(name, values)))


@cache
def _numbered(sql: str) -> tuple[bytes, list[str]]:
    """The statement with PostgreSQL's numbered parameters, and their names in that order."""
    names = list(dict.fromkeys(re.findall(r":(\w+)", sql)))
    text = re.sub(r":(\w+)", lambda found: f"${names.index(found[1]) + 1}", sql)
    return text.encode(), names


def _text(value: object) -> bytes | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    if "\0" in text:  # where C ends a text
        raise psycopg.DataError("a text holds U+0000")
    return text.encode()


def _check(result: PGresult) -> PGresult:
    if result.status not in _DONE:
        raise errors.error_from_result(result, "utf-8")
    return result
