"""Workbooks (xlsx, xls, ods): the sheet that holds the list, its header row, values without formulas."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from datacoop.lib.tabular import header_row_of, unique_names
from datacoop.sources.readers.table import ListRefused, Row, Table

Cell = int | float | str | bool | date | datetime | time | timedelta
_HEAD_ROWS: Final = 60
_HELP_COLUMNS: Final = frozenset({"__ignore__", "_ignore_", "__aide__", "__help__"})


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open the sheet of a workbook that looks most like a list; the others are named in a note."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = [
            workbook.get_sheet_by_name(each.name)
            for each in workbook.sheets_metadata
            if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
        ]
        filled = [(sheet, _cells(sheet)) for sheet in sheets]
    except PasswordError as error:
        raise ListRefused("protected", "The workbook has a password; save it without one.") from error
    except (CalamineError, OSError, ValueError) as error:
        raise ListRefused("broken", "The workbook is damaged and cannot be read.") from error
    candidates = [(sheet, cells) for sheet, cells in filled if any(_is_filled(row) for row in cells)]
    if not candidates:
        raise ListRefused("empty", "The workbook has no filled cell.")
    sheet, cells = _best(candidates, knows)
    return _table(name, sheet, cells, knows, [other.name for other, _ in candidates if other is not sheet])


def _cells(sheet: CalamineSheet) -> list[list[Cell]]:
    return sheet.to_python(skip_empty_area=False)


def _is_filled(row: list[Cell]) -> bool:
    return any(cell != "" for cell in row)


def _best(
    candidates: list[tuple[CalamineSheet, list[list[Cell]]]], knows: Callable[[str], bool]
) -> tuple[CalamineSheet, list[list[Cell]]]:
    """The first sheet whose header row has three words that are known; else the one with most rows."""

    def known(cells: list[list[Cell]]) -> int:
        header = header_row_of(cells[:_HEAD_ROWS], knows)
        return 0 if header is None else sum(1 for cell in cells[header] if isinstance(cell, str) and knows(cell))

    for candidate in candidates:
        if known(candidate[1]) >= 3:
            return candidate
    return max(candidates, key=lambda candidate: (known(candidate[1]) > 0, len(candidate[1])))


def _table(
    name: str,
    sheet: CalamineSheet,
    cells: list[list[Cell]],
    knows: Callable[[str], bool],
    others: list[str],
) -> Table:
    notes = [f"Read the sheet {sheet.name}."]
    if others:
        notes.append(f"Not read: {', '.join(others)}.")
    header = header_row_of(cells[:_HEAD_ROWS], knows)
    width = max(len(row) for row in cells)
    columns = unique_names([""] * width if header is None else [_label(cell) for cell in cells[header]])
    first = 0 if header is None else header + 1
    _fill_merged(sheet, cells, first)
    rows = _rows(cells, columns, first, notes)
    return Table(name, None, None if header is None else header + 1, columns, rows, notes)


def _label(cell: Cell) -> object:
    """A date or number above a column is a slip of the hand, not a name."""
    return cell if isinstance(cell, str) else ""


def _fill_merged(sheet: CalamineSheet, cells: list[list[Cell]], first: int) -> None:
    """A cell merged over several rows means its value for each of them."""
    try:
        ranges = sheet.merged_cell_ranges or []
    except (CalamineError, AttributeError):
        return
    for (top, left), (bottom, right) in ranges:
        if left != right or top < first or bottom >= len(cells) or bottom - top > 10_000:
            continue
        for row in range(top + 1, bottom + 1):
            if left < len(cells[row]) and cells[row][left] == "":
                cells[row][left] = cells[top][left]


def _rows(cells: list[list[Cell]], columns: list[str], first: int, notes: list[str]) -> Iterator[Row]:
    helps = next((position for position, name in enumerate(columns) if name.lower() in _HELP_COLUMNS), None)
    ignored = 0
    for position in range(first, len(cells)):
        row = cells[position]
        if helps is not None and row[helps] not in ("", False, 0):
            ignored += 1
            continue
        values = {column: _value(cell) for column, cell in zip(columns, row, strict=False) if cell != ""}
        if values:
            yield Row(position + 1, values)
    if ignored:
        notes.append(f"{ignored} rows say themselves that they are to be ignored.")


def _value(cell: Cell) -> object:
    """59260.0 is how a sheet keeps 59260."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    return cell
