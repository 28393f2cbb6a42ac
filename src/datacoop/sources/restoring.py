"""Our own exports, read back: every column of our CSV, NDJSON, GeoJSON and JSON-LD means what it says, whole.

Known by its columns alone. What somebody changed in such a file is read as in any other list. JSON-LD of others means
what schema.org's words mean. Pure.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

import orjson

from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.described import INSIDE, SCHEDULE, WORDS, own_word, places_of
from datacoop.kinds.recurrence import PARTS as RECURRENCE_PARTS
from datacoop.kinds.values import PARTS, PRECISIONS, fault
from datacoop.lib.cells import split
from datacoop.lib.text import clean
from datacoop.sources.headers import ID
from datacoop.sources.lasting import CALENDAR_KEYS
from datacoop.sources.normalising import MAX_TEXT, Setting, is_zone, line_of, normaliser_of
from datacoop.sources.readers.json_values import GEOMETRY_COLUMN, ITEM_KEYS, THING_KEYS
from datacoop.sources.refusing import MAX_LINE, ValueRefused
from datacoop.sources.said import Cells, Faults, Part, Said

#: Columns that say nothing about the thing itself, and those of JSON-LD that our words tell better.
_BESIDE: Final = frozenset({"kind", "modified", "sources"})
_BESIDE_THING: Final = frozenset({*THING_KEYS, "@context", "subjectOf", SCHEDULE})
_LANGUAGES: Final = ("fr", "de", "it", "en")
_PARTS: Final = {**PARTS, "recurrence": RECURRENCE_PARTS}
#: Types whose own reader gives back what it once gave, and knows more than the shape.
_ALWAYS_READ: Final = frozenset({"email", "phone", "url"})
#: Parts of values that mean anything in the words of others.
_OF_OURS_ALONE: Final = frozenset({"scheme", "kind"})
_READ: Final[Mapping[str, Callable[[str], object]]] = {"integer": int, "number": float, "boolean": "true".__eq__}


def written(columns: Collection[str], kind: Kind) -> dict[str, str | None] | None:
    """The paths that the columns of an export of ours mean (None: nothing that is stored); None for any other list.

    Columns that somebody added are not in it.
    """
    if set(columns) >= THING_KEYS:
        return _named(columns, _thing_targets(kind), _BESIDE_THING)
    told = [kind.slots["name"].name] if "name" in kind.slots else [each.name for each in kind.properties]
    if set(columns) >= ITEM_KEYS and any(column.partition(".")[0] in told for column in columns):
        return _named(columns, _item_targets(kind), _BESIDE)
    return None


def _named(
    columns: Collection[str], targets: Mapping[str, str | None], beside: Collection[str]
) -> dict[str, str | None]:
    return {c: targets.get(c) for c in columns if c in targets or c.partition(".")[0] in beside}


@lru_cache(maxsize=32)
def _item_targets(kind: Kind) -> Mapping[str, str | None]:
    """From the columns of items in the API's own form to the paths they mean."""
    found: dict[str, str | None] = {"id": ID}
    for each in kind.properties:
        parts = _LANGUAGES if each.type == "text" else _PARTS.get(each.type, ())
        found.update((path, path) for path in (each.name, *(f"{each.name}.{part}" for part in parts)))
        if each.type == "point":
            found |= {GEOMETRY_COLUMN: each.name, "precision": f"{each.name}.precision"}
    return found


@lru_cache(maxsize=32)
def _thing_targets(kind: Kind) -> Mapping[str, str | None]:
    """From the columns of things in our JSON-LD to the paths they mean; terms that lose something mean nothing."""
    found: dict[str, str | None] = {each.terms.get("schema.org", ""): None for each in kind.properties}
    found["@id"] = ID
    for each, place in places_of(kind).items():
        found |= _told_of(each, place)
        if each.type == "text":
            found |= {f"{place}.{language}": f"{each.name}.{language}" for language in _LANGUAGES}
        if each.type == "point":
            path = f"{each.name}.precision"
            found[own_word(path)] = path
    return found


def _told_of(each: Property, place: str) -> dict[str, str]:
    """The columns under a term and the paths they mean."""
    if each.type == "reference":
        return {f"{place}.@id": each.name, place: each.name}
    words = WORDS.get(each.type)
    if words is None:
        return {place: each.name}
    return {f"{place}.{word}": f"{each.name}.{part}" for part, word in words.items()}


def is_thing(columns: Collection[str]) -> bool:
    """Whether these are things in JSON-LD, of anybody: each says what it is and where it stands."""
    return {"@id", "@type"} <= set(columns)


@lru_cache(maxsize=32)
def meant_by_terms(kind: Kind) -> Mapping[str, str]:
    """From the columns of schema.org's words to the paths they mean; of two properties under one word the first."""
    found = {"@id": ID}
    for each in kind.properties:
        term = each.terms.get("schema.org", "")
        if term in INSIDE and each.type not in {*WORDS, "reference"}:
            found.setdefault(f"{term}.name", each.name)
        if term and ("." not in term or term.startswith("location.")):
            own = {f"{term}.@value": each.name} if each.type == "text" else {}
            for column, path in {**_told_of(each, term), **own}.items():
                if path.partition(".")[2] not in _OF_OURS_ALONE:
                    found.setdefault(column, path)
    return found


def is_calendar(columns: Collection[str]) -> bool:
    """Whether these are the events of a calendar."""
    return set(columns) >= CALENDAR_KEYS


@lru_cache(maxsize=32)
def meant_by_calendars(kind: Kind) -> Mapping[str, str]:
    """From the properties of iCalendar to the paths they mean; of two properties under one word the first."""
    found = {"UID": ID}
    for each in kind.properties:
        if term := each.terms.get("ical", ""):
            found.setdefault(term, each.name)
    return found


class Restored:
    """Values of one property, as our export wrote them."""

    def __init__(self, property_: Property, setting: Setting) -> None:
        self._property = property_
        has_reader = property_.type not in _WHOLE or property_.type == "recurrence"
        self._normalise = normaliser_of(property_, setting) if has_reader else None
        self._always_read = property_.type in _ALWAYS_READ or is_zone(property_)

    def compose(self, parts: Sequence[Part], cells: Cells, faults: Faults) -> list[Said]:
        """The values, none twice; what is none of ours is normalised, or refused."""
        columns = {part.part: part.column for part in parts}
        found: list[Said] = []
        for value in self._values(columns, cells):
            for taken in self._taken(value, parts[0].column, faults):
                if not any(each.value == taken for each in found):
                    found.append(Said(taken, value if isinstance(value, str) else None))
        return found

    def _taken(self, value: object, column: str, faults: Faults) -> list[object]:
        codes = tuple(self._property.values) if self._property.type == "code" else ()
        wrong = fault(self._property.type, value, codes)
        if wrong is None and not self._always_read and _is_clean(value, self._property.type):
            return [value]
        try:
            if self._normalise is None:
                raise ValueRefused(f"{self._property.type}-unreadable", wrong or "Too long, or not all of it is text.")
            return self._normalise(value, None)
        except ValueRefused as refused:
            faults.append((column, refused))
            return []

    def _values(self, columns: Mapping[str, str], cells: Cells) -> Iterator[object]:
        type_name = self._property.type
        if type_name in _WHOLE:
            yield from _WHOLE[type_name](columns, cells, self._property.many)
        elif type_name == "text":
            yield from self._text(columns, cells)
        else:
            yield from (self._plain(item) for item in self._items(cells.get(columns.get("", ""))))

    def _text(self, columns: Mapping[str, str], cells: Cells) -> Iterator[object]:
        spoken = {part: column for part, column in columns.items() if part and cells.get(column)}
        if spoken:
            yield {language: str(cells[column]) for language, column in spoken.items()}
        elif text := cells.get(columns.get("", "")):
            yield str(text)

    def _items(self, cell: object) -> list[object]:
        if cell is None:
            return []
        if isinstance(cell, list):
            return cell
        if isinstance(cell, str):
            return list(split(cell)) if self._property.many else [cell]
        return [cell]

    def _plain(self, item: object) -> object:
        read = _READ.get(self._property.type)
        if read is None or not isinstance(item, str):
            return item
        try:
            return read(item)
        except ValueError:
            return item


def _is_clean(value: object, type_name: str) -> bool:
    """Whether texts are as we would have written them: anybody can make a file with our columns."""
    if isinstance(value, dict | list):
        return all(_is_clean(each, type_name) for each in (value.values() if isinstance(value, dict) else value))
    if not isinstance(value, str):
        return True
    is_text = type_name == "text"
    return len(value) <= (MAX_TEXT if is_text else MAX_LINE) and clean(value, lines=is_text) == value


def _addresses(columns: Mapping[str, str], cells: Cells, many: bool) -> Iterator[object]:
    listed = {part: _listed(cells.get(column), many) for part, column in columns.items() if part}
    for index in range(max(map(len, listed.values()), default=0)):
        address = {part: items[index] for part, items in listed.items() if index < len(items) and items[index]}
        if address:
            yield {part: address[part] for part in PARTS["address"] if part in address}


def _points(columns: Mapping[str, str], cells: Cells, _many: bool) -> Iterator[object]:
    whole = cells.get(columns.get("", ""))
    told = {part: cells.get(columns.get(part, "")) for part in PARTS["point"]}
    if isinstance(whole, dict):
        told |= whole
    if told["lat"] is None or told["lon"] is None:
        return
    try:
        lat, lon = float(str(told["lat"])), float(str(told["lon"]))
    except ValueError:
        lat = lon = 999.0
    precision = told["precision"] if told["precision"] in PRECISIONS else "locality"
    yield {"lat": lat, "lon": lon, "precision": precision}


def _communes(columns: Mapping[str, str], cells: Cells, _many: bool) -> Iterator[object]:
    name, number = (cells.get(columns.get(part, "")) for part in ("name", "bfs"))
    if name:
        bfs = int(str(number)) if str(number).isdigit() else 0
        yield {**({"bfs": bfs} if bfs else {}), "name": line_of(name)}


def _identifiers(columns: Mapping[str, str], cells: Cells, many: bool) -> Iterator[object]:
    if "value" in columns:
        schemes, values = (_listed(cells.get(columns.get(part, "")), many) for part in ("scheme", "value"))
    else:
        cell = [text.partition(":") for text in _listed(cells.get(columns.get("", "")), many)]
        schemes, values = [unquote(each[0]) for each in cell], [each[2] for each in cell]
    yield from ({"scheme": scheme, "value": value} for scheme, value in zip(schemes, values, strict=False))


def _recurrences(columns: Mapping[str, str], cells: Cells, _many: bool) -> Iterator[object]:
    """In parts, or whole as JSON text."""
    parts = {part: cells[column] for part, column in columns.items() if part and cells.get(column)}
    whole = cells.get(columns.get("", ""))
    if parts or whole:
        yield parts or _parsed(whole)


def _parsed(whole: object) -> object:
    try:
        return orjson.loads(whole) if isinstance(whole, str) else whole
    except orjson.JSONDecodeError:
        return whole


_WHOLE: Final = {
    "address": _addresses, "point": _points, "commune": _communes, "identifier": _identifiers,
    "recurrence": _recurrences,
}  # fmt: skip


def _listed(cell: object, many: bool = True) -> list[str]:
    """The texts of a cell, empty ones too: their places tell which belong together."""
    if cell is None:
        return []
    if isinstance(cell, list):
        return [line_of(each) for each in cell]
    return list(split(line_of(cell))) if many else [line_of(cell)]
