"""A parsed JSON record as values by column.

Nested values become columns with dotted paths. A list of typed things (`[{"type": "website", "value": …}]`)
becomes one column per type; other lists stay lists. A GeoJSON feature gives its properties and its place.
"""

import math
from typing import Final

import orjson

from datacoop.kinds.described import JSON, KIND, OF_TYPE
from datacoop.lib.geo import middle_of
from datacoop.lib.text import clean
from datacoop.sources.readers.agendas import event_of, is_of_agenda
from datacoop.sources.readers.table import Row

GEOMETRY_COLUMN: Final = "geometry"
#: What every item of our own exports has, in whatever format.
ITEM_KEYS: Final = frozenset({"id", "kind", "modified"})
#: What every thing of our own JSON-LD has.
THING_KEYS: Final = frozenset({"@id", "@type", KIND})
OUTLINES: Final = "Outlines and lines are kept as their middle point."
_MAX_DEPTH: Final = 6
_LONGEST_NAME: Final = 200
_TYPE_KEYS: Final = (("types", "type", "kind", "scheme"), ("lang", "language"))
_VALUE_KEYS: Final = ("value", "preferred", "text", "label", "url", "id")
#: What a SPARQL answer says of each value.
_BOUND_KEYS: Final = frozenset({"type", "value", "xml:lang", "datatype"})


def columns_of(rows: list[Row]) -> list[str]:
    """Every column of these rows, in the order of first appearance."""
    return list(dict.fromkeys(column for row in rows for column in row.values))


def values_of(record: object) -> dict[str, object]:
    """Values of a record, or of a GeoJSON feature."""
    if isinstance(record, dict) and record.get("type") == "Feature" and "properties" in record:
        return feature_values(record)
    if isinstance(record, dict) and record.keys() >= THING_KEYS:
        return thing_values(record)
    if is_of_agenda(record):
        return flatten(event_of(record))  # type: ignore[arg-type]
    return item_values(record) if _is_item(record) else flatten(record)


def _is_item(record: object) -> bool:
    """Whether a record was written by an installation of ours."""
    return isinstance(record, dict) and record.keys() >= ITEM_KEYS and isinstance(record["modified"], int)


def item_values(record: object) -> dict[str, object]:
    """Values of a record of ours: of a list of things each part is a list of its own, as long as the list of things.

    >>> item_values({"id": "x", "addresses": [{"city": "Lausanne"}, {"city": "Renens", "street": "Rue Haute 3"}]})
    {'id': 'x', 'addresses.city': ['Lausanne', 'Renens'], 'addresses.street': ['', 'Rue Haute 3']}
    """
    values: dict[str, object] = {}
    for key, value in record.items() if isinstance(record, dict) else ():
        things = value if isinstance(value, list) else [value]
        if things and all(isinstance(each, dict) for each in things):
            for part in dict.fromkeys(part for each in things for part in each):
                of_each = [each.get(part, "") for each in things]
                values[f"{key}.{part}"] = of_each if isinstance(value, list) else of_each[0]
        elif value not in (None, "", []):
            values[str(key)] = value
    return values


def thing_values(thing: dict[str, object]) -> dict[str, object]:
    """Values of a thing in JSON-LD of ours, of a list of things as `item_values` gives them; ids without our address.

    >>> said = [{"@value": "Chanter.", "@language": "fr"}, {"@value": "Singen.", "@language": "de"}]
    >>> place = [{"@type": "Place", "name": "Salle"}, {"@type": "VirtualLocation", "url": "https://x.example"}]
    >>> thing_values({"description": said, "location": place, "organizer": {"@id": "https://coop.example/api/v1/x/7"}})
    ... # doctest: +NORMALIZE_WHITESPACE
    {'description.fr': 'Chanter.', 'description.de': 'Singen.', 'VirtualLocation.url': 'https://x.example',
     'location.name': 'Salle', 'organizer.@id': '7'}
    """
    values: dict[str, object] = {}
    for word, value in thing.items():
        _tell(values, clean(word[:_LONGEST_NAME]), value, 0)
    return values


def _tell(values: dict[str, object], path: str, value: object, depth: int) -> None:
    things = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    if depth > _MAX_DEPTH:
        _flatten_into(values, path, value, depth)
    elif isinstance(value, dict) and value.get("@type") == JSON:
        values[path] = value.get("@value")
    elif isinstance(value, dict):
        own = value.get("@type")
        path = own if isinstance(own, str) and own in OF_TYPE else path
        for word, inner in value.items():
            if word != "@type":
                _tell(values, f"{path}.{clean(word[:_LONGEST_NAME])}", inner, depth + 1)
    elif things and len(things) == len(value):  # type: ignore[arg-type]
        _tell_things(values, path, things, depth)
    elif value not in (None, "", []):
        values[path] = _own_id(path, value)


def _tell_things(values: dict[str, object], path: str, things: list[dict[str, object]], depth: int) -> None:
    if all(each.keys() == {"@value", "@language"} for each in things):
        values |= {f"{path}.{clean(str(each['@language'])[:_LONGEST_NAME])}": each["@value"] for each in things}
        return
    apart = [each for each in things if each.get("@type") in OF_TYPE]
    rest = [each for each in things if each.get("@type") not in OF_TYPE]
    for each in [*apart, *(rest if apart and len(rest) == 1 else [])]:
        _tell(values, path, each, depth + 1)
    if not apart or len(rest) > 1:
        for word in dict.fromkeys(word for each in rest for word in each if word != "@type"):
            values[f"{path}.{clean(word[:_LONGEST_NAME])}"] = [_own_id(word, each.get(word, "")) for each in rest]


def _own_id(word: str, value: object) -> object:
    return value.rpartition("/")[2] if word.endswith("@id") and isinstance(value, str) else value


def feature_values(feature: dict[str, object]) -> dict[str, object]:
    """Properties of a GeoJSON feature, its id, and under `geometry` its point or the middle of its outline."""
    properties = feature.get("properties")
    values = _properties(properties, feature.get("id")) if isinstance(properties, dict) else {}
    if feature.get("id") is not None and "id" not in values:
        values |= flatten({"id": feature["id"]})
    place = place_of(feature.get("geometry"))
    if place is not None:
        values[GEOMETRY_COLUMN] = place
    return values


def _properties(properties: dict[str, object], identifier: object) -> dict[str, object]:
    whole = {"id": identifier, **properties}
    return item_values(whole) if _is_item(whole) and identifier else flatten(properties)


def is_outline(feature: object) -> bool:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    return isinstance(geometry, dict) and geometry.get("type") not in (None, "Point")  # any JSON value may stand there


def place_of(geometry: object) -> dict[str, float] | None:
    """Latitude and longitude of a geometry; None where it has none that are numbers."""
    try:
        middle = middle_of(geometry)
    except (RecursionError, OverflowError, TypeError, AttributeError):
        return None
    if middle is None or not all(map(math.isfinite, middle)):
        return None
    return {"lat": middle[0], "lon": middle[1]}


def flatten(record: object) -> dict[str, object]:
    """Non-empty values by dotted path.

    >>> flatten({"a": {"b": 1, "c": None}, "links": [{"type": "website", "value": "x"}], "tags": ["u", "v"]})
    {'a.b': 1, 'links.website': 'x', 'tags': ['u', 'v']}
    """
    values: dict[str, object] = {}
    if isinstance(record, dict):
        if record and all(_is_bound(value) for value in record.values()):
            record = {key: value["value"] for key, value in record.items()}
        _flatten_into(values, "", record, 0)
    elif record not in (None, "", [], {}):
        values["value"] = record
    return values


def _is_bound(value: object) -> bool:
    return isinstance(value, dict) and {"type", "value"} <= value.keys() <= _BOUND_KEYS


def _flatten_into(values: dict[str, object], path: str, value: object, depth: int) -> None:
    if value is None or value in ("", [], {}):
        return
    if isinstance(value, dict | list) and depth > _MAX_DEPTH:
        _gather(values, path, _as_text(value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            name = clean(str(key)[:_LONGEST_NAME])
            _flatten_into(values, f"{path}.{name}" if path else name, inner, depth + 1)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for item in value:
            gathered = {f"{path}.{clean(name[:_LONGEST_NAME])}": said for name, said in _typed(item).items()}
            if not gathered:
                _flatten_into(gathered, path, item, depth + 1)
            for inner_path, inner_value in gathered.items():
                _gather(values, inner_path, inner_value)
    else:
        _gather(values, path or "value", value)


def _as_text(value: object) -> str:
    """What is nested too deeply for columns stays as it was written."""
    try:
        return orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, RecursionError):
        return "…"


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
        if isinstance(before, list):
            values[path] = [*before, *more] if len(before) < 50 else _added(before, more)
        else:
            values[path] = [before, *more]


def _added(before: list[object], more: list[object]) -> list[object]:
    before += more
    return before
