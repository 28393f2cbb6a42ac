"""CSV for spreadsheets: columns derived from the kind, the same whatever is disclosed of the rows.

Text that a spreadsheet would run as a formula gets a leading apostrophe.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from datacoop.feeds.formatting import ALWAYS, COMPANIONS, Context, Item, in_language, narrowed
from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.values import PARTS

NAME = "csv"
MEDIA_TYPES = ("text/csv; charset=utf-8", "text/csv")
EXTENSION = "csv"
SEPARATOR = b""

BETWEEN = " | "
"""Between several values in one cell."""

# OWASP, CSV injection: a cell that begins so is run by some spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_UNSEEN = re.compile("^[\\s\u200b-\u200f\u2060\ufeff\xad]+")
"""Blanks of every width, and none: what a spreadsheet may drop before it looks for a formula."""

Column = tuple[str, str, str | None]
"""Header, key of the item, part of the value (None: the value itself)."""


def applies(_kind: Kind) -> bool:
    """Every kind."""
    return True


def opening(context: Context) -> bytes:
    """The header row."""
    return _row([header for header, _, _ in _columns_of(context)])


def piece(body: bytes, context: Context) -> bytes:
    """One row."""
    item = narrowed(body, context)
    return _row([_cell(item, key, part, context.language) for _, key, part in _columns_of(context)])


def closing(_context: Context) -> bytes:
    """Nothing stands after the last row."""
    return b""


def render_one(body: bytes, context: Context) -> bytes:
    """The header row and one row."""
    return opening(context) + piece(body, context)


def _columns_of(context: Context) -> tuple[Column, ...]:
    return _columns(context.kind, context.open_only, context.fields)


@lru_cache(maxsize=256)
def _columns(kind: Kind, open_only: bool, fields: frozenset[str] | None) -> tuple[Column, ...]:
    """In the order of the kind's file; anonymous readers have no columns that could never be filled."""
    columns: list[Column] = [(name, name, None) for name in ALWAYS]
    for each in kind.properties:
        if (each.open or not open_only) and (fields is None or each.name in fields):
            columns += _columns_of_property(each)
    columns += [(name, name, None) for name in COMPANIONS if fields is None or name in fields]
    return tuple(columns)


def _columns_of_property(each: Property) -> list[Column]:
    if each.type in PARTS and each.type != "identifier":
        return [(f"{each.name}.{part}", each.name, part) for part in PARTS[each.type]]
    return [(each.name, each.name, None)]


def _cell(item: Item, key: str, part: str | None, language: str) -> object:
    value = item.get(key)
    if value is None:
        return ""
    values = value if isinstance(value, list) else [value]
    if part is not None:
        values = [each.get(part, "") for each in values]
    if len(values) == 1 and isinstance(values[0], int | float) and not isinstance(values[0], bool):
        return values[0]
    return harmless(BETWEEN.join(_text(each, language) for each in values))


def _text(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        write = next((write for keys, write in _OBJECTS.items() if keys <= value.keys()), None)
        return write(value) if write else str(in_language(value, language))
    return str(value)


_OBJECTS: Mapping[frozenset[str], Callable[[Mapping[str, Any]], str]] = {
    frozenset({"scheme", "value"}): lambda value: f"{value['scheme']}:{value['value']}",
    frozenset({"holder"}): lambda value: str(value["holder"]),
}


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula.

    >>> harmless("=1+1")
    "'=1+1"
    """
    begins = text.lstrip(" ").startswith(FORMULA) or _UNSEEN.sub("", text).startswith(FORMULA)
    return "'" + text if begins else text


def _row(cells: list[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")
