"""CSV for spreadsheets: columns derived from the kind, the same whatever is disclosed of the rows.

A text has a column for each language and one for words in none; asked for in one language, it has that one alone.
Nothing is lost: our own import gives back what was written (`docs/formats.md`).
"""

import csv
import io
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from datacoop.feeds.formatting import ALWAYS, COMPANIONS, LANGUAGES, Context, in_language, narrowed
from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.values import PARTS
from datacoop.lib.cells import harmless, joined

NAME = "csv"
MEDIA_TYPES = ("text/csv; charset=utf-8", "text/csv")
EXTENSION = "csv"
SEPARATOR = b""

Column = tuple[str, str, Callable[[Any], object]]
"""Header, key of the item, what stands in the cell for its value."""


def applies(_kind: Kind) -> bool:
    """Every kind."""
    return True


def opening(context: Context) -> bytes:
    """The header row."""
    return _row([header for header, _, _ in _columns_of(context)])


def piece(body: bytes, context: Context) -> bytes:
    """One row."""
    item = narrowed(body, context)
    return _row([write(item[key]) if key in item else "" for _, key, write in _columns_of(context)])


def closing(_context: Context) -> bytes:
    """Nothing stands after the last row."""
    return b""


def render_one(body: bytes, context: Context) -> bytes:
    """The header row and one row."""
    return opening(context) + piece(body, context)


def _columns_of(context: Context) -> tuple[Column, ...]:
    return _columns(context.kind, context.open_only, context.fields, context.lang)


@lru_cache(maxsize=256)
def _columns(kind: Kind, open_only: bool, fields: frozenset[str] | None, lang: str | None) -> tuple[Column, ...]:
    """In the order of the kind's file; anonymous readers have no columns that could never be filled."""
    columns: list[Column] = [(name, name, _plain) for name in ALWAYS]
    for each in kind.properties:
        if (each.open or not open_only) and (fields is None or each.name in fields):
            columns += _columns_of_property(each, lang)
    columns += [(name, name, _plain) for name in COMPANIONS if fields is None or name in fields]
    return tuple(columns)


def _columns_of_property(each: Property, lang: str | None) -> list[Column]:
    if each.type in PARTS and each.type != "identifier":
        return [(f"{each.name}.{part}", each.name, partial(_part, part)) for part in PARTS[each.type]]
    if each.type == "text" and lang is None:
        spoken = [(f"{each.name}.{language}", each.name, partial(_spoken, language)) for language in LANGUAGES]
        return [(each.name, each.name, _unspoken), *spoken]
    return [(each.name, each.name, _plain)]


def _plain(value: Any) -> object:
    if isinstance(value, list):
        return harmless(joined(map(_text, value)))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else harmless(_text(value))


def _part(part: str, value: Any) -> object:
    if isinstance(value, list):
        return harmless(joined(str(each.get(part, "")) for each in value))
    return _plain(value.get(part, ""))


def _spoken(language: str, value: Any) -> object:
    return harmless(value.get(language, "")) if isinstance(value, Mapping) else ""


def _unspoken(value: Any) -> object:
    """Words in no language that is told; those in one without a column of its own stand here too."""
    if isinstance(value, Mapping) and not value.keys().isdisjoint(LANGUAGES):
        return ""
    return _plain(in_language(value, LANGUAGES[0]))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        write = next((write for keys, write in _OBJECTS.items() if keys <= value.keys()), None)
        return write(value) if write else str(in_language(value, LANGUAGES[0]))
    return str(value)


def _identifier(value: Mapping[str, Any]) -> str:
    """Scheme and number; a colon in the scheme itself is escaped as in an address (RFC 3986 section 2.1)."""
    return f"{value['scheme'].replace('%', '%25').replace(':', '%3A')}:{value['value']}"


_OBJECTS: Mapping[frozenset[str], Callable[[Mapping[str, Any]], str]] = {
    frozenset({"scheme", "value"}): _identifier,
    frozenset({"holder"}): lambda value: str(value["holder"]),
}


def _row(cells: list[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")
