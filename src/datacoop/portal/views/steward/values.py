"""Any property's value as one line of text."""

from __future__ import annotations

from collections.abc import Mapping

from datacoop.directory import themes
from datacoop.kinds.definition import Property
from datacoop.portal.cards import text_of

# Lists give the parts in any order; people read and compare them in one.
_PARTS = (
    *("street", "extra", "postal_code", "city", "canton", "country"),
    *("name", "bfs", "scheme", "value", "lat", "lon", "precision", "kind"),
)


def shown_value(value: object, of: Property, language: str) -> str:
    """Return a value for a steward to read.

    >>> from datacoop.kinds.definition import kind
    >>> where = {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}
    >>> shown_value(where, kind("organisation").property("addresses"), "fr")
    'Rue du Lac 7, 1005, Lausanne'
    >>> shown_value({"bfs": 5586, "name": "Lausanne"}, kind("organisation").property("commune"), "fr")
    'Lausanne, 5586'
    """
    if isinstance(value, Mapping):
        text = text_of(value, language) if set(value) <= {"fr", "de", "it", "en"} else None
        if text is not None:
            return text.text
        parts = sorted(value, key=lambda part: (_PARTS.index(part) if part in _PARTS else len(_PARTS), part))
        return ", ".join(str(value[part]) for part in parts if value[part] not in (None, ""))
    if of.type == "theme":
        return themes.label(str(value), language)
    if str(value) in of.values:
        return of.values[str(value)].get(language, str(value))
    return str(value)
