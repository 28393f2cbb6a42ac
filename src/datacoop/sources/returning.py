"""The same workbook back: a holder's rejected rows, or its own columns, for nobody but that holder (decision 0017)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from datacoop.lib.sheets import Cell, Sheet, text_of
from datacoop.sources.keeping import NOTE_COLUMNS, Fault, KeptRejected

_WRONG, _NOTE = "F9D5D3", "FFF2CC"
Say = Callable[[Fault], str]


def sentence_of(fault: Fault) -> str:
    """Return what is wrong, in the importer's own words."""
    return fault[2]


def rejected_sheet(rows: Sequence[KeptRejected], *, language: str = "en", say: Say = sentence_of) -> Sheet:
    """Return rejected rows as they were sent: own columns, own order, and a last column with what is wrong.

    Cells at fault are coloured. Mended, the sheet is sent again as a part of the list. `say` words one problem.
    """
    columns = list(dict.fromkeys(c for each in rows for c in each.row.columns if not is_note(c)))
    lines = [[*_cells(each, columns), Cell(_note(each, say), _NOTE)] for each in rows]
    return Sheet(NOTE_COLUMNS[language], [*columns, NOTE_COLUMNS[language]], lines)


def own_sheet(
    title: str, columns: Sequence[str], rows: Iterable[tuple[str, Mapping[str, object]]], *,
    keys: Sequence[str] = (), name: str = "",
) -> Sheet:  # fmt: skip
    """Return a holder's own columns in the order given: what each row is known by (`keys`) and its name come first.

    `name` is what the column with the names is called.
    """
    lines = [[*_texts(cells, keys), Cell(said), *_texts(cells, columns)] for said, cells in rows]
    return Sheet(title, [*keys, name, *columns], lines)


def _texts(cells: Mapping[str, object], columns: Sequence[str]) -> list[Cell]:
    return [Cell(text_of(cells.get(column))) for column in columns]


def is_note(column: str) -> bool:
    """Whether a column is the one that a workbook came back with."""
    return column in NOTE_COLUMNS.values()


def _cells(each: KeptRejected, columns: Sequence[str]) -> list[Cell]:
    wrong = {column for column, _, _ in each.row.faults}
    return [Cell(text_of(each.row.cells.get(c)), _WRONG if c in wrong else "") for c in columns]


def _note(each: KeptRejected, say: Say) -> str:
    """Each problem with its column, since a colour alone tells not everybody."""
    return "\n".join(f"{fault[0]}: {say(fault)}" if fault[0] else say(fault) for fault in each.row.faults)
