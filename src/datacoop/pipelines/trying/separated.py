"""Separated values, handed back byte for byte with one more column of findings: same encoding, same separator.

Records are found in the bytes themselves (in Latin-1, where every byte is a character): separators, quotation marks
and line ends are the same in all encodings but UTF-16 and UTF-32, which are decoded first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from datacoop.lib.tabular import quote_of, separator_of
from datacoop.lib.text import clean
from datacoop.pipelines.trying.marking import inert
from datacoop.sources.readers.table import Row

_HEAD: Final = 100_000
_MOST_CELL: Final = 2_000_000
_PROBES: Final = 40


@dataclass(frozen=True)
class Record:
    """One record: its text as it stands, without its line end; the line end; its cells."""

    text: str
    ending: str
    cells: list[str]


@dataclass(frozen=True)
class Separated:
    """A file of separated values taken apart. `codec` makes its characters bytes again; `encoding` is its true one."""

    records: list[Record]
    separator: str
    codec: str
    encoding: str
    before: str = ""

    def decoded(self) -> list[list[str]]:
        """Return the cells as people read them."""
        return [[self._read(cell) for cell in record.cells] for record in self.records]

    def _read(self, cell: str) -> str:
        return cell if self.codec != "latin-1" else cell.encode("latin-1").decode(self.encoding, errors="replace")

    def with_findings(self, heading_row: int | None, texts: Mapping[int, str], heading: str) -> bytes:
        """Return the file with a last column: `heading` over it, and for each row number a text."""
        width = max((len(record.cells) for record in self.records), default=0)
        lines = [self.before]
        for number, record in enumerate(self.records, start=1):
            said = heading if number == heading_row else texts.get(number, "")
            lines.append(f"{self._widened(record, width, said)}{record.ending}" if record.text else record.ending)
        text = "".join(lines)
        return text.encode(self.codec, errors="replace")

    def _widened(self, record: Record, width: int, said: str) -> str:
        text = inert(said).replace("\n", " ").replace('"', "”")
        if self.codec == "latin-1":
            text = text.encode(self.encoding, errors="replace").decode("latin-1")
        missing = self.separator * (width - len(record.cells))
        return f'{record.text}{missing}{self.separator}"{text}"' if said else f"{record.text}{missing}{self.separator}"


def take_apart(file: Path, encoding: str | None, columns: Sequence[str], rows: Sequence[Row]) -> Separated | None:
    """Take a file apart the way its reader did; None where the two would not agree on what stands where."""
    found = _taken_apart(file.read_bytes(), (encoding or "utf-8").removesuffix("-bom"))
    return found if found is not None and _agrees(found, columns, rows) else None


def _taken_apart(content: bytes, encoding: str) -> Separated | None:
    wide = encoding.startswith(("utf-16", "utf-32"))
    codec = encoding if wide else "latin-1"
    try:
        text = content.decode(codec)
        "".encode(encoding)
    except (UnicodeError, LookupError):
        return None
    before = next((mark for mark in ("\ufeff", "\xef\xbb\xbf") if text.startswith(mark)), "")
    body = text[len(before) :]
    if body[:4].lower() == "sep=" or "\0" in body:
        return None
    separator = separator_of(body[:_HEAD])
    quote = quote_of(body[:_HEAD], separator)
    if quote != '"':
        return None
    try:
        return Separated(list(_records(body, separator)), separator, codec, encoding, before)
    except csv.Error:
        return None


def _records(body: str, separator: str) -> Iterator[Record]:
    """Each record with the very text it was read from."""
    csv.field_size_limit(_MOST_CELL)
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(body, newline=""):
            taken.append(line)
            yield line

    for cells in csv.reader(lines(), delimiter=separator, skipinitialspace=True):
        whole = "".join(taken)
        taken.clear()
        text = whole.rstrip("\r\n")
        yield Record(text, whole[len(text) :], cells)


def _agrees(found: Separated, columns: Sequence[str], rows: Sequence[Row]) -> bool:
    """Whether some rows stand where their numbers say, with the values that were read."""
    for row in rows[:: max(1, len(rows) // _PROBES)]:
        if not 0 < row.number <= len(found.records):
            return False
        cells = [clean(found._read(cell)) for cell in found.records[row.number - 1].cells]
        told = {name: clean(str(value)) for name, value in row.values.items()}
        if any(told[name] != cell for name, cell in zip(columns, cells, strict=False) if name in told):
            return False
    return True
