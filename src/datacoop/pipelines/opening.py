"""Open one file of a contribution and decide what each of its columns means. Reads, writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from datacoop.kinds.definition import Kind
from datacoop.pipelines.intake import Report
from datacoop.sources.mapping import ID, OWN, PERSON, ColumnMapping, is_target, knows_header, propose
from datacoop.sources.masking import mask
from datacoop.sources.readers.reading import read
from datacoop.sources.readers.table import Row, Table
from datacoop.sources.returning import is_note
from datacoop.sources.turning import turn_of

SAMPLE = 2000
#: Rows that are staged together: enough for those that lie side by side to be written side by side.
BATCH = 4000
#: What a mapping calls the holder's own key: as the record's path in the API item, or as `sources` does.
KEY = "id"
#: How a report marks columns that become nothing in the API.
_SORTS: dict[str | None, str] = {PERSON: "person", OWN: "own"}
_LISTED_PARTS = ("street", "extra", "value")


@dataclass(frozen=True)
class Opened:
    """A file, its first rows, and what its columns are taken for."""

    table: Table
    sample: list[Row]
    mapping: dict[str, str | None]
    #: The report's, which hears of what the reader notes after the first rows.
    notes: list[str]

    def batches(self) -> Iterator[list[Row]]:
        """Yield all rows, in batches that are staged one after the other."""
        known = len(self.table.notes)
        for source in (iter(self.sample), self.table.rows):
            while batch := list(islice(source, BATCH)):
                yield batch
        self.notes.extend(self.table.notes[known:])


def open_file(path: Path, kind: Kind, given: Mapping[str, str | None], report: Report) -> Opened:
    """Open a file; columns that `given` does not name are proposed. The report tells what was found.

    Raises:
        sources.readers.table.ListRefused: it is no list.
    """
    table = read(path, knows=lambda label: knows_header(label, kind))
    sample = list(islice(table.rows, SAMPLE))
    mapping: dict[str, str | None] = {}
    # What was decided on a column whose name holds a contact is kept under the name without it.
    unnamed = {c: str(mask(c, None)) for c in table.columns if c not in given}
    given = {**given, **{column: given[masked] for column, masked in unnamed.items() if masked in given}}
    for column in _decided(propose(table.columns, sample, kind), given, kind):
        mapping[column.column] = column.property
        report.column(column.column, _told(column.property), column.confidence, sort=_SORTS.get(column.property, ""))
    if not report.format:
        report.format, report.encoding, report.header_row = table.format, table.encoding, table.header_row
    report.notes += table.notes
    unmapped = [column for column, target in mapping.items() if target is None and column not in given]
    report.notes += [turn.told(column) for column in unmapped if (turn := turn_of(column, sample))]
    return Opened(table, sample, mapping, report.notes)


def sha256_of(files: tuple[Path, ...]) -> str:
    """Return the digest of the files, one after the other."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def as_targets(given: Mapping[str, str | None], kind: Kind) -> dict[str, str | None]:
    """Return a mapping that somebody wrote, its key as `sources` calls it.

    Raises:
        ValueError: it names something that is no property of the kind.
    """
    found = {column: ID if target == KEY else target for column, target in given.items()}
    wrong = [f"{c!r} → {t!r}" for c, t in found.items() if t is not None and not is_target(t, kind)]
    if wrong:
        raise ValueError(f"The mapping names what is no property of {kind.name}: {', '.join(wrong)}.")
    return found


def _decided(proposed: list[ColumnMapping], given: Mapping[str, str | None], kind: Kind) -> list[ColumnMapping]:
    """Let what was given stand, and take from other columns what it claims for itself alone."""
    taken = {given[c.column] for c in proposed if c.column in given}
    decided = []
    for each in proposed:
        target, confidence = each.property, each.confidence
        if is_note(each.column):
            # We wrote it ourselves beside rejected rows.
            target, confidence = None, 0.0
        elif each.column in given:
            # A column about persons is read, never stored, so that their contacts beside it are known.
            said = given[each.column]
            target = PERSON if target == PERSON and said in {None, OWN} else said
            confidence = 1.0
        elif target in taken and target is not None and not _may_repeat(target, kind):
            target, confidence = None, 0.0
        decided.append(ColumnMapping(each.column, target, confidence))
    return decided


def _may_repeat(target: str, kind: Kind) -> bool:
    if target in {ID, PERSON, OWN}:
        return target != ID
    name, _, part = target.partition(".")
    return part in _LISTED_PARTS if part else kind.property(name).many


def _told(target: str | None) -> str | None:
    """Return the path in the API item; a column about persons has none, nor has the holder's own."""
    return {ID: KEY, PERSON: None, OWN: None}.get(target, target) if target else None
