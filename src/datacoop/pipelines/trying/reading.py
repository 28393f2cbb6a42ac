"""Read somebody's list as an import would: columns proposed, rows normalised; nothing is staged or stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from datacoop.kinds.definition import Kind
from datacoop.sources.actions import DEFAULT_COUNTRY
from datacoop.sources.countries import find_country
from datacoop.sources.headers import PERSON
from datacoop.sources.mapping import ColumnMapping, knows_header, propose
from datacoop.sources.normalising import Setting
from datacoop.sources.places import Gazetteer
from datacoop.sources.readers.reading import read
from datacoop.sources.readers.table import ListRefused, Row, Table
from datacoop.sources.rows import MappedRow, RowReader

MOST_ROWS = 20_000
MOST_COLUMNS = 300
#: A workbook takes some 300 bytes of memory for each of them.
MOST_CELLS = 1_500_000
SAMPLE = 2000


@dataclass(frozen=True)
class Listed:
    """A list that was read: its rows as they stand, and as they are understood. `country`: that of its numbers."""

    kind: Kind
    table: Table
    columns: tuple[ColumnMapping, ...]
    rows: list[Row]
    mapped: list[MappedRow]
    country: str | None

    @property
    def mapping(self) -> dict[str, str | None]:
        """Column → property."""
        return {each.column: each.property for each in self.columns}

    @property
    def person_columns(self) -> list[str]:
        """The columns that name people."""
        return [each.column for each in self.columns if each.property == PERSON]

    def column_of(self, row: Row, *targets: str) -> str | None:
        """The first column, in the order of `targets`, that is taken for one of them; one filled in the row first."""
        taken = [each.column for target in targets for each in self.columns if each.property == target]
        return next((column for column in taken if column in row.values), next(iter(taken), None))


def read_list(file: Path, kind: Kind, gazetteer: Gazetteer) -> Listed:
    """Read a whole list. Raises ListRefused: it is none, or too long to be tried."""
    table = read(file, knows=lambda label: knows_header(label, kind))
    rows = list(islice(table.rows, MOST_ROWS + 1))
    if not rows:
        raise ListRefused("no-rows", "There are no rows.")
    filled = sum(len(row.values) for row in rows)
    if len(rows) > MOST_ROWS or len(table.columns) > MOST_COLUMNS or filled > MOST_CELLS:
        raise ListRefused("too-long-to-try", f"More than {MOST_ROWS} rows or {MOST_COLUMNS} columns.")
    columns = tuple(propose(table.columns, rows[:SAMPLE], kind))
    mapping: Mapping[str, str | None] = {each.column: each.property for each in columns}
    country = find_country(rows[:SAMPLE], mapping, remembered=None, assumed=DEFAULT_COUNTRY).country
    reader = RowReader(mapping, kind, Setting(country), gazetteer=gazetteer, with_persons=True)
    return Listed(kind, table, columns, rows, [reader.read(row) for row in rows], country)


def values_of(mapped: MappedRow) -> dict[str, list[object]]:
    """What a row says, by property, as in an API item."""
    found: dict[str, list[object]] = {}
    for each in mapped.values:
        found.setdefault(each.property, []).append(each.value)
    return found
