"""Sheets of a workbook that we write, and a value of whatever sort as the text of one cell. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from datacoop.lib.text import clean


@dataclass(frozen=True)
class Cell:
    """A text, which is never a formula, or a whole number. `colour` is RRGGBB of its ground; `note` its comment."""

    value: str | int
    colour: str = ""
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its title, its header, its lines."""

    title: str
    columns: Sequence[str]
    lines: Sequence[Sequence[Cell]]


def text_of(value: object) -> str:
    """Return a cell as one text that reads back as itself: 59260.0 is 59260, days and hours are ISO 8601.

    >>> text_of(1005.0), text_of(True), text_of(["a", "b"]), text_of(None)
    ('1005', 'true', 'a | b', '')
    """
    if isinstance(value, list | tuple):
        return " | ".join(text_of(each) for each in value)
    if isinstance(value, dict):
        return " | ".join(f"{key}: {text_of(each)}" for key, each in value.items())
    return clean(_plain(value), lines=True)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date | time) else str(value)
