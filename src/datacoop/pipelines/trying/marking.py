"""The sender's own workbook with findings as coloured cells and comments; sheets, columns, order and formats stay.

What we add is inert: no formula, no control character. What openpyxl cannot carry over is said, never dropped silently.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from datacoop.lib.text import clean
from datacoop.pipelines.trying.findings import DOUBT, LEVELS, PUBLIC, WRONG, Finding
from datacoop.sources.readers.table import Row

FILLS: Final = {
    WRONG: PatternFill("solid", fgColor="FFFFC7CE"),
    DOUBT: PatternFill("solid", fgColor="FFFFEB9C"),
    PUBLIC: PatternFill("solid", fgColor="FFBDD7EE"),
}
_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL: Final = 32_767
_LONGEST_COMMENT: Final = 1_500
_PROBES: Final = 40
_LARGEST_MERGED: Final = 10_000
_NOT_KEPT: Final = {"macros": r"xl/vbaProject\.bin", "pictures": r"xl/(?:charts/|media/|drawings/[^/]+\.xml$)"}
Words = Mapping[str, str]
#: (row, column) of the cell of a row's number and a column's name; None where it cannot be told.
Place = Callable[[int, str | None], tuple[int, int] | None]


@dataclass(frozen=True)
class Marks:
    """What is written into a workbook, and in which words."""

    columns: Sequence[str]
    rows: Sequence[Row]
    findings: Sequence[Finding]
    words: Words
    summary: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Marked:
    """A workbook was written: codes of what it lost, and the sheet that holds the list where there are several."""

    lost: tuple[str, ...] = ()
    sheet: str | None = None


def mark_workbook(source: Path, target: Path, marks: Marks) -> Marked:
    """Write the sender's workbook with marks.

    Raises: ValueError and whatever openpyxl raises, for a workbook that it cannot open.
    """
    lost = _lost(source)
    with source.open("rb") as stream:  # whatever its name ends with
        workbook = load_workbook(stream)
    place, sheet = _best_sheet(workbook, marks)
    if place is None or sheet is None:
        raise ValueError("the list is in no sheet that can be marked")
    looked_at = sheet.title if len(workbook.sheetnames) > 1 else None
    _mark(sheet, place, marks)
    _add_findings(workbook, sheet, place, marks)
    workbook.save(target)
    return Marked(lost, looked_at)


def write_workbook(sheets: Iterable[tuple[str, Iterable[Sequence[object]]]], target: Path, marks: Marks) -> None:
    """Write a new workbook of plain sheets, every text a text, with marks."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, records in sheets:
        _write_sheet(workbook.create_sheet(_title(title, workbook)), records)
    place, sheet = _best_sheet(workbook, marks)
    if place is not None and sheet is not None:
        _mark(sheet, place, marks)
    _add_findings(workbook, sheet, place, marks)
    workbook.save(target)


def inert(text: str) -> str:
    """Return a text of ours without anything a spreadsheet would run or choke on."""
    kept = clean(str(ILLEGAL_CHARACTERS_RE.sub("", text)), lines=True)[:_LONGEST_CELL]
    return f"'{kept}" if kept.startswith(_STARTS) else kept


def _lost(source: Path) -> tuple[str, ...]:
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
    return tuple(code for code, pattern in _NOT_KEPT.items() if any(re.match(pattern, name) for name in names))


def _best_sheet(workbook: Workbook, marks: Marks) -> tuple[Place | None, Worksheet | None]:
    """The sheet whose cells hold the rows that were read, and where each of them stands: upright or turned."""
    best: tuple[float, Place | None, Worksheet | None] = (0.5, None, None)
    for sheet in workbook.worksheets:
        for place in (_upright(marks), _sideways(sheet, marks)):
            score = _fit(sheet, place, marks)
            if score > best[0]:
                best = (score, place, sheet)
    return best[1], best[2]


def _upright(marks: Marks) -> Place:
    positions = {name: position for position, name in enumerate(marks.columns, start=1)}
    return lambda row, column: (row, positions.get(column or "", 1))


def _sideways(sheet: Worksheet, marks: Marks) -> Place:
    """The names of the columns stand one below the other, each record is a column."""
    wanted, positions = set(marks.columns), dict[str, int]()
    cells = sheet.iter_rows(min_row=1, max_row=min(sheet.max_row, 300), max_col=3, values_only=True)
    for position, row in enumerate(cells, start=1):
        for value in row:
            name = clean(str(value or ""))
            if name in wanted:
                positions.setdefault(name, position)
    first = min(positions.values(), default=1)
    return lambda row, column: (positions.get(column or "", first), row)


def _fit(sheet: Worksheet, place: Place, marks: Marks) -> float:
    """The share of cells, of some rows, that hold what was read from them; formulas have no value here."""
    step = max(1, len(marks.rows) // _PROBES)
    last_row, last_column = sheet.max_row, sheet.max_column
    right = seen = 0
    for row in marks.rows[::step]:
        for column, value in row.values.items():
            spot = place(row.number, column)
            if spot is None or spot[0] > last_row or spot[1] > last_column:
                seen += 1
                continue
            found = sheet.cell(*spot).value
            seen += 1
            right += found is not None and (str(found).startswith("=") or _plain(found) == _plain(value))
    return right / seen if seen else 0.0


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return f"{value:g}"
    text = clean(str(value))
    return text.removesuffix(" 00:00:00").removeprefix("'")


def _mark(sheet: Worksheet, place: Place, marks: Marks) -> None:
    by_cell: dict[tuple[int, int], list[Finding]] = {}
    heads = _heads_of_merged(sheet)
    for each in marks.findings:
        spot = place(each.row, each.column)
        if spot is not None:
            by_cell.setdefault(heads.get(spot, spot), []).append(each)
    for spot, found in by_cell.items():
        cell = sheet.cell(*spot)
        cell.fill = FILLS[min((each.level for each in found), key=LEVELS.index)]
        texts = dict.fromkeys(inert(each.text(marks.words)) for each in found)
        _comment(cell, "\n".join(f"• {text}" for text in texts), inert(marks.words["sheet.author"]))


def _comment(cell: Any, text: str, author: str) -> None:
    before = cell.comment
    if before is not None and before.text:
        text, author = f"{before.text}\n\n{text}", before.author or author
    comment = Comment(text[:_LONGEST_COMMENT], author)
    comment.width = 320
    comment.height = 30 + 20 * (text.count("\n") + 1 + len(text) // 45)
    cell.comment = comment


def _heads_of_merged(sheet: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Of merged cells only the first can hold anything."""
    return {
        (row, column): (merged.min_row, merged.min_col)
        for merged in sheet.merged_cells.ranges
        if merged.size["rows"] * merged.size["columns"] <= _LARGEST_MERGED
        for row in range(merged.min_row, merged.max_row + 1)
        for column in range(merged.min_col, merged.max_col + 1)
    }


def _add_findings(workbook: Workbook, sheet: Worksheet | None, place: Place | None, marks: Marks) -> None:
    """One more sheet, the last: the summary, the key to the colours, and every finding with a link to its cell."""
    words = marks.words
    page = workbook.create_sheet(_title(words["sheet.title"], workbook))
    for number, texts in enumerate(marks.summary, start=1):
        _line(page, number, texts)
    first_key = len(marks.summary) + 2
    for number, level in enumerate(FILLS, start=first_key):
        _line(page, number, ("", words[f"sheet.{level}"]))
        page.cell(number, 1).fill = FILLS[level]
    head = first_key + len(FILLS) + 1
    _line(page, head, [words[f"sheet.{name}"] for name in ("cell", "column", "level", "finding")])
    for cell in page[head]:
        cell.font = Font(bold=True)
    for number, each in enumerate(marks.findings, start=head + 1):
        spot = place(each.row, each.column) if place else None
        where = f"{get_column_letter(spot[1])}{spot[0]}" if spot else str(each.row)
        _line(page, number, (where, each.column or "", words[f"sheet.{each.level}"], each.text(words)))
        first = page.cell(number, 1)
        first.fill = FILLS[each.level]
        if spot and sheet is not None:
            title = sheet.title.replace("'", "''")
            first.hyperlink = Hyperlink(ref=first.coordinate, location=f"'{title}'!{where}")
    for letter, width in zip("ABCD", (34, 24, 26, 90), strict=True):
        page.column_dimensions[letter].width = width


def _line(page: Worksheet, number: int, texts: Sequence[str]) -> None:
    for position, text in enumerate(texts, start=1):
        _put(page.cell(number, position), inert(text))
        page.cell(number, position).alignment = Alignment(wrap_text=position == 4, vertical="top")


def _title(wished: str, workbook: Workbook) -> str:
    """A title that Excel takes and no other sheet has."""
    plain = re.sub(r"[\\/*?:\[\]']", " ", inert(wished)).strip()[:28] or "1"
    taken = {name.lower() for name in workbook.sheetnames}
    return next(t for t in (plain, *(f"{plain} {n}" for n in range(2, 999))) if t.lower() not in taken)


def _write_sheet(sheet: Worksheet, records: Iterable[Sequence[object]]) -> None:
    widths: dict[int, int] = {}
    for number, record in enumerate(records, start=1):
        for position, value in enumerate(record, start=1):
            if value is None or value == "":
                continue
            _put(sheet.cell(number, position), value)
            widths[position] = max(widths.get(position, 8), min(50, len(str(value)) + 2))
    for position, width in widths.items():
        sheet.column_dimensions[get_column_letter(position)].width = width


def _put(cell: Any, value: object) -> None:
    """Write a value; a text stays a text, whatever it begins with."""
    if not isinstance(value, str):
        cell.value = _storable(value)
        return
    text = str(ILLEGAL_CHARACTERS_RE.sub("", value))[:_LONGEST_CELL]
    cell.value = text
    cell.data_type = "s"
    if text.startswith(_STARTS):
        cell.quotePrefix = True


def _storable(value: object) -> Any:
    """Lists and objects of JSON as text."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
