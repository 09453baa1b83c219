"""The log: one line an event, as JSON for machines, in colour for a person at a terminal.

What is logged never holds a token, a password or the content of a meeting.
"""

import logging
import os
import select
import stat
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
import structlog

_PATIENCE = 50
"""Milliseconds for which a line waits for somebody to read the log."""

_encode = msgspec.json.Encoder(enc_hook=str).encode


def configure() -> None:
    """Write the log to standard error, or nowhere if that was closed."""
    if sys.stderr is None:
        # It takes the place of standard error: no other file that is opened must have that.
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - it stays open
    person = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if person else _json
    output: Any = _Output(sys.stderr.buffer, sys.stderr.encoding)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            # Tracebacks without the values of variables: those may be secrets.
            structlog.processors.TimeStamper(fmt="iso", utc=True)
            if person
            else structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(output)
        if person
        else structlog.BytesLoggerFactory(output),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING)
    # It warns of each form that it can't read, which strangers may send as often as they like.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


class _Output:
    """A file that loses what can't be written: the server goes on when the disk is full.

    It also goes on when the log is a pipe, or a terminal, that nobody reads: it waits once for a
    moment, and loses lines until there is room again.
    """

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._room: select.poll | None = None
        self._lost = 0
        self._is_cut = False
        with suppress(OSError):  # tests have files that the system does not know
            number = file.fileno()
            if not stat.S_ISREG(os.fstat(number).st_mode):
                self._room = select.poll()
                self._room.register(number, select.POLLOUT)
            if file.isatty():
                self._file = _reopened(os.ttyname(number))

    def write(self, text: str | bytes) -> None:
        if not self._has_room():
            self._lost += 1
            return
        line = text.encode(self._encoding, "backslashreplace") if isinstance(text, str) else text
        lost, self._lost = self._lost, 0
        if lost:
            notice = {"level": "warning", "event": "log_lines_lost", "lines": lost}
            line = b"\n" * self._is_cut + _encode(notice) + b"\n" + line
        with suppress(OSError):
            rest = self._write(line)
            if rest == line:
                self._lost = lost + 1
            else:
                self._lost, self._is_cut = int(bool(rest)), bool(rest)

    def flush(self) -> None:
        """Do nothing: each line is written out at once."""

    def _write(self, line: bytes) -> bytes:
        """Write a line, and return what of it found no room."""
        while line:
            # A pipe with room takes this much without blocking; a terminal may take less, or None.
            written = self._file.write(line[: select.PIPE_BUF]) or 0
            self._file.flush()
            line = line[written:]
            if line and not (written and self._has_room()):
                break
        return line

    def _has_room(self) -> bool:
        if self._room is None:
            return True
        return bool(self._room.poll(0 if self._lost else _PATIENCE))


def _reopened(terminal: str) -> IO[bytes]:
    """Return a terminal opened once more, so that only the log does not block when it is full.

    Every program that was started from it shares the file of standard error.
    """
    number = os.open(terminal, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    return open(number, "wb", buffering=0)


class _Libraries(logging.Handler):
    """Takes up what libraries log, from warnings on."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
        )


def _json(logger: object, name: str, event: dict[str, object]) -> bytes:
    event["timestamp"] = datetime.now(UTC)  # which is quicker than structlog's own
    return _encode(event)
