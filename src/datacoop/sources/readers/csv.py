"""CSV, TSV and cousins: any common encoding, separator, quotation mark and line end; read as a stream."""

import csv
import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from datacoop.lib.tabular import encoding_of, header_row_of, quote_of, separator_of, unique_names
from datacoop.sources.readers.table import ListRefused, Row, Table

_HEAD_ROWS: Final = 60
_MAX_CELL: Final = 2_000_000
_MAX_COLUMNS: Final = 5_000


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open a table of separated values; the encoding is decided on the whole file, the rest on its head."""
    encoding, certain = encoding_of(_chunks(path))
    notes: list[str] = []
    errors = "strict"
    if encoding == "utf-8-replaced":
        encoding, errors = "utf-8", "replace"
        notes.append("Some characters are broken in the file itself and were replaced.")
    elif not certain:
        notes.append(f"The encoding was recognised as {encoding} by its letters.")
    head = _head(path, encoding)
    separator = "\t" if name == "tsv" and "\t" in head else separator_of(head)
    records = _records(path, encoding, errors, (separator, quote_of(head, separator)))
    first = list(itertools.islice(records, _HEAD_ROWS))
    rows = [record for _number, record in first]
    if not any(any(record) for record in rows):
        raise ListRefused("empty", "The file has no filled cell.")
    header = header_row_of(rows, knows)
    columns = _columns(rows, header)
    body = itertools.chain(first if header is None else first[header + 1 :], records)
    shown = "utf-8-bom" if encoding == "utf-8-sig" else encoding
    number = None if header is None else first[header][0]
    return Table(name, shown, number, columns, _rows(body, columns, notes), notes)


def _columns(rows: list[list[str]], header: int | None) -> list[str]:
    if header is None:
        return unique_names([""] * max(len(record) for record in rows))
    names = list(rows[header])
    while names and not names[-1].strip() and not _has_values(rows[header + 1 :], len(names) - 1):
        names.pop()
    if len(names) > _MAX_COLUMNS:
        raise ListRefused("too-large", f"More than {_MAX_COLUMNS} columns.")
    return unique_names(names)


def _has_values(rows: list[list[str]], position: int) -> bool:
    return any(len(row) > position and row[position].strip() for row in rows)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(100_000)


def _records(path: Path, encoding: str, errors: str, dialect: tuple[str, str]) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells): empty rows count, as they do in a sheet."""
    separator, quote = dialect
    csv.field_size_limit(_MAX_CELL)
    with path.open("rb") as raw, io.TextIOWrapper(raw, encoding, errors, newline="") as file:
        lines = csv.reader(
            file,
            delimiter=separator,
            quotechar=quote,
            skipinitialspace=True,
            escapechar="\\" if quote == "'" else None,
        )
        number = 0
        while True:
            number += 1
            line = lines.line_num
            try:
                record = next(lines)
            except StopIteration:
                return
            except csv.Error as error:
                raise ListRefused(
                    "quote-unclosed",
                    "A cell never ends: a quotation mark is missing",
                    line=line + 1,
                ) from error
            except UnicodeError as error:
                raise ListRefused("encoding", "Bytes of another encoding", line=line + 1) from error
            yield number, record


def _rows(records: Iterator[tuple[int, list[str]]], columns: list[str], notes: list[str]) -> Iterator[Row]:
    width = len(columns)
    overlong = 0
    for number, record in records:
        values: dict[str, object] = {
            column: cell for column, cell in zip(columns, record, strict=False) if cell and not cell.isspace()
        }
        if len(record) > width and any(cell.strip() for cell in record[width:]):
            overlong += 1
            if overlong == 1:
                notes.append(f"Row {number} has more cells than there are columns; the rest was left out.")
        if values:
            yield Row(number, values)
