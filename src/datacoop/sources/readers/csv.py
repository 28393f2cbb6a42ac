"""CSV, TSV and cousins: any common encoding, separator, quotation mark and line end; read as a stream."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from datacoop.lib.decoding import Decoding, decoding_of
from datacoop.lib.tabular import quote_of, separator_of
from datacoop.sources.readers.grid import Grid, Record, table_of
from datacoop.sources.readers.json_values import ITEM_KEYS
from datacoop.sources.readers.table import ListRefused, Table

_MAX_CELL: Final = 2_000_000
_MAX_LINE: Final = 8_000_000
#: Read after the last line: a cell that is still open swallows it.
_END: Final = "\x00\ue000\x00"
_SAID: Final = re.compile(r"\ufeff?\"?sep=(.)\"?[ \t;,]*(?:\r\n|\r|\n|$)", re.IGNORECASE)


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open a table of separated values; the encoding is decided on the whole file, the rest on its head."""
    decoding = decoding_of(chunks_of(path))
    notes = notes_of(decoding)
    head = _head(path, decoding)
    said = _SAID.match(head)
    if said and _may_separate(said[1]):
        separator, head = said[1], head[said.end() :]
    else:
        said = None
        separator = "\t" if name == "tsv" and "\t" in head else separator_of(head)
    quote = quote_of(head, separator)
    if set(head.partition("\n")[0].strip("\ufeff\r").split(",")) >= ITEM_KEYS:
        # An export of ours: nothing in its rows can say otherwise.
        separator, quote = ",", '"'
    records = _records(path, decoding, (separator, quote), 1 if said else 0)
    return table_of(Grid(name, decoding.name, records, notes), knows)


def _may_separate(mark: str) -> bool:
    return mark == "\t" or (mark.isprintable() and not mark.isalnum() and mark not in "\"' .-_")


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a part at a time."""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def notes_of(decoding: Decoding) -> list[str]:
    """What the sender should know of the encoding that was found."""
    if decoding.odd_line is not None:
        return [
            f"The file mixes two encodings: from line {decoding.odd_line} on, what is not {decoding.name} "
            f"was read as {decoding.other}. Look at the accents."
        ]
    if not decoding.certain:
        return [f"The encoding was recognised as {decoding.name} by its letters. Look at the accents."]
    return []


def _head(path: Path, decoding: Decoding) -> str:
    with path.open(encoding=decoding.codec, errors=decoding.errors, newline="") as file:
        return file.read(100_000)


def _records(path: Path, decoding: Decoding, dialect: tuple[str, str], skipped: int) -> Iterator[Record]:
    """(row number, cells): empty rows count, as they do in a sheet; the line that says `sep=;` does not."""
    separator, quote = dialect
    csv.field_size_limit(_MAX_CELL)
    with path.open("rb") as raw, io.TextIOWrapper(raw, decoding.codec, decoding.errors, newline="") as file:
        for _line in range(skipped):
            file.readline(_MAX_LINE)
        lines = csv.reader(
            _lines(file, skipped),
            delimiter=separator,
            quotechar=quote,
            skipinitialspace=True,
            escapechar="\\" if quote == "'" else None,
        )
        number = 0
        while True:
            number += 1
            line = lines.line_num + skipped + 1
            try:
                record = next(lines)
            except csv.Error as error:
                raise _unclosed(line) from error
            if record and record[-1].endswith(_END):
                if record != [_END]:
                    raise _unclosed(line)
                return
            yield number, record


def _unclosed(line: int) -> ListRefused:
    return ListRefused(
        "quote-unclosed",
        "A cell never ends: a quotation mark is missing. Look at the cell that begins here, "
        "or export the list once more",
        line=line,
    )


def _lines(file: io.TextIOWrapper, skipped: int) -> Iterator[str]:
    number = skipped
    while line := file.readline(_MAX_LINE):
        number += 1
        if len(line) == _MAX_LINE and line[-1] not in "\r\n":
            raise ListRefused(
                "line-too-long",
                f"A line of more than {_MAX_LINE // 1_000_000} million characters: this is no table, or its line "
                "ends are lost. Export the list once more",
                line=number,
            )
        yield line
    yield _END
