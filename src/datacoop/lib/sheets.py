"""Cells of workbooks that we write: always text, never a formula, no control character, no author named."""

from __future__ import annotations

from datetime import date, time

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from datacoop.lib.text import clean

#: What one cell of a workbook holds at most (ECMA-376, as implemented).
MOST_LETTERS = 32_767
_HEADER = Font(bold=True)


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


def text_cell(sheet: WriteOnlyWorksheet, text: str, *, colour: str = "", bold: bool = False) -> Cell:
    """Return a cell that holds a text, whatever it begins with; `colour` is RRGGBB of its ground."""
    cell = WriteOnlyCell(sheet, text[:MOST_LETTERS])
    # openpyxl takes a leading "=" for a formula; the quote prefix keeps it text when somebody edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.number_format = "@"
    if colour:
        cell.fill = PatternFill("solid", fgColor=colour)
    if bold:
        cell.font = _HEADER
    return cell
