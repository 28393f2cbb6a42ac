"""Any property's value as one line of text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from datacoop.directory import themes
from datacoop.kinds.definition import Property
from datacoop.portal.cards import text_of
from datacoop.portal.templatetags.portal import short_day, time

# Lists give the parts in any order; people read and compare them in one.
_PARTS = (
    *("street", "extra", "postal_code", "city", "canton", "country"),
    *("name", "bfs", "scheme", "value", "lat", "lon", "precision", "kind"),
)


def _moment(text: str) -> str:
    """A moment as the language writes it, in Swiss time; what is none stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{short_day(moment)}, {time(moment)}" if moment.tzinfo else text


def shown_value(value: object, of: Property, language: str) -> str:
    """Return a value for a steward to read.

    >>> from datacoop.kinds.definition import kind
    >>> where = {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}
    >>> shown_value(where, kind("organisation").property("addresses"), "fr")
    'Rue du Lac 7, 1005 Lausanne'
    >>> shown_value({"bfs": 5586, "name": "Lausanne"}, kind("organisation").property("commune"), "fr")
    'Lausanne, 5586'
    """
    if isinstance(value, Mapping):
        text = text_of(value, language) if set(value) <= {"fr", "de", "it", "en"} else None
        if text is not None:
            return text.text
        parts = sorted(value, key=lambda part: (_PARTS.index(part) if part in _PARTS else len(_PARTS), part))
        said = {part: str(value[part]) for part in parts if value[part] not in (None, "")}
        if "postal_code" in said and "city" in said:
            said["city"] = f"{said.pop('postal_code')} {said['city']}"
        return ", ".join(said.values())
    if of.type == "datetime":
        return _moment(str(value))
    if of.type == "theme":
        return themes.label(str(value), language)
    if str(value) in of.values:
        return of.values[str(value)].get(language, str(value))
    return str(value)
