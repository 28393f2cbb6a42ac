"""The same workbook back: a holder's rejected rows, or its own columns, for nobody but that holder (decision 0017)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from datacoop.lib.sheets import book_of, text_of
from datacoop.sources.keeping import NOTE_COLUMNS, Fault, KeptRejected

_WRONG, _NOTE = "F9D5D3", "FFF2CC"
Say = Callable[[Fault], str]


def sentence_of(fault: Fault) -> str:
    """Return what is wrong, in the importer's own words."""
    return fault[2]


def rejected_workbook(rows: Sequence[KeptRejected], *, language: str = "en", say: Say = sentence_of) -> bytes:
    """Return an XLSX of rejected rows as they were sent: own columns, own order, and a last one with what is wrong.

    Cells at fault are coloured. Mended, it is sent again as a part of the list. `say` words one problem.
    """
    columns = list(dict.fromkeys(c for each in rows for c in each.row.columns if not is_note(c)))
    book = ([*_cells(each, columns), (_note(each, say), _NOTE)] for each in rows)
    return book_of(NOTE_COLUMNS[language], [*columns, NOTE_COLUMNS[language]], book)


def own_workbook(title: str, columns: Sequence[str], rows: Iterable[tuple[str, Mapping[str, object]]]) -> bytes:
    """Return an XLSX of a holder's own columns beside the name of each row."""
    book = ([(text_of(name), ""), *((text_of(cells.get(c)), "") for c in columns)] for name, cells in rows)
    return book_of(title, ["", *columns], book)


def is_note(column: str) -> bool:
    """Whether a column is the one that a workbook came back with."""
    return column in NOTE_COLUMNS.values()


def _cells(each: KeptRejected, columns: Sequence[str]) -> list[tuple[str, str]]:
    wrong = {column for column, _, _ in each.row.faults}
    return [(text_of(each.row.cells.get(c)), _WRONG if c in wrong else "") for c in columns]


def _note(each: KeptRejected, say: Say) -> str:
    """Each problem with its column, since a colour alone tells not everybody."""
    return "\n".join(f"{fault[0]}: {say(fault)}" if fault[0] else say(fault) for fault in each.row.faults)
