"""What a holder takes along when it leaves: its list as it stands, in its own columns, with every correction passed on.

Its own words, its own columns and what subjects chose to let it know; nothing that anybody else says (law 2). Rows of
restricted and erased records are not there, as on its other pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from datacoop.directory import themes
from datacoop.kinds.definition import Property
from datacoop.lib.sheets import Cell, Sheet, text_of
from datacoop.pipelines.coverage.changes import Column, columns_of, values_at
from datacoop.pipelines.coverage.passing import PassedRow, every_row
from datacoop.pipelines.coverage.people import person_columns
from datacoop.sources.keeping import list_own
from datacoop.sources.owning import HolderFacts, OwnList, own_columns_of

_CHANGED = "FFF2CC"
_LANGUAGES = ("fr", "de", "it", "en")


def whole_list(holder: HolderFacts, own: OwnList, *, language: str) -> Sheet:
    """Return a sheet with all rows of a list, corrected cells coloured.

    What stood in a corrected cell is its note. Columns that no cell is known of any more are left out: a key that the
    list alone is known by is kept as a digest.
    """
    rows, kept = every_row(holder, own), dict(list_own(own.source_id))
    mapped = [*columns_of(own, compared=False), *person_columns(own)]
    beside = [
        c for c in dict.fromkeys([*own.key_columns, *own_columns_of(own)]) if any(c in each for each in kept.values())
    ]
    lines = [
        [*(Cell(text_of(kept.get(each.row.number, {}).get(c))) for c in beside), *_cells(mapped, each, language)]
        for each in rows
    ]
    return Sheet(own.name, [*beside, *(column.name for column in mapped)], lines)


def _cells(columns: Sequence[Column], row: PassedRow, language: str) -> list[Cell]:
    theirs = {(change.column.name, change.column.part): change.theirs for change in row.changes}
    found = []
    for column in columns:
        mine = _text(column, values_at(column, row.row.said(column)), language)
        new = theirs.get((column.name, column.part))
        found.append(Cell(mine) if new is None else Cell(_text(column, new, language), _CHANGED, mine))
    return found


def _text(column: Column, values: Sequence[object], language: str) -> str:
    return ", ".join(_said(value, column.property, language) for value in values)


def _said(value: object, of: Property, language: str) -> str:
    if of.type == "theme":
        return themes.label(str(value), language)
    if str(value) in of.values:
        return of.values[str(value)].get(language, str(value))
    if isinstance(value, Mapping) and set(value) <= set(_LANGUAGES):
        return text_of(next((value[each] for each in (language, *_LANGUAGES) if value.get(each)), None))
    return text_of(value)
