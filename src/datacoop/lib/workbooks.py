"""Workbooks of several sheets that we write: texts, whole numbers, notes; the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter

from datacoop.lib.sheets import text_cell, text_of
from datacoop.lib.text import clean

_NO_TITLE = re.compile(r"[\[\]:*?/\\]")
_SAVED = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_WIDEST, _NARROWEST, _LOOKED_AT = 60, 10, 200
_NOTE_LETTERS = 2000


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


def book(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook; each sheet has a bold header that stays in sight, and nobody is named as its author."""
    made = Workbook(write_only=True)
    made.properties.creator = ""
    for each in sheets:
        _fill(made.create_sheet(_NO_TITLE.sub(" ", clean(each.title)).strip()[:31] or "1"), each)
    written = io.BytesIO()
    made.save(written)
    return timeless(written.getvalue())


def timeless(workbook: bytes) -> bytes:
    """Take the moment of saving out of a workbook, so that the same content gives the same bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as new:
        for member in sorted(old.namelist()):
            content = old.read(member)
            if member.startswith("docProps/"):
                content = _SAVED.sub(b"2000-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(member, (2000, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _fill(sheet: Any, said: Sheet) -> None:
    sheet.freeze_panes = "A2"
    for position, column in enumerate(said.columns):
        texts = [column, *(str(line[position].value) for line in said.lines[:_LOOKED_AT] if position < len(line))]
        width = max(_NARROWEST, min(_WIDEST, max(map(len, texts)) + 2))
        sheet.column_dimensions[get_column_letter(position + 1)].width = width
    sheet.append([text_cell(sheet, text_of(column), bold=True) for column in said.columns])
    for line in said.lines:
        sheet.append([_cell(sheet, each) for each in line])


def _cell(sheet: Any, said: Cell) -> Any:
    if isinstance(said.value, int):
        cell = WriteOnlyCell(sheet, said.value)
    else:
        cell = text_cell(sheet, text_of(said.value), colour=said.colour)
    if said.note:
        cell.comment = Comment(text_of(said.note)[:_NOTE_LETTERS], "")
    return cell
