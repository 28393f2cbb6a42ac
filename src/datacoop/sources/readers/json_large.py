"""A JSON document too large to be held whole: the first list of records in it, read as a stream.

Smaller documents are read whole by `json`, which finds records in more shapes and says where a document is broken.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Final

import ijson

from datacoop.lib.decoding import decoding_of
from datacoop.lib.text import clean
from datacoop.sources.readers.csv import chunks_of
from datacoop.sources.readers.grid import Record
from datacoop.sources.readers.json_shapes import KEY_COLUMN
from datacoop.sources.readers.table import ListRefused

LEAST_BYTES: Final = 8_000_000
MOST_HELD: Final = 40_000_000
_LOOKED_AT: Final = 20_000
_MAX_DEPTH: Final = 4
#: Objects right below the top within sight: records by key, not what is said about a list.
_MANY: Final = 20


@dataclass
class LargeList:
    """Where the list is: a path of keys, empty for records by key; `rows_of_cells` where its items are lists."""

    path: Path
    prefix: str
    rows_of_cells: bool
    encoding: str
    notes: list[str] = field(default_factory=list)

    def records(self) -> Iterator[tuple[int, object]]:
        """The items with their numbers, from 1. Raises ListRefused where the document breaks."""
        number = 0
        with self.path.open("rb") as file:
            file.seek(3 if self.encoding == "utf-8-bom" else 0)
            try:
                for number, record in enumerate(self._items(file), start=1):
                    yield number, record
            except (ijson.JSONError, ValueError, UnicodeError) as error:
                raise _broken(self.path, number) from error

    def _items(self, file: IO[bytes]) -> Iterator[object]:
        if self.prefix:
            yield from ijson.items(file, self.prefix, use_float=True)
            return
        for key, value in ijson.kvitems(file, "", use_float=True):
            yield {KEY_COLUMN: key, **value} if isinstance(value, dict) else {key: value}

    def cells(self) -> Iterator[Record]:
        for number, record in self.records():
            if isinstance(record, list):
                yield number, record


def large_list(path: Path, usual: str = "item") -> LargeList | None:
    """The list in a large document; None where it is small, not UTF-8, or holds none near its beginning.

    Up to 40 MB only the list at `usual` is streamed: elsewhere there may be more than one, and `json` sees them all.
    """
    if path.stat().st_size < LEAST_BYTES:
        return None
    decoding = decoding_of(chunks_of(path))
    if not decoding.certain or not decoding.codec.startswith("utf-8"):
        return None
    found = _first_list(path, 3 if decoding.codec == "utf-8-sig" else 0)
    if found is None or (found[0] != usual and path.stat().st_size <= MOST_HELD):
        return None
    prefix, rows_of_cells = found
    notes = []
    if prefix not in {"", usual}:
        name = clean(prefix.removesuffix(".item")[:200])[:80]
        notes.append(f"Read the list under {name}. In so large a file no other list was looked for.")
    return LargeList(path, prefix, rows_of_cells, decoding.name, notes)


def _broken(path: Path, number: int) -> ListRefused:
    """Where it breaks: by line and column as far as the document can be held whole, else after which record."""
    line = column = None
    if path.stat().st_size <= MOST_HELD:
        try:
            json.loads(path.read_text(encoding="utf-8-sig", errors="replace"))
        except json.JSONDecodeError as error:
            line, column = error.lineno, error.colno
        except (RecursionError, ValueError):
            pass
    what = (
        f"Not valid JSON: it breaks after record {number}. Was the file cut off on its way? Export the list once more"
    )
    return ListRefused("json-invalid", what, line=line, column=column)


def _first_list(path: Path, start: int) -> tuple[str, bool] | None:
    """(path of the list, whether its items are lists): the first one that has no end within sight.

    An empty path where the document is an object of records by key.
    """
    lists: dict[str, bool] = {}
    opened: str | None = None
    members = 0
    with path.open("rb") as file:
        file.seek(start)
        try:
            for prefix, event, _value in islice(ijson.parse(file), _LOOKED_AT):
                if opened is not None and (event == "start_map" or (event == "start_array" and opened == "item")):
                    lists[opened] = event == "start_array"
                opened = None
                if event == "start_array" and prefix.count(".") < _MAX_DEPTH:
                    opened = f"{prefix}.item" if prefix else "item"
                elif event == "end_array":
                    lists.pop(f"{prefix}.item" if prefix else "item", None)
                elif event == "end_map" and prefix and "." not in prefix:
                    members += 1
        except (ijson.JSONError, ValueError, UnicodeError):
            return None
    if members >= _MANY and not any(prefix == "item" or prefix.count(".") == 1 for prefix in lists):
        return "", False
    return next(iter(lists.items()), None)
