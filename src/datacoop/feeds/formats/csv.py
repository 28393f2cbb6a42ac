"""CSV for spreadsheets: the columns of `feeds.columns`, several values in one cell, nothing that a spreadsheet runs.

Nothing is lost: our own import gives back what was written (`docs/formats.md`).
"""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from datacoop.feeds.columns import Column, columns_of, identified, repeated, spoken
from datacoop.feeds.formatting import LANGUAGES, Context, in_language, narrowed
from datacoop.kinds.definition import Kind
from datacoop.lib.cells import harmless, joined

NAME = "csv"
MEDIA_TYPES = ("text/csv; charset=utf-8", "text/csv")
EXTENSION = "csv"
SEPARATOR = b""


def applies(_kind: Kind) -> bool:
    """Every kind."""
    return True


def opening(context: Context) -> bytes:
    """The header row."""
    return _row([column.header for column in columns_of(context)])


def piece(body: bytes, context: Context) -> bytes:
    """One row."""
    item = narrowed(body, context, by_date=True)
    return _row([_cell(column, item[column.key]) if column.key in item else "" for column in columns_of(context)])


def closing(_context: Context) -> bytes:
    """Nothing stands after the last row."""
    return b""


def render_one(body: bytes, context: Context) -> bytes:
    """The header row and one row."""
    return opening(context) + piece(body, context)


def _cell(column: Column, value: Any) -> object:
    if column.part:
        return _part(column.part, value)
    if column.language is not None:
        found = spoken(value, column.language)
        return "" if found is None else _plain(found)
    if column.property is not None and column.property.type == "recurrence":
        return repeated(value)
    return _plain(value)


def _plain(value: Any) -> object:
    if isinstance(value, list):
        return harmless(joined(map(_text, value)))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else harmless(_text(value))


def _part(part: str, value: Any) -> object:
    if isinstance(value, list):
        return harmless(joined(str(each.get(part, "")) for each in value))
    return _plain(value.get(part, ""))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        write = next((write for keys, write in _OBJECTS.items() if keys <= value.keys()), None)
        return write(value) if write else str(in_language(value, LANGUAGES[0]))
    return str(value)


_OBJECTS: Mapping[frozenset[str], Callable[[Mapping[str, Any]], str]] = {
    frozenset({"scheme", "value"}): identified,
    frozenset({"holder"}): lambda value: str(value["holder"]),
}


def _row(cells: list[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")
