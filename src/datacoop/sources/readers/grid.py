"""From rows of cells to a Table: where the names of the columns stand, which way up, what was left out.

For every format that is a grid (separated values, workbooks, tables of web pages). Reads no file.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from typing import Final

from datacoop.lib.cells import unsigned
from datacoop.lib.tabular import (
    Heading,
    Knows,
    Span,
    column_letter,
    heading_of,
    is_filled,
    stands_sideways,
    turned,
    unique_names,
)
from datacoop.lib.text import clean
from datacoop.sources.readers.json_values import ITEM_KEYS
from datacoop.sources.readers.sections import Sections, sections_of
from datacoop.sources.readers.table import ListRefused, Row, Table

#: (number as the sheet shows it, cells)
Record = tuple[int, Sequence[object]]
HEAD_ROWS: Final = 201
_MOST_COLUMNS: Final = 5_000
_HELP_COLUMNS: Final = frozenset({"__ignore__", "_ignore_", "__aide__", "__help__"})


@dataclass
class Grid:
    """Cells in the order of the sheet. `spans` are cells merged over several columns: (number, first, last)."""

    format: str
    encoding: str | None
    records: Iterator[Record]
    notes: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


class Budget:
    """Merged and skipped cells may not make far more cells than the file has characters."""

    def __init__(self, characters: int, advice: str) -> None:
        self._left, self._advice = 100_000 + characters, advice

    def spend(self, cells: int) -> None:
        self._left -= cells
        if self._left < 0:
            raise ListRefused("too-large", f"Merged or skipped cells make far too large a table. {self._advice}")


def table_of(grid: Grid, knows: Knows) -> Table:
    """The grid as a table, read as a stream after its first rows. Raises ListRefused where nothing is filled."""
    knows = lru_cache(maxsize=4096)(knows)
    head = list(itertools.islice(grid.records, HEAD_ROWS))
    cells = [record for _number, record in head]
    if not any(is_filled(cell) for row in cells for cell in row):
        # Something may stand far below.
        later = next((each for each in grid.records if any(map(is_filled, each[1]))), None)
        if later is None:
            raise ListRefused("empty", "There is no filled cell: is this the right file, the right sheet?")
        return table_of(_further(grid, later), knows)
    if max(map(len, cells)) > _MOST_COLUMNS:
        raise ListRefused(
            "too-large", f"More than {_MOST_COLUMNS} columns: keep those of the list and delete the others."
        )
    if _is_exported(cells[0]):
        return _exported(grid, head)
    column = stands_sideways(cells, knows)
    if column is not None:
        return _sideways(grid, head, column)
    return _upright(grid, head, knows)


def _further(grid: Grid, first: Record) -> Grid:
    return Grid(grid.format, grid.encoding, itertools.chain([first], grid.records), grid.notes, grid.spans)


def _is_exported(cells: Sequence[object]) -> bool:
    return {cell for cell in cells if isinstance(cell, str)} >= ITEM_KEYS


def _exported(grid: Grid, head: list[Record]) -> Table:
    """An export of ours: its first row names the columns, every other one is a record, whatever it holds."""
    (number, names), *below = head
    columns = unique_names(names)
    rows = _rows(itertools.chain(below, grid.records), columns, sections_of([], columns, []), grid.notes)
    return Table(grid.format, grid.encoding, number, columns, map(_unsigned, rows), grid.notes)


def _unsigned(row: Row) -> Row:
    """A row without the signs that our export puts before what a spreadsheet would run."""
    return Row(row.number, {c: unsigned(cell) if isinstance(cell, str) else cell for c, cell in row.values.items()})


def _upright(grid: Grid, head: list[Record], knows: Knows) -> Table:
    cells = [record for _number, record in head]
    at = {number: index for index, (number, _cells) in enumerate(head)}
    spans = [(at[number], left, right) for number, left, right in grid.spans if number in at]
    heading = heading_of(cells[:60], knows, spans)
    below = cells if heading is None else cells[heading.last + 1 :]
    columns = _columns(heading, below)
    first = 0 if heading is None else heading.last + 1
    number = None if heading is None else head[heading.last][0]
    _tell_heading(heading, head, columns, grid.notes)
    sections = sections_of(below, columns, grid.spans)
    rows = _rows(itertools.chain(head[first:], grid.records), columns, sections, grid.notes)
    return Table(grid.format, grid.encoding, number, columns, rows, grid.notes, left_out=sections.left_out)


def _columns(heading: Heading | None, below: Sequence[Sequence[object]]) -> list[str]:
    """Names of all columns that have a name or values; columns that most rows fill need no name."""
    if heading is None:
        return unique_names([""] * max(map(len, below)))
    names = list(heading.names)
    while names and not is_filled(names[-1]) and not _fills(below, len(names) - 1, 0):
        names.pop()
    while _fills(below, len(names), len(below) // 2):
        names.append("")
    return unique_names(names)


def _fills(rows: Sequence[Sequence[object]], position: int, more_than: int) -> bool:
    return sum(1 for row in rows if len(row) > position and is_filled(row[position])) > more_than


def _tell_heading(heading: Heading | None, head: list[Record], columns: list[str], notes: list[str]) -> None:
    if heading is None:
        notes.append("No row names the columns: they are called by their letters.")
        return
    above = [number for number, cells in head[: heading.first] if any(map(is_filled, cells))]
    if above:
        rows = f"rows {above[0]} to {above[-1]}" if len(above) > 1 else f"row {above[0]}"
        notes.append(f"What stands above the names of the columns was not read as records: {rows}.")
    if heading.first != heading.last:
        notes.append(
            f"The names of the columns stand in two rows, {head[heading.first][0]} and {head[heading.last][0]}."
        )
    names = heading.names[: len(columns)]
    filled = [str(name).strip() for name in names if is_filled(name)]
    twice = sorted({name for name in filled if filled.count(name) > 1})
    if twice:
        notes.append(f"Several columns have the same name, the later ones were numbered: {_listed(twice)}.")
    unnamed = [column_letter(position) for position, name in enumerate(names) if not is_filled(name)]
    if unnamed:
        notes.append(f"Columns without a name are called by their letters: {_listed(unnamed)}.")
    odd = [columns[position] for position, name in enumerate(names) if isinstance(name, date | time)]
    if odd:
        notes.append(f"A date stands where the name of a column should be: {_listed(odd)}. Is that a slip?")


def _listed(names: list[str]) -> str:
    more = len(names) - 10
    return ", ".join(clean(name[:200])[:60] for name in names[:10]) + (f" and {more} more" if more > 0 else "")


def _rows(records: Iterator[Record], columns: list[str], sections: Sections, notes: list[str]) -> Iterator[Row]:
    width = len(columns)
    helps = next((position for position, name in enumerate(columns) if name.lower() in _HELP_COLUMNS), None)
    ignored, overlong, first_overlong = 0, 0, 0
    for number, record in records:
        if helps is not None and len(record) > helps and record[helps] not in ("", None, False, 0):
            ignored += 1
            continue
        values = {column: cell for column, cell in zip(columns, record, strict=False) if is_filled(cell)}
        if len(record) > width and any(map(is_filled, record[width:])):
            overlong += 1
            first_overlong = first_overlong or number
        if values and not sections.leaves_out(number, values):
            yield Row(number, values)
    notes += sections.told()
    if ignored:
        notes.append(f"{ignored} rows say themselves that they are to be ignored.")
    if overlong:
        notes.append(
            f"Row {first_overlong} has more cells than there are names of columns, so have {overlong} rows in all: "
            "their last cells were left out. Does a cell hold the separator?"
        )


def _sideways(grid: Grid, head: list[Record], column: int) -> Table:
    """Records that stand in columns: number is that of the column."""
    named = [list(cells) for _number, cells in head if len(cells) > column and any(map(is_filled, cells[column + 1 :]))]
    names = unique_names([row[column] for row in named])
    grid.notes.append("The records stand in columns, their names in the first one: the sheet was turned.")
    rows = [
        Row(position + 1, {name: cell for name, cell in zip(names, cells, strict=True) if is_filled(cell)})
        for position, cells in enumerate(turned(named))
        if position > column
    ]
    return Table(grid.format, grid.encoding, None, names, (row for row in rows if row.values), grid.notes, True)
