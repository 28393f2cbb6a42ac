"""JSON: a document of any reasonable shape, one record per line (NDJSON), or documents one after the other.

Where the records are is for `json_shapes`, what is in one for `json_values`.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

import orjson

from datacoop.lib.decoding import Decoding, decoding_of
from datacoop.sources.readers.csv import chunks_of, notes_of
from datacoop.sources.readers.grid import Grid, table_of
from datacoop.sources.readers.json_large import MOST_HELD, large_list
from datacoop.sources.readers.json_shapes import KEY_COLUMN, records_of
from datacoop.sources.readers.json_values import OUTLINES, flatten, is_outline, values_of
from datacoop.sources.readers.table import ListRefused, Row, Table

__all__ = ["KEY_COLUMN", "flatten", "open_table", "parse", "table_of_records", "text_of"]

_MAX_LINE: Final = 20_000_000
#: A number no 64 bits hold: an identifier written without quotes, of which no digit may be lost.
_LONG_NUMBER: Final = re.compile(r"[:,\[]\s*-?\d{19}")
_SEPARATOR: Final = "\x1e"
_DECODER: Final = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) < 40 else digits)


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open a JSON list; `knows` helps where rows are lists of cells, elsewhere keys are names."""
    if name == "ndjson":
        return _lines(path, knows)
    large = large_list(path)
    if large is not None:
        if large.rows_of_cells:
            return table_of(Grid(name, large.encoding, large.cells(), large.notes), knows)
        return table_of_records(name, large.encoding, large.records, large.notes)
    text, decoding = text_of(path)
    notes = notes_of(decoding)
    records = records_of(parse(text), notes)
    if records and all(isinstance(record, list) for record in records):
        cells = ((number, record) for number, record in enumerate(records, start=1) if isinstance(record, list))
        return table_of(Grid(name, decoding.name, cells, notes), knows)
    return table_of_records(name, decoding.name, lambda: enumerate(records, start=1), notes)


def table_of_records(
    name: str, encoding: str, records: Callable[[], Iterator[tuple[int, object]]], notes: list[str]
) -> Table:
    """A table of parsed records; `records` gives them anew each time, with their numbers.

    They are gone through once for the names of all columns. Raises ListRefused where there is nothing.
    """
    columns: dict[str, None] = {}
    shapes: set[tuple[str, ...]] = set()
    outlines = False
    for _number, record in records():
        outlines = outlines or is_outline(record)
        if isinstance(record, dict) and not any(isinstance(value, dict | list) for value in record.values()):
            shape = tuple(key for key, value in record.items() if value not in (None, ""))
            if shape in shapes:
                continue
            if len(shapes) < 10_000:
                shapes.add(shape)
        columns.update(dict.fromkeys(values_of(record)))
    if not columns:
        raise ListRefused("empty", "There is no record in this JSON: is this the right file?")
    if outlines:
        notes.append(OUTLINES)
    rows = (Row(number, values_of(record)) for number, record in records())
    return Table(name, encoding, None, list(columns), (row for row in rows if row.values), notes)


def text_of(path: Path) -> tuple[str, Decoding]:
    """The whole text of a file. Raises ListRefused where it is too large to be held at once."""
    if path.stat().st_size > MOST_HELD:
        raise ListRefused(
            "too-large",
            f"One JSON document of more than {MOST_HELD // 1_000_000} MB. Send CSV or one record per line (NDJSON).",
        )
    decoding = decoding_of(chunks_of(path))
    return decoding.text(path.read_bytes()).removeprefix("\ufeff"), decoding


def parse(text: str, first_line: int = 1) -> object:
    """The document, or a list of documents that follow one another. Raises ListRefused with line and column."""
    if not _LONG_NUMBER.search(text):
        try:
            return orjson.loads(text)
        except ValueError:
            pass
    try:
        return _DECODER.decode(text)  # forgives NaN and lone surrogates, and says where it fails
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" or _SEPARATOR in text[:1]:
            return _documents(text, first_line)
        raise _invalid(text, error, first_line) from error
    except RecursionError as error:
        raise ListRefused(
            "json-invalid", "The JSON is nested too deeply to be a list. Export the list once more, or send CSV."
        ) from error


def _documents(text: str, first_line: int) -> list[object]:
    """Documents one after the other, with or without the separator of RFC 7464."""
    found: list[object] = []
    position = 0
    blank = re.compile(r"[\s\x1e]*")
    try:
        while (position := _end_of(blank, text, position)) < len(text):
            document, position = _DECODER.raw_decode(text, position)
            found.append(document)
    except json.JSONDecodeError as error:
        raise _invalid(text, error, first_line) from error
    except RecursionError as error:
        raise ListRefused("json-invalid", "The JSON is nested too deeply to be a list.") from error
    if not all(isinstance(document, dict | list) for document in found):
        after = json.JSONDecodeError("Extra data", text, len(text.rstrip()))
        raise _invalid(text, after, first_line)
    return found


def _end_of(blank: re.Pattern[str], text: str, position: int) -> int:
    match = blank.match(text, position)
    return match.end() if match else position


def _invalid(text: str, error: json.JSONDecodeError, first_line: int) -> ListRefused:
    reason, hint = _hint(text, error)
    return ListRefused(
        "json-invalid",
        f"Not valid JSON: {hint}. Correct this place, or export the list once more",
        line=error.lineno + first_line - 1,
        column=error.colno,
        reason=reason,
    )


def _hint(text: str, error: json.JSONDecodeError) -> tuple[str, str]:
    """(reason, the same in words)."""
    if not text[error.pos :].strip():
        return "ends-early", "the file ends too early, perhaps it was cut off on its way"
    before = text[max(0, error.pos - 200) : error.pos].rstrip()
    here = text[error.pos : error.pos + 1]
    if before.endswith(",") or (here == "," and text[error.pos + 1 : error.pos + 200].lstrip()[:1] in {"}", "]"}):
        return "comma", "a comma before a closing bracket"
    if error.msg.startswith("Unterminated string"):
        hint = "a text never ends, either a quotation mark is missing or the file was cut off on its way"
        return "text-open", hint
    if here in {"'", "‘", "’", "“", "”"}:
        return "quotes", f"names and texts stand between straight double quotation marks, not {here}"
    if error.msg == "Extra data":
        return "after-end", "something follows after the end of the list"
    return "unexpected", error.msg[:1].lower() + error.msg[1:]


def _lines(path: Path, knows: Callable[[str], bool]) -> Table:
    decoding = decoding_of(chunks_of(path))
    notes = notes_of(decoding)

    def records() -> Iterator[tuple[int, object]]:
        with path.open("rb") as raw, io.TextIOWrapper(raw, decoding.codec, decoding.errors) as file:
            for number, line in enumerate(iter(lambda: file.readline(_MAX_LINE), ""), start=1):
                if len(line) == _MAX_LINE:
                    raise ListRefused("line-too-long", "A line too long for one record", line=number)
                text = line.strip(" \t\r\n\x1e\ufeff")
                if text:
                    yield number, parse(text, number)

    first = next(records(), None)
    if first is not None and isinstance(first[1], list):
        rows = ((number, record) for number, record in records() if isinstance(record, list))
        return table_of(Grid("ndjson", decoding.name, chain(rows), notes), knows)
    return table_of_records("ndjson", decoding.name, records, notes)
