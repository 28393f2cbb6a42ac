"""What a column of a list can become: the properties of a kind and their parts, in the reader's language."""

from __future__ import annotations

from datacoop.kinds.definition import Kind, Property
from datacoop.portal.catalogue import say

_PARTS = {
    "address": ("street", "extra", "postal_code", "city", "canton", "country", "kind"),
    "point": ("lat", "lon"),
    "commune": ("name", "bfs"),
    "identifier": ("value", "scheme"),
    "text": ("fr", "de", "it", "en"),
}
#: Of these, a column can hold the whole as well as a part.
_WHOLE_TOO = frozenset({"address", "commune", "identifier", "text"})
NOTHING = ""


def targets_of(kind: Kind, language: str) -> list[tuple[str, str]]:
    """Return (path, label) of everything a column can become, the empty path first."""
    found = [(NOTHING, say(language, "steward.not_stored")), ("id", say(language, "steward.own_key"))]
    for each in kind.properties:
        found.extend(_of_property(each, language))
    return [*found, ("@person", say(language, "steward.about_person"))]


def _of_property(each: Property, language: str) -> list[tuple[str, str]]:
    label = each.labels.get(language) or each.name
    parts = _PARTS.get(each.type, ())
    whole = [(each.name, label)] if not parts or each.type in _WHOLE_TOO else []
    return whole + [(f"{each.name}.{part}", f"{label} – {say(language, f'steward.parts.{part}')}") for part in parts]
