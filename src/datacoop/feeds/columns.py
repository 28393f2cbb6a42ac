"""The columns of a kind in tables: derived from its file, the same whatever is disclosed of the rows.

A text has a column for each language and one for words in none; asked for in one language, it has that one alone. The
parts of a value have columns of their own, but for identifiers, which are told as `scheme:value`, and recurrences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from datacoop.feeds.formatting import ALWAYS, COMPANIONS, LANGUAGES, Context, in_language
from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.values import PARTS


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, and which part of which key of an item stands in it."""

    header: str
    key: str
    property: Property | None = None
    """None: a key every item has."""
    part: str = ""
    language: str | None = None
    """Of a text: its language; empty for words in none that has a column; None: as it comes."""


def columns_of(context: Context) -> tuple[Column, ...]:
    """Return the columns, in the order of the kind's file."""
    return _columns(context.kind, context.open_only, context.fields, context.lang)


@lru_cache(maxsize=256)
def _columns(kind: Kind, open_only: bool, fields: frozenset[str] | None, lang: str | None) -> tuple[Column, ...]:
    """Anonymous readers have no columns that could never be filled."""
    columns = [Column(name, name) for name in ALWAYS]
    for each in kind.properties:
        if (each.open or not open_only) and (fields is None or each.name in fields):
            columns += _of_property(each, lang)
    columns += [Column(name, name) for name in COMPANIONS if fields is None or name in fields]
    return tuple(columns)


def _of_property(each: Property, lang: str | None) -> list[Column]:
    if each.type in PARTS and each.type != "identifier":
        return [Column(f"{each.name}.{part}", each.name, each, part) for part in PARTS[each.type]]
    if each.type == "text" and lang is None:
        spoken = [Column(f"{each.name}.{language}", each.name, each, language=language) for language in LANGUAGES]
        return [Column(each.name, each.name, each, language=""), *spoken]
    return [Column(each.name, each.name, each)]


def spoken(value: Any, language: str) -> Any:
    """Return what a text says in a language, or, for an empty one, in none that has a column; None for nothing."""
    if not isinstance(value, Mapping):
        return None if language else value
    if language:
        return value.get(language)
    # Words in a language without a column of its own stand here too.
    return in_language(value, LANGUAGES[0]) if value.keys().isdisjoint(LANGUAGES) else None


def repeated(value: Mapping[str, Any]) -> str:
    """A recurrence as JSON text: no words of one line hold it whole."""
    return orjson.dumps(value).decode()


def identified(value: Mapping[str, Any]) -> str:
    """Scheme and number; a colon in the scheme itself is escaped as in an address (RFC 3986 section 2.1)."""
    return f"{value['scheme'].replace('%', '%25').replace(':', '%3A')}:{value['value']}"
