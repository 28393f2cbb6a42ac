"""The property types: the JSON shape of one value, as JSON Schema and as a check that answers in a sentence.

Knows types by name only; must not know kinds, properties or where values come from.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from math import isfinite

from datacoop.kinds.recurrence import SCHEMA as RECURRENCE
from datacoop.kinds.recurrence import recurrence_fault

ADDRESS_PARTS = ("street", "extra", "postal_code", "city", "canton", "country", "kind")
PRECISIONS = ("exact", "street", "locality", "commune")
PARTS: Mapping[str, tuple[str, ...]] = {
    "address": ADDRESS_PARTS,
    "commune": ("bfs", "name"),
    "point": ("lat", "lon", "precision"),
    "identifier": ("scheme", "value"),
}
"""Types whose value is an object, with the names of its parts."""

Schema = dict[str, object]

LANGUAGE = r"^[a-z]{2,3}$"
_EMAIL = r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+$"
_PHONE = r"^\+[0-9](?:[ ]?[0-9]){4,17}$"
_URL = r"^https?://[^\s/]+\S*$"
_THEME = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*(?:/[a-z0-9]+(?:[-_][a-z0-9]+)*)*$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_DATETIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$"
#: Of years in which hours can be counted on and back, whatever the zone and however long something lasts.
_DAY_OF_EVENT = _DATE.replace(r"\d{4}", r"[12]\d{3}", 1)
_MOMENT_OF_EVENT = _DATETIME.replace(r"\d{4}", r"[12]\d{3}", 1)
_FILLED: Schema = {"type": "string", "pattern": r"\S"}


def _object(properties: Mapping[str, Schema], required: Collection[str]) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
        "minProperties": 1,
    }
    if required:
        schema["required"] = list(required)
    return schema


_LANGUAGE_MAP: Schema = {
    "type": "object",
    "propertyNames": {"pattern": LANGUAGE},
    "additionalProperties": _FILLED,
    "minProperties": 1,
}
_SCHEMAS: Mapping[str, Schema] = {
    "string": _FILLED,
    "text": {"anyOf": [_FILLED, _LANGUAGE_MAP]},
    "email": {"type": "string", "format": "email", "pattern": _EMAIL},
    "phone": {"type": "string", "pattern": _PHONE},
    "url": {"type": "string", "format": "uri", "pattern": _URL},
    "date": {"type": "string", "format": "date", "pattern": _DATE},
    "datetime": {"type": "string", "format": "date-time", "pattern": _DATETIME},
    "moment": {
        "anyOf": [
            {"type": "string", "format": "date-time", "pattern": _MOMENT_OF_EVENT},
            {"type": "string", "format": "date", "pattern": _DAY_OF_EVENT},
        ]
    },
    "recurrence": RECURRENCE,
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "code": {"type": "string"},
    "theme": {"type": "string", "pattern": _THEME},
    "commune": _object({"bfs": {"type": "integer", "minimum": 1}, "name": _FILLED}, ("name",)),
    "address": _object(dict.fromkeys(ADDRESS_PARTS, _FILLED), ()),
    "point": _object(
        {
            "lat": {"type": "number", "minimum": -90, "maximum": 90},
            "lon": {"type": "number", "minimum": -180, "maximum": 180},
            "precision": {"enum": list(PRECISIONS)},
        },
        ("lat", "lon", "precision"),
    ),
    "identifier": _object({"scheme": _FILLED, "value": _FILLED}, ("scheme", "value")),
    "reference": _FILLED,
}
TYPES: tuple[str, ...] = tuple(_SCHEMAS)


def type_schema(type_name: str, codes: Collection[str] = ()) -> Schema:
    """Return the JSON Schema of one value of a type; `codes` are the allowed values of type code."""
    schema = dict(_SCHEMAS[type_name])
    if type_name == "code":
        schema["enum"] = list(codes)
    return schema


def fault(type_name: str, value: object, codes: Collection[str] = ()) -> str | None:
    """Say in one sentence what is wrong with one value of a type; None if it is right."""
    if type_name == "code":
        allowed = isinstance(value, str) and value in codes
        return None if allowed else f"{_shown(value)} is not one of: {', '.join(codes)}."
    return _CHECKS[type_name](value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _is_filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _filled(value: object) -> str | None:
    return None if _is_filled(value) else f"{_shown(value)} is not a text with at least one character."


def _text(value: object) -> str | None:
    if not isinstance(value, dict):
        return _filled(value)
    if not value:
        return "An empty language map says nothing; leave the property out."
    for lang, words in value.items():
        if not isinstance(lang, str) or not re.match(LANGUAGE, lang):
            return f"{_shown(lang)} is not a language code such as fr."
        if not _is_filled(words):
            return f"The text in {lang} is empty."
    return None


def _matching(pattern: str, wanted: str) -> Callable[[object], str | None]:
    compiled = re.compile(pattern)

    def check(value: object) -> str | None:
        good = isinstance(value, str) and compiled.fullmatch(value)
        return None if good else f"{_shown(value)} is not {wanted}."

    return check


def _dated(pattern: str, parse: Callable[[str], date], wanted: str) -> Callable[[object], str | None]:
    compiled = re.compile(pattern)

    def check(value: object) -> str | None:
        if isinstance(value, str) and compiled.fullmatch(value):
            try:
                parse(value)
            except ValueError:
                return f"{_shown(value)} is not a day or hour of the calendar."
            return None
        return f"{_shown(value)} is not {wanted}."

    return check


def _integer(value: object) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool)
    return None if good else f"{_shown(value)} is not a whole number."


def _number(value: object) -> str | None:
    return None if _is_number(value) else f"{_shown(value)} is not a number."


def _boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else f"{_shown(value)} is neither true nor false."


def _parts(type_name: str, value: object, required: Collection[str]) -> str | None:
    allowed = PARTS[type_name]
    if not isinstance(value, dict) or not value:
        return f"{_shown(value)} is not an object with {', '.join(allowed)}."
    unknown = [key for key in value if key not in allowed]
    if unknown:
        return f"{_shown(unknown[0])} is not a part of {type_name}; allowed: {', '.join(allowed)}."
    missing = [part for part in required if part not in value]
    return f"The part {missing[0]} is missing." if missing else None


def _commune(value: object) -> str | None:
    wrong = _parts("commune", value, ("name",))
    if wrong or not isinstance(value, dict):
        return wrong
    if "bfs" in value and (_integer(value["bfs"]) or value["bfs"] < 1):
        return f"The BFS number {_shown(value['bfs'])} is not a whole number above 0."
    return _filled(value["name"])


def _strings(type_name: str, required: Collection[str]) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        wrong = _parts(type_name, value, required)
        if wrong or not isinstance(value, dict):
            return wrong
        empty = [part for part, words in value.items() if not _is_filled(words)]
        return f"The part {empty[0]} is not a text with at least one character." if empty else None

    return check


def _point(value: object) -> str | None:
    wrong = _parts("point", value, PARTS["point"])
    if wrong or not isinstance(value, dict):
        return wrong
    for part, limit in (("lat", 90), ("lon", 180)):
        if not _is_number(value[part]) or abs(value[part]) > limit:
            return f"The part {part} is {_shown(value[part])}, not a number from -{limit} to {limit}."
    if value["precision"] not in PRECISIONS:
        return f"The precision {_shown(value['precision'])} is not one of: {', '.join(PRECISIONS)}."
    return None


_CHECKS: Mapping[str, Callable[[object], str | None]] = {
    "string": _filled,
    "text": _text,
    "email": _matching(_EMAIL, "an e-mail address such as info@example.org"),
    "phone": _matching(_PHONE, "a phone number with its country code such as +41 21 555 12 34"),
    "url": _matching(_URL, "an address that begins with https:// or http://"),
    "date": _dated(_DATE, date.fromisoformat, "a day such as 2026-11-23"),
    "datetime": _dated(_DATETIME, datetime.fromisoformat, "an instant such as 2026-11-23T19:30:00+01:00"),
    "moment": _dated(
        f"{_MOMENT_OF_EVENT}|{_DAY_OF_EVENT}",
        datetime.fromisoformat,
        "an instant such as 2026-11-23T19:30:00+01:00 or, for whole days, a day such as 2026-11-23",
    ),
    "recurrence": recurrence_fault,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "theme": _matching(_THEME, "a theme path such as culture/chant"),
    "commune": _commune,
    "address": _strings("address", ()),
    "point": _point,
    "identifier": _strings("identifier", PARTS["identifier"]),
    "reference": _filled,
}
