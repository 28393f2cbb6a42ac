"""What a column of a list can become: the properties of a kind and their parts, in the reader's language."""

from __future__ import annotations

from datacoop.kinds.definition import Kind, Property
from datacoop.portal.catalogue import say
from datacoop.sources.mapping import OWN

_PARTS = {
    "address": ("street", "extra", "postal_code", "city", "canton", "country", "kind"),
    "point": ("lat", "lon"),
    "commune": ("name", "bfs"),
    "identifier": ("value", "scheme"),
    "text": ("fr", "de", "it", "en"),
}
NOTHING = ""


def targets_of(kind: Kind, language: str) -> list[tuple[str, str]]:
    """Return (path, label) of everything a column can become, the empty path first."""
    found = [(NOTHING, say(language, "steward.not_stored")), ("id", say(language, "steward.own_key"))]
    for each in kind.properties:
        found.extend(_of_property(each, language))
    return [*found, ("@person", say(language, "steward.about_person")), (OWN, say(language, "steward.own_column"))]


def _of_property(each: Property, language: str) -> list[tuple[str, str]]:
    label = each.labels.get(language) or each.name
    parts = _PARTS.get(each.type, ())
    # a column can hold the whole as well as a part: one address line, "lat, lon" in one cell
    return [(each.name, label)] + [
        (f"{each.name}.{part}", f"{label} – {say(language, f'steward.parts.{part}')}") for part in parts
    ]
