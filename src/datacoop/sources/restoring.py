"""Our own exports, read back: every column of our CSV, NDJSON and GeoJSON means what it says, values are taken whole.

Known by its columns alone. What somebody changed in such a file is read as in any other list. CSV holds texts in one
language. JSON-LD, ours or anybody's, means what schema.org's words mean; precision, languages of texts and the second
line of an address are not in it. Pure.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.values import PARTS, PRECISIONS, fault
from datacoop.lib.text import clean
from datacoop.sources.headers import ID
from datacoop.sources.normalising import MAX_TEXT, Setting, line_of, normaliser_of
from datacoop.sources.readers.json_values import GEOMETRY_COLUMN, ITEM_KEYS
from datacoop.sources.refusing import MAX_LINE, ValueRefused
from datacoop.sources.said import Cells, Faults, Part, Said

#: Columns that say nothing about the thing itself.
_BESIDE: Final = frozenset({"kind", "modified", "sources"})
_LANGUAGES: Final = frozenset({"fr", "de", "it", "en"})
#: Between several values of one cell: a bar that stands alone.
_BETWEEN: Final = re.compile(r"(?:(?<=\s)|(?<=^))\|(?=\s|$)")
#: The sign that our CSV puts before what a spreadsheet would run.
_HARMLESS: Final = re.compile(r"'(?=[\s\u200b-\u200f\u2060\ufeff\xad]*[=+\-@\t\r\n＝＋－＠])")
#: Types whose own reader gives back what it once gave, and knows more than the shape.
_ALWAYS_READ: Final = frozenset({"email", "phone", "url"})
#: Schema.org's words for the parts of values, and ours.
_SAID_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "address": {
        "streetAddress": "street", "postalCode": "postal_code", "addressLocality": "city", "addressRegion": "canton",
        "addressCountry": "country",
    },
    "point": {"latitude": "lat", "longitude": "lon"},
    "commune": {"name": "name", "identifier": "bfs"},
    "identifier": {"value": "value"},
    "text": {"": "", "@value": ""},
    "reference": {"@id": ""},
}  # fmt: skip
_READ: Final[Mapping[str, Callable[[str], object]]] = {"integer": int, "number": float, "boolean": "true".__eq__}


def is_ours(columns: Collection[str], kind: Kind) -> bool:
    """Whether these are the columns of an export of ours, of records of this kind."""
    return set(columns) >= ITEM_KEYS and "name" in kind.slots and kind.slots["name"].name in columns


def target_of(column: str, kind: Kind) -> tuple[bool, str | None]:
    """Whether a column of an export of ours is one we wrote, and the path it means (None: nothing that is stored)."""
    return _targets(kind).get(column, (column.partition(".")[0] in _BESIDE, None))


@lru_cache(maxsize=32)
def _targets(kind: Kind) -> dict[str, tuple[bool, str | None]]:
    found: dict[str, tuple[bool, str | None]] = {"id": (True, ID)}
    for each in kind.properties:
        paths = [each.name, *(f"{each.name}.{part}" for part in PARTS.get(each.type, ()))]
        if each.type == "text":
            paths += [f"{each.name}.{language}" for language in sorted(_LANGUAGES)]
        found.update((path, (True, path)) for path in paths)
        if each.type == "point":
            found |= {GEOMETRY_COLUMN: (True, each.name), "precision": (True, f"{each.name}.precision")}
    return found


def is_thing(columns: Collection[str]) -> bool:
    """Whether these are things in JSON-LD, ours or anybody's: each says what it is and where it stands."""
    return {"@id", "@type"} <= set(columns)


@lru_cache(maxsize=32)
def terms_of(kind: Kind) -> Mapping[str, str]:
    """From the columns of schema.org's words to the paths they mean; of two properties under one word the first."""
    found = {"@id": ID}
    for each in kind.properties:
        term = each.terms.get("schema.org", "")
        if term and "." not in term:
            for part, path in _SAID_OF.get(each.type, {"": ""}).items():
                found.setdefault(f"{term}.{part}".rstrip("."), f"{each.name}.{path}".rstrip("."))
    return found


class Restored:
    """Values of one property, as our export wrote them."""

    def __init__(self, property_: Property, setting: Setting) -> None:
        self._property = property_
        self._normalise = normaliser_of(property_, setting) if property_.type not in _WHOLE else None

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
        if wrong is None and self._property.type not in _ALWAYS_READ and _is_clean(value, self._property.type):
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
            yield from _WHOLE[type_name](columns, cells)
        elif type_name == "text":
            yield from self._text(columns, cells)
        else:
            yield from (self._plain(item) for item in self._items(cells.get(columns.get("", ""))))

    def _text(self, columns: Mapping[str, str], cells: Cells) -> Iterator[object]:
        spoken = {part: column for part, column in columns.items() if part and cells.get(column)}
        if spoken:
            yield {language: str(cells[column]) for language, column in spoken.items()}
        elif text := cells.get(columns.get("", "")):
            yield _without_sign(str(text))

    def _items(self, cell: object) -> list[object]:
        if cell is None:
            return []
        if isinstance(cell, list):
            return cell
        if isinstance(cell, str):
            return list(_split(cell)) if self._property.many else [_without_sign(cell)]
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
    if isinstance(value, dict):
        return all(_is_clean(each, type_name) for each in value.values())
    if not isinstance(value, str):
        return True
    is_text = type_name == "text"
    return len(value) <= (MAX_TEXT if is_text else MAX_LINE) and clean(value, lines=is_text) == value


def _addresses(columns: Mapping[str, str], cells: Cells) -> Iterator[object]:
    listed = {part: _listed(cells.get(column)) for part, column in columns.items() if part}
    for index in range(max(map(len, listed.values()), default=0)):
        address = {part: items[index] for part, items in listed.items() if index < len(items) and items[index]}
        if address:
            yield {part: address[part] for part in PARTS["address"] if part in address}


def _points(columns: Mapping[str, str], cells: Cells) -> Iterator[object]:
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


def _communes(columns: Mapping[str, str], cells: Cells) -> Iterator[object]:
    name, number = (cells.get(columns.get(part, "")) for part in ("name", "bfs"))
    if name:
        bfs = int(str(number)) if str(number).isdigit() else 0
        yield {**({"bfs": bfs} if bfs else {}), "name": _without_sign(line_of(name))}


def _identifiers(columns: Mapping[str, str], cells: Cells) -> Iterator[object]:
    if "value" in columns:
        schemes, values = (_listed(cells.get(columns.get(part, ""))) for part in ("scheme", "value"))
    else:
        written = [text.partition(":") for text in _listed(cells.get(columns.get("", "")))]
        schemes, values = [each[0] for each in written], [each[2] for each in written]
    yield from ({"scheme": scheme, "value": value} for scheme, value in zip(schemes, values, strict=False))


_WHOLE: Final = {
    "address": _addresses, "point": _points, "commune": _communes, "identifier": _identifiers,
}  # fmt: skip


def _listed(cell: object) -> list[str]:
    """The texts of a cell, empty ones too: their places tell which belong together."""
    if cell is None:
        return []
    return [line_of(each) for each in cell] if isinstance(cell, list) else list(_split(line_of(cell)))


def _split(text: str) -> Iterator[str]:
    return (each.strip() for each in _BETWEEN.split(_without_sign(text)))


def _without_sign(text: str) -> str:
    return text[1:] if _HARMLESS.match(text) else text
