"""The rows of one file, one after the other: staged, or kept for whoever sent them; counted and reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datacoop.kinds.definition import Kind
from datacoop.pipelines.intake import Report, RowProblem
from datacoop.pipelines.persons import names_of
from datacoop.pipelines.stage import Stage
from datacoop.sources.keeping import Fault, Keeping, Rejected
from datacoop.sources.mapping import ID, OWN, REPORTED_ID
from datacoop.sources.masking import CONTACT_IN_TEXT
from datacoop.sources.readers.table import Row
from datacoop.sources.rows import MappedRow, RowReader


@dataclass(frozen=True)
class File:
    """What a row's problem is told with, and what its cells are handed back with. `name` where there are several.

    `key_columns` are those the holder knows its rows by.
    """

    name: str | None
    columns: tuple[str, ...]
    own_columns: tuple[str, ...]
    key_columns: tuple[str, ...] = ()


def file_of(name: str | None, mapping: dict[str, str | None]) -> File:
    """Return the file of a mapping, which names all its columns in their order."""
    own = tuple(c for c, target in mapping.items() if target == OWN)
    keys = tuple(c for c, target in mapping.items() if target in {ID, REPORTED_ID})
    return File(name, tuple(mapping), own, keys)


class Taking:
    """Takes rows. Without `keeping`, on a dry run, nothing of them is kept."""

    def __init__(
        self, kind: Kind, file: File, *, stage: Stage, report: Report, keeping: Keeping | None, with_persons: bool
    ) -> None:
        """`with_persons`: columns about natural persons are stored; else they are only counted."""
        self._file, self._stage, self._report, self._keeping = file, stage, report, keeping
        self._with_persons = with_persons
        self._are_persons = kind.name == "person"

    def take(self, rows: Sequence[Row], reader: RowReader) -> None:
        """Take a batch and write what it leaves, in short transactions."""
        for row in rows:
            self._take(row, reader)
        self._stage.flush()
        if self._keeping:
            self._keeping.flush()

    def _take(self, row: Row, reader: RowReader) -> None:
        counts = self._report.counts
        counts["read"] += 1
        mapped = reader.read(row)
        faults: list[Fault] = [(p.column or None, p.code, p.message) for p in mapped.problems]
        is_taken = not mapped.rejected and self._offered(row, mapped, faults)
        if mapped.rejected:
            self._stage.keep(mapped)
        counts["accepted" if is_taken else "rejected"] += 1
        if not is_taken and self._keeping:
            told = Rejected(mapped.key, row.number, self._file.name, self._file.columns, row.values, tuple(faults))
            self._keeping.reject(told)
        for column, code, message in faults:
            self._report.problem(RowProblem(row.number, column, code, message, self._file.name))

    def _offered(self, row: Row, mapped: MappedRow, faults: list[Fault]) -> bool:
        self._count_persons(mapped)
        taken = self._stage.offer(mapped)
        if taken is None:
            faults.append((None, "duplicate-row", "This row stands twice, word for word."))
            return False
        faults += [(p.column or None, p.code, p.message) for p in taken.problems]
        if mapped.corrected:
            self._report.correct(mapped.corrected, row.number, self._file.name)
        if mapped.masked:
            self._report.hidden_because[CONTACT_IN_TEXT] += 1
        if self._keeping:
            self._keeping.take(taken.key, row.values)
            if self._file.own_columns:
                self._keeping.own(taken.key, self._own_cells(row))
        return True

    def _own_cells(self, row: Row) -> dict[str, object]:
        """What the row says for its holder alone, beside what it is known by; nothing where it says nothing."""
        said = {c: row.values[c] for c in self._file.own_columns if c in row.values}
        return {c: row.values[c] for c in self._file.key_columns if c in row.values} | said if said else {}

    def _count_persons(self, mapped: MappedRow) -> None:
        """Count whom the row names: each would have to be told before anything about them is kept."""
        self._report.name_persons([mapped.key] if self._are_persons else names_of(mapped.persons))
        if not self._with_persons:
            mapped.persons = []
