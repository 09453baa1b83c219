"""Tables as CSV (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from openucwa.wire import dates

MEDIA_TYPE = "text/csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""The beginnings of what a spreadsheet takes for a formula."""


def write(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows below their columns. Times are ISO 8601, and what is None is empty.

    A text that a spreadsheet would take for a formula has an apostrophe in front: others choose
    their names themselves.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(one) for one in row] for row in rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return dates.iso(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
