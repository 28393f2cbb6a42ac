"""The property type `recurrence`: which dates an event has beside its first, as RFC 5545 says it (see `lib.recurring`).

Knows the shape and that a rule can be read; must not know which event it belongs to.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from datacoop.lib.recurring import MOST_DATES, OVERRIDDEN, RuleError, check_rule

Schema = dict[str, object]

PARTS = ("rrule", "rdates", "exdates", "overrides")
# Of years in which hours can be counted on and back, whatever the zone and however long it lasts.
_WALL = r"^[12]\d{3}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2})?$"
_FILLED: Schema = {"type": "string", "pattern": r"\S"}
_MOMENT: Schema = {"type": "string", "pattern": _WALL, "title": "Wall time without offset, or a day"}
_MOMENTS: Schema = {"type": "array", "items": _MOMENT, "minItems": 1, "maxItems": MOST_DATES}
_STATUSES = ("confirmed", "tentative", "postponed", "cancelled", "full")
_OVERRIDE: Schema = {
    "type": "object",
    "properties": {
        "recurrence_id": {**_MOMENT, "title": "The date that the rule gives (RFC 5545, RECURRENCE-ID)"},
        "start": _MOMENT,
        "end": _MOMENT,
        "status": {"enum": list(_STATUSES)},
        "title": _FILLED,
        "place": _FILLED,
    },
    "required": ["recurrence_id"],
    "minProperties": 2,
    "additionalProperties": False,
}
SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "rrule": {"type": "string", "pattern": r"FREQ=", "title": "RECUR (RFC 5545 section 3.3.10)"},
        "rdates": {**_MOMENTS, "title": "Further dates"},
        "exdates": {**_MOMENTS, "title": "Dates the rule gives and that do not take place"},
        "overrides": {"type": "array", "items": _OVERRIDE, "minItems": 1, "maxItems": MOST_DATES},
    },
    "additionalProperties": False,
    "minProperties": 1,
}
"""One recurrence. All moments are in the wall time of the event's zone."""


def recurrence_fault(value: object) -> str | None:
    """Say in one sentence what is wrong with a recurrence; None if it is right."""
    if not isinstance(value, Mapping) or not value:
        return f"A recurrence is an object with {', '.join(PARTS)}."
    unknown = [name for name in value if name not in PARTS]
    if unknown:
        return f"{unknown[0]!r} is not a part of a recurrence; allowed: {', '.join(PARTS)}."
    if "rrule" in value:
        wrong = _rule(value["rrule"])
        if wrong:
            return wrong
    for name in ("rdates", "exdates"):
        if name in value and (wrong := _list(name, value[name]) or _moments(name, value[name])):
            return wrong
    return _overrides(value["overrides"]) if "overrides" in value else None


def _rule(text: object) -> str | None:
    if not isinstance(text, str):
        return "The part rrule is not a text."
    try:
        check_rule(text)
    except RuleError as error:
        return str(error)
    return None


def _list(name: str, value: object) -> str | None:
    good = isinstance(value, list) and 0 < len(value) <= MOST_DATES
    return None if good else f"The part {name} is not a list of 1 to {MOST_DATES}."


def _moments(name: str, value: list[object]) -> str | None:
    return next((f"In {name}, {each!r} is not a wall time or a day." for each in value if not _is_moment(each)), None)


def _is_moment(value: object) -> bool:
    if not isinstance(value, str) or not re.match(_WALL, value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _overrides(value: object) -> str | None:
    wrong = _list("overrides", value)
    return wrong or next((found for each in value if (found := _override(each))), None)  # type: ignore[attr-defined]


def _override(value: object) -> str | None:
    if not isinstance(value, Mapping) or "recurrence_id" not in value or len(value) < 2:
        return "An override names its date by recurrence_id, and says what is different."
    unknown = [name for name in value if name not in {"recurrence_id", *OVERRIDDEN}]
    if unknown:
        return f"{unknown[0]!r} cannot be overridden; allowed: {', '.join(OVERRIDDEN)}."
    wrong = [name for name in ("recurrence_id", "start", "end") if name in value and not _is_moment(value[name])]
    if wrong:
        return f"In an override, {wrong[0]} is not a wall time or a day."
    if "status" in value and value["status"] not in _STATUSES:
        return f"The status of an override is one of: {', '.join(_STATUSES)}."
    empty = [n for n in ("title", "place") if n in value and not (isinstance(value[n], str) and value[n].strip())]
    return f"In an override, {empty[0]} is not a text with at least one character." if empty else None
