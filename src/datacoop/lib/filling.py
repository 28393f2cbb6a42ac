"""What `workbooks` writes, by openpyxl: always text, never a formula, no control character, no author named."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell as BookCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from datacoop.lib.sheets import Cell, Sheet, text_of
from datacoop.lib.text import clean

#: What one cell of a workbook holds at most (ECMA-376, as implemented).
_MOST_LETTERS = 32_767
_HEADER = Font(bold=True)
_NO_TITLE = re.compile(r"[\[\]:*?/\\]")
_WIDEST, _NARROWEST, _LOOKED_AT = 60, 10, 200
_NOTE_LETTERS = 2000


def filled(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook; each sheet has a bold header that stays in sight, and nobody is named as its author."""
    made = Workbook(write_only=True)
    made.properties.creator = ""
    for each in sheets:
        _fill(made.create_sheet(_NO_TITLE.sub(" ", clean(each.title)).strip()[:31] or "1"), each)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def _fill(sheet: Any, said: Sheet) -> None:
    sheet.freeze_panes = "A2"
    for position, column in enumerate(said.columns):
        texts = [column, *(str(line[position].value) for line in said.lines[:_LOOKED_AT] if position < len(line))]
        width = max(_NARROWEST, min(_WIDEST, max(map(len, texts)) + 2))
        sheet.column_dimensions[get_column_letter(position + 1)].width = width
    sheet.append([_text_cell(sheet, text_of(column), bold=True) for column in said.columns])
    for line in said.lines:
        sheet.append([_cell(sheet, each) for each in line])


def _cell(sheet: Any, said: Cell) -> Any:
    if isinstance(said.value, int):
        cell = WriteOnlyCell(sheet, said.value)
    else:
        cell = _text_cell(sheet, text_of(said.value), colour=said.colour)
    if said.note:
        cell.comment = Comment(text_of(said.note)[:_NOTE_LETTERS], "")
    return cell


def _text_cell(sheet: WriteOnlyWorksheet, text: str, *, colour: str = "", bold: bool = False) -> BookCell:
    cell = WriteOnlyCell(sheet, text[:_MOST_LETTERS])
    # openpyxl takes a leading "=" for a formula; the quote prefix keeps it text when somebody edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.number_format = "@"
    if colour:
        cell.fill = PatternFill("solid", fgColor=colour)
    if bold:
        cell.font = _HEADER
    return cell
