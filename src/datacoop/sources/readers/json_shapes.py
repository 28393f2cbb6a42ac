"""Where the records are in a JSON document of any reasonable shape. Plain values, no file access.

A list of records or of rows; an object keyed by slug; lists inside an object, wrapped or by group; columns of
equal length; names beside rows; or one record.
"""

from collections.abc import Iterable
from typing import Final

from datacoop.lib.text import clean
from datacoop.sources.readers.table import ListRefused

KEY_COLUMN: Final = "@key"
_NAMES: Final = frozenset({"name", "nom", "title", "titre", "titel", "bezeichnung", "denominazione"})
_NAME_LISTS: Final = ("columns", "fields", "headers", "header", "colonnes", "spalten", "names")
_ROW_LISTS: Final = ("data", "rows", "records", "values", "items", "lignes", "zeilen")
_MAX_DEPTH: Final = 4
_MOST_SAID_OF_A_LIST: Final = 8
Record = dict[str, object]


def records_of(document: object, notes: list[str]) -> list[object]:
    """The records of a document; lists among them are rows of cells. Raises ListRefused for a single value."""
    if isinstance(document, list):
        return _of_list(document)
    if not isinstance(document, dict):
        raise ListRefused("not-a-list", "This JSON is a single value, not a list of records. Is this the right file?")
    return _of_object(document, notes, "", 0)


def _of_list(document: list[object]) -> list[object]:
    """Pages of records are joined; rows of cells stay rows."""
    if document and all(isinstance(item, list) and item and _are_records(item) for item in document):
        return [record for page in document if isinstance(page, list) for record in page]
    return document


def _are_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _of_object(document: Record, notes: list[str], path: str, depth: int) -> list[object]:
    for shape in (_named_rows, _columns, _numbered_columns):
        records = shape(document)
        if records:
            return records
    inner = _lists_inside(document, notes, path) or _wrapped(document, notes, path, depth)
    if inner:
        return inner
    members = [value for value in document.values() if isinstance(value, dict)]
    if members and len(members) == len(document) and (len(members) > 1 or depth == 0) and all(members):
        return [{KEY_COLUMN: key, **value} for key, value in document.items() if isinstance(value, dict)]
    return [document]


def _named_rows(document: Record) -> list[object]:
    """Names beside rows: {"columns": ["nom", …], "data": [["A", …], …]}."""
    names = next((document[key] for key in _NAME_LISTS if isinstance(document.get(key), list)), None)
    rows = next((document[key] for key in _ROW_LISTS if isinstance(document.get(key), list)), None)
    if not isinstance(names, list) or not isinstance(rows, list) or not names or not rows:
        return []
    said = [_name_of(each) for each in names]
    if not all(said) or not all(isinstance(row, list) and len(row) <= len(said) for row in rows):
        return []
    return [dict(zip(map(str, said), row, strict=False)) for row in rows]


def _name_of(column: object) -> str | None:
    if isinstance(column, str):
        return column
    if not isinstance(column, dict):
        return None
    said = (column[key] for key in ("name", "id", "fieldName", "label", "title") if column.get(key))
    return next((each for each in said if isinstance(each, str)), None)


def _columns(document: Record) -> list[object]:
    """Columns of equal length: {"nom": ["A", "B"], "npa": [1003, 1004]}."""
    columns = list(document.values())
    if len(columns) < 2 or not all(isinstance(column, list) and len(column) > 1 for column in columns):
        return []
    lengths = {len(column) for column in columns if isinstance(column, list)}
    if len(lengths) > 1 or any(_are_records(column) for column in columns):
        return []
    rows = zip(*(column for column in columns if isinstance(column, list)), strict=True)
    return [dict(zip(document, row, strict=True)) for row in rows]


def _numbered_columns(document: Record) -> list[object]:
    """Columns by number of the row, as pandas writes them: {"nom": {"0": "A", "1": "B"}, …}."""
    columns = list(document.values())
    if not columns or not all(isinstance(column, dict) and column for column in columns):
        return []
    keys = dict.fromkeys(key for column in columns if isinstance(column, dict) for key in column)
    if not all(key.isascii() and key.isdigit() for key in keys) or len(keys) * len(columns) > 20 * _size(columns):
        return []
    if any(isinstance(value, dict) for column in columns if isinstance(column, dict) for value in column.values()):
        return []
    return [
        {name: column[key] for name, column in document.items() if isinstance(column, dict) and key in column}
        for key in keys
    ]


def _size(columns: Iterable[object]) -> int:
    return sum(len(column) for column in columns if isinstance(column, dict))


def _lists_inside(document: Record, notes: list[str], path: str) -> list[object]:
    """The list of records inside an object of which the rest describes the list; or lists of one sort by group."""
    found = {key: value for key, value in document.items() if isinstance(value, list) and _are_records(value)}
    if _NAMES & document.keys():
        # A list that has a title, or one club and its rooms: a list is longer, and what is in it has names too.
        least = 3 if len(document) <= _MOST_SAID_OF_A_LIST else 50
        found = {key: records for key, records in found.items() if len(records) >= least and _are_named(records)}
    if not found:
        return []
    if len(found) > 1 and _alike(found.values()):
        notes.append(f"Read the lists under {_listed(path, found)} as one.")
        return [{KEY_COLUMN: key, **record} for key, records in found.items() for record in records]
    key = max(found, key=lambda each: len(found[each]))
    others = [each for each in found if each != key]
    if others and len(found[key]) < 3 * max(len(found[each]) for each in others):
        if "id" in document or len(document) > len(found) + _MOST_SAID_OF_A_LIST:
            return []  # one record and what belongs to it
        raise ListRefused(
            "several-lists",
            f"This JSON holds several lists of different things: {_listed(path, found)}. Send each in its own file.",
        )
    notes.append(
        f"Read the list under {_listed(path, [key])}." + (f" Not read: {_listed(path, others)}." if others else "")
    )
    return found[key]


def _are_named(records: list[object]) -> bool:
    return all(isinstance(record, dict) and _NAMES & record.keys() for record in records[:50])


def _listed(path: str, keys: Iterable[str]) -> str:
    names = [clean(f"{path}{key}"[-200:])[:80] for key in keys]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _alike(lists: Iterable[list[object]]) -> bool:
    """Whether records of all lists have most of their keys in common."""
    keys = [{key for record in records[:50] if isinstance(record, dict) for key in record} for records in lists]
    shared, every = set.intersection(*keys), set.union(*keys)
    return bool(every) and len(shared) >= 0.5 * len(every)


def _wrapped(document: Record, notes: list[str], path: str, depth: int) -> list[object]:
    """Lists further inside: {"response": {"docs": […]}}; the longest of them."""
    if depth >= _MAX_DEPTH or _NAMES & document.keys():
        return []
    best: tuple[list[object], list[str]] = ([], [])
    members = {key: value for key, value in document.items() if isinstance(value, dict) and value}
    if len(members) > 8:
        return []
    for key, value in members.items():
        said: list[str] = []
        here = f"{path}{key}."
        inner = _named_rows(value) or _lists_inside(value, said, here) or _wrapped(value, said, here, depth + 1)
        if not inner and len(members) == 1 and _is_keyed(value):
            said = [f"Read the records under {_listed(path, [key])}."]
            inner = _of_object(value, said, here, _MAX_DEPTH)
        if len(inner) > len(best[0]):
            best = (inner, said)
    notes += best[1]
    return best[0]


def _is_keyed(value: Record) -> bool:
    return len(value) > 1 and all(isinstance(member, dict) and member for member in value.values())
