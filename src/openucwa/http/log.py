"""The log: one line an event, as JSON for machines, in colour for a person at a terminal.

What is logged never holds a token, a password or the content of a meeting.
"""

import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec
import structlog

_encode = msgspec.json.Encoder(enc_hook=str).encode


def configure() -> None:
    """Write the log to standard error, or nowhere if that was closed."""
    if sys.stderr is None:
        # It takes the place of standard error: no other file that is opened must have that.
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - it stays open
    person = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if person else _json
    output: Any = _Output(sys.stderr if person else sys.stderr.buffer)
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
    """A file that loses what can't be written: the server goes on when the disk is full."""

    def __init__(self, file: IO[Any]) -> None:
        self._file = file

    def write(self, text: str | bytes) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()


class _Libraries(logging.Handler):
    """Takes up what libraries log, from warnings on."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info
        )


def _json(logger: object, name: str, event: dict[str, object]) -> bytes:
    event["timestamp"] = datetime.now(UTC)  # which is quicker than structlog's own
    return _encode(event)
