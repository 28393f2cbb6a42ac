"""JSON: a list, an object keyed by slug, an object with one list inside, one record, or one record per line.

Nested values become columns with dotted paths. A list of typed things (`[{"type": "website", "value": …}]`)
becomes one column per type; other lists stay lists.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import orjson

from datacoop.lib.tabular import encoding_of
from datacoop.sources.readers.table import ListRefused, Row, Table

_MAX_BYTES: Final = 600_000_000
_MAX_DEPTH: Final = 6
_SAMPLE_ROWS: Final = 2_000
KEY_COLUMN: Final = "@key"
_WRAPPERS: Final = frozenset({"data", "result", "results", "response"})
_TYPE_KEYS: Final = (("types", "type", "kind", "scheme"), ("lang", "language"))
_VALUE_KEYS: Final = ("value", "preferred", "text", "label", "url", "id")


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open a JSON list; `knows` is not needed, keys are names."""
    if name == "ndjson":
        return _lines(path)
    if path.stat().st_size > _MAX_BYTES:
        raise ListRefused("too-large", "The file is too large for JSON; send one record per line (NDJSON).")
    text, encoding = text_of(path)
    document = parse(text)
    notes: list[str] = []
    records = _records(document, notes)
    rows = [Row(number, flatten(record)) for number, record in enumerate(records, start=1)]
    rows = [row for row in rows if row.values]
    if not rows:
        raise ListRefused("empty", "There is no record in this JSON.")
    return Table(name, encoding, None, columns_of(rows), iter(rows), notes)


def text_of(path: Path) -> tuple[str, str]:
    raw = path.read_bytes()
    encoding, _certain = encoding_of([raw])
    if encoding == "utf-8-replaced":
        return raw.decode("utf-8", errors="replace"), "utf-8"
    return raw.decode(encoding, errors="replace"), "utf-8-bom" if encoding == "utf-8-sig" else encoding


def parse(text: str, first_line: int = 1) -> object:
    """The document, or ListRefused with line and column."""
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, ValueError):
        pass
    try:
        return json.loads(text)  # forgives NaN and lone surrogates, and says where it fails
    except json.JSONDecodeError as error:
        hint = _hint(text, error)
        raise ListRefused(
            "json-invalid", f"Not valid JSON: {hint}", line=error.lineno + first_line - 1, column=error.colno
        ) from error
    except RecursionError as error:
        raise ListRefused("json-invalid", "The JSON is nested too deeply.") from error


def _hint(text: str, error: json.JSONDecodeError) -> str:
    before = text[: error.pos].rstrip()
    here = text[error.pos : error.pos + 1]
    if before.endswith(",") or (here == "," and text[error.pos + 1 :].lstrip()[:1] in {"}", "]"}):
        return "a comma before a closing bracket"
    if error.pos >= len(text.rstrip()):
        return "the file ends too early"
    return error.msg[:1].lower() + error.msg[1:]


def _lines(path: Path) -> Table:
    def rows() -> Iterator[Row]:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield Row(number, flatten(parse(line, number)))

    sample: list[Row] = []
    for row in rows():
        sample.append(row)
        if len(sample) >= _SAMPLE_ROWS:
            break
    if not sample:
        raise ListRefused("empty", "There is no record in this file.")
    return Table("ndjson", "utf-8", None, columns_of(sample), rows(), [])


def columns_of(rows: list[Row]) -> list[str]:
    """Every column of these rows, in the order of first appearance."""
    return list(dict.fromkeys(column for row in rows for column in row.values))


def _records(document: object, notes: list[str]) -> Iterator[object]:
    if isinstance(document, list):
        yield from document
        return
    if not isinstance(document, dict):
        raise ListRefused("not-a-list", "This JSON is a single value, not a list.")
    inner = _inner_list(document)
    if inner is not None:
        key, records = inner
        notes.append(f"Read the list under {key}.")
        yield from records
        return
    members = [value for value in document.values() if isinstance(value, dict)]
    if len(members) > 1 and len(members) == len(document):
        for key, value in document.items():
            yield {KEY_COLUMN: key, **value}
        return
    yield document


def _inner_list(document: dict[str, object], path: str = "") -> tuple[str, list[object]] | None:
    """The only list of records inside an object of which the rest describes the list."""
    if any(key in document for key in ("name", "nom", "title", "titre", "titel")):
        return None
    found: list[tuple[str, list[object]]] = []
    for key, value in document.items():
        here = f"{path}{key}"
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            found.append((here, value))
        elif isinstance(value, dict) and path.count(".") < 2 and key in {"data", "result", "results", "response"}:
            inner = _inner_list(value, f"{here}.")
            if inner is not None:
                found.append(inner)
    if len(found) == 1 or _one_stands_out(found):
        return max(found, key=lambda pair: len(pair[1]))
    return None


def _one_stands_out(found: list[tuple[str, list[object]]]) -> bool:
    lengths = sorted(len(records) for _key, records in found)
    return len(lengths) > 1 and lengths[-1] >= 10 * lengths[-2]


def flatten(record: object) -> dict[str, object]:
    """Non-empty values by dotted path.

    >>> flatten({"a": {"b": 1, "c": None}, "links": [{"type": "website", "value": "x"}], "tags": ["u", "v"]})
    {'a.b': 1, 'links.website': 'x', 'tags': ['u', 'v']}
    """
    values: dict[str, object] = {}
    if isinstance(record, dict):
        _flatten_into(values, "", record, 0)
    elif record not in (None, "", [], {}):
        values["value"] = record
    return values


def _flatten_into(values: dict[str, object], path: str, value: object, depth: int) -> None:
    if value is None or value in ("", [], {}) or depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten_into(values, f"{path}.{key}" if path else str(key), inner, depth + 1)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            gathered = {f"{path}.{name}": said for name, said in _typed(item).items()}
            if not gathered:
                _flatten_into(gathered, path, item, depth + 1)
            for inner_path, inner_value in gathered.items():
                _gather(values, inner_path, inner_value)
    else:
        values[path] = value


def _typed(item: object) -> dict[str, object]:
    """The value of a typed thing under each of its types: {"types": ["label", "alias"], "value": "X"}.

    A language counts as type where no other is said. Empty for anything else.
    """
    if not isinstance(item, dict) or len(item) > 5:
        return {}
    plain = (item[key] for key in _VALUE_KEYS if key in item and not isinstance(item[key], dict | list))
    value = next(plain, None)
    if value in (None, ""):
        return {}
    for keys in _TYPE_KEYS:
        said = [item[key] for key in keys if item.get(key)]
        names = [name for each in said for name in (each if isinstance(each, list) else [each])]
        if names and all(isinstance(name, str) for name in names):
            return dict.fromkeys(names, value)
    return {}


def _gather(values: dict[str, object], path: str, value: object) -> None:
    if path not in values:
        values[path] = value
    else:
        before = values[path]
        more = value if isinstance(value, list) else [value]
        values[path] = [*(before if isinstance(before, list) else [before]), *more]
