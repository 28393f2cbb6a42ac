"""Open any reasonable list: the format is known by the file's content, its name only breaks ties.

`read(path)` gives a Table whose rows are read as they are asked for; ListRefused says, with the place in the
file, why a list cannot be read. Must not change, guess or judge values: mapping and normalising do that. One
exception: what nobody sees (NUL, zero-width, direction marks) is left out of every text, and told.
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from datacoop.lib.decoding import visible
from datacoop.sources.readers.recognising import format_of
from datacoop.sources.readers.table import ListRefused, Row, Table

__all__ = ["FORMATS", "ListRefused", "Row", "Table", "format_of", "read"]

FORMATS: Final = {
    "csv": "csv",
    "tsv": "csv",
    "xlsx": "workbook",
    "xlsb": "workbook",
    "xls": "workbook",
    "ods": "workbook",
    "html": "html",
    "spreadsheetml": "spreadsheetml",
    "json": "json",
    "ndjson": "json",
    "geojson": "geojson",
    "osm": "osm",
    "calendar": "calendar",
}


def read(
    path: Path,
    *,
    format: str | None = None,
    knows: Callable[[str], bool] = lambda _label: False,
) -> Table:
    """Open a list. `knows` recognises header words and helps to find the row that names the columns.

    Raises ListRefused for what is no list: empty, binary, protected, broken, too large.
    """
    name = format or format_of(path)
    module_name = FORMATS.get(name)
    if module_name is None:
        raise ListRefused("format-unknown", f"The format {name} is not one of {', '.join(sorted(FORMATS))}.")
    module = importlib.import_module(f"datacoop.sources.readers.{module_name}")
    table: Table = module.open_table(path, name, knows)
    return replace(table, rows=_seen(table.rows, table.notes))


def _seen(rows: Iterator[Row], notes: list[str]) -> Iterator[Row]:
    """The rows without what nobody sees; where something was left out, or was broken before, is told."""
    unseen = _Count("Invisible characters (zero-width, direction marks, NUL) were left out of")
    broken = _Count("Characters that are broken in the file itself stand as \ufffd in")
    for row in rows:
        values: dict[str, object] = {}
        for column, value in row.values.items():
            kept = _visible(value)
            if kept != value:
                unseen.add(row.number)
            if isinstance(kept, str) and "\ufffd" in kept:
                broken.add(row.number)
            if kept not in ("", []):
                values[column] = kept
        if values:
            yield Row(row.number, values, row.faults)
    notes += [*unseen.told(), *broken.told()]


def _visible(value: object) -> object:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list):
        return [_visible(each) for each in value]
    return value


class _Count:
    """How many cells something was found in, and the first row."""

    def __init__(self, what: str) -> None:
        self._what, self._cells, self._first = what, 0, 0

    def add(self, number: int) -> None:
        self._cells += 1
        self._first = self._first or number

    def told(self) -> list[str]:
        return [f"{self._what} {self._cells} cells, the first in row {self._first}."] if self._cells else []
