"""Any property's value as one line of text."""

from __future__ import annotations

from collections.abc import Mapping

from datacoop.directory import themes
from datacoop.kinds.definition import Property
from datacoop.portal.cards import text_of


def shown_value(value: object, of: Property, language: str) -> str:
    """Return a value for a steward to read.

    >>> from datacoop.kinds.definition import kind
    >>> where = {"street": "Rue du Lac 7", "postal_code": "1005", "city": "Lausanne"}
    >>> shown_value(where, kind("organisation").property("addresses"), "fr")
    'Rue du Lac 7, 1005, Lausanne'
    """
    if isinstance(value, Mapping):
        text = text_of(value, language) if set(value) <= {"fr", "de", "it", "en"} else None
        if text is not None:
            return text.text
        return ", ".join(str(part) for part in value.values() if part not in (None, ""))
    if of.type == "theme":
        return themes.label(str(value), language)
    if str(value) in of.values:
        return of.values[str(value)].get(language, str(value))
    return str(value)
