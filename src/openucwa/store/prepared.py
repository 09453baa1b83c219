"""Statements that a PostgreSQL connection has prepared, run through psycopg's lowest layer.

A statement is sent with those that come after it, when somebody looks at what one of them found.
So an update, which has eight, waits for the server four times. psycopg's cursors could do that,
too, and take twice the processor time.
"""

import re
import select
from collections.abc import Callable, Mapping
from functools import cache
from itertools import count
from typing import Any

import psycopg
from psycopg import errors
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_SILENCE = 30_000
"""Milliseconds. The server itself ends a statement long before."""
_BOOLEAN, _BIGINT, _INTEGER = 16, 20, 23  # as PostgreSQL numbers its types
_LOADERS: dict[int, Callable[[bytes], Any]] = {
    _BOOLEAN: b"t".__eq__,
    _BIGINT: int,
    _INTEGER: int,
}


class Uncertain(Exception):
    """The connection was lost during COMMIT. Its cause is a psycopg.Error."""


class Result:
    """The result of a statement: integers, booleans, texts and None. Reading it may wait.

    Looking raises psycopg.Error: of this statement, or of one that was sent with it.
    """

    __slots__ = ("_statements", "found")

    def __init__(self, statements: "Prepared") -> None:
        self._statements = statements
        self.found: PGresult | None = None

    @property
    def rowcount(self) -> int:
        """The number of rows that it has found, or changed."""
        return self._look().command_tuples or 0

    def fetchone(self) -> tuple[Any, ...] | None:
        found = self._look()
        return _row(found, 0) if found.ntuples else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        found = self._look()
        return [_row(found, number) for number in range(found.ntuples)]

    def _look(self) -> PGresult:
        if self.found is None:
            self._statements.finish()
        assert self.found is not None
        return self.found


class Prepared:
    """A connection and its statements, each of which is prepared when it first runs."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._server = connection.pgconn
        self._server.enter_pipeline_mode()
        self._answers = select.poll()
        self._answers.register(self._server.socket, select.POLLIN)
        self._statements: dict[str, tuple[bytes, list[str]]] = {}
        self._names = count()
        self._preparing: list[tuple[Result, str]] = []
        self._running: list[Result] = []
        self._expected: list[tuple[Result, Exception]] = []

    @property
    def is_open(self) -> bool:
        """True while the connection has not been lost."""
        return self._server.status == ConnStatus.OK

    def execute(self, sql: str, parameters: Mapping[str, Any]) -> Result:
        """Run a statement with parameters by name, soon."""
        known = self._statements.get(sql)
        if known is None:
            text, names = _numbered(sql)
            name = str(next(self._names)).encode()
            self._server.send_prepare(name, text)
            self._preparing.append((self._sent(), sql))
            known = self._statements[sql] = name, names
        name, names = known
        values: list[Any] = [_text(parameters[name]) for name in names]
        self._server.send_query_prepared(name, values)
        return self._sent()

    def expect_one(self, result: Result, otherwise: Exception) -> None:
        """Raise `otherwise` when a statement turns out not to have changed one row."""
        self._expected.append((result, otherwise))

    def begin(self, command: bytes) -> None:
        """Begin a transaction, with its first statement."""
        self._server.send_query_params(command, None)
        self._sent()

    def commit(self) -> None:
        """Commit. Raises psycopg.Error when nothing was committed, and else Uncertain."""
        self._server.send_query_params(b"COMMIT", None)
        done = self._sent()
        try:
            self.finish()
        except psycopg.Error as error:
            was_passed_over = done.found and done.found.status == ExecStatus.PIPELINE_ABORTED
            if was_passed_over or error.diag.severity_nonlocalized == "ERROR":
                raise  # what is worse ends the connection, whenever that is
            raise Uncertain(str(error)) from error
        assert done.found is not None
        if done.found.command_status != b"COMMIT":
            raise psycopg.InternalError("The transaction had failed.")

    def roll_back(self) -> None:
        """End the transaction, if there is one. Raises psycopg.Error when that can't be done."""
        self._expected.clear()
        try:
            self.finish()
        except psycopg.Error:
            if not self.is_open:
                raise
        if self._server.transaction_status != TransactionStatus.IDLE:
            self._server.send_query_params(b"ROLLBACK", None)
            self._sent()
            self.finish()

    def finish(self) -> None:
        """Wait until all that was sent has run.

        Raises the first psycopg.Error, or else what was to be raised by `expect_one`.
        """
        if not self._running:
            return
        running, self._running = self._running, []
        expected, self._expected = self._expected, []
        failure: PGresult | None = None
        try:
            self._server.pipeline_sync()
            for result in running:
                found = result.found = self._next()
                if found.status not in _DONE:
                    failure = failure or found
            while self._next().status != ExecStatus.PIPELINE_SYNC:
                pass
        except BaseException:
            self._server.finish()  # what is left would be taken for the answers to what comes
            raise
        self._forget_unprepared()
        if failure is not None:
            raise errors.error_from_result(failure, "utf-8")
        for result, otherwise in expected:
            if result.rowcount != 1:
                raise otherwise

    def _forget_unprepared(self) -> None:
        """Forget the statements that came after one that failed: they were not even prepared."""
        for result, sql in self._preparing:
            if result.found is None or result.found.status not in _DONE:
                self._statements.pop(sql, None)
        self._preparing.clear()

    def _sent(self) -> Result:
        result = Result(self)
        self._running.append(result)
        return result

    def _next(self) -> PGresult:
        """The next of the server's results; there is one for each that was sent."""
        server = self._server
        while True:
            while server.is_busy():
                self._await_server()
            if found := server.get_result():
                return found
            if server.status != ConnStatus.OK:
                raise psycopg.OperationalError("the connection was lost")

    def _await_server(self) -> None:
        """Wait until there is more from the server, or it takes more of what it was sent.

        To send and to read has to go together, or both sides may wait for each other.
        """
        is_sent = not self._server.flush()
        events = select.POLLIN if is_sent else select.POLLIN | select.POLLOUT
        self._answers.modify(self._server.socket, events)
        if not self._answers.poll(_SILENCE):
            raise psycopg.OperationalError("the server is silent")
        self._server.consume_input()


def _row(found: PGresult, number: int) -> tuple[Any, ...]:
    return tuple(
        None
        if (value := found.get_value(number, column)) is None
        else _LOADERS.get(found.ftype(column), bytes.decode)(value)
        for column in range(found.nfields)
    )


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
