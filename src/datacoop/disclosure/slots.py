"""What of a document is indexed: fixed slots, facets, words. Pure, as the rules are: no Django, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from datacoop.disclosure.rules import Document, Policy
from datacoop.kinds.definition import Kind


class Slots(NamedTuple):
    """Index values of one document."""

    name: str
    place: str
    themes: tuple[str, ...]
    event: Mapping[str, object] | None
    """Start, end, zone and recurrence, where a start is shown."""
    point: tuple[float, float] | None
    facets: tuple[tuple[str, str], ...]
    names: str
    texts: str


def slots_of(found: Document, kind: Kind, policy: Policy) -> Slots:
    """Return what of a document is indexed. Themes carry their parents; sensitive ones only where the kind allows."""
    body = found.body
    slots = kind.slots
    themes = _themes(_strings(body.get(slots["theme"].name)) if "theme" in slots else [])
    if not kind.sensitive_facets:
        themes = tuple(t for t in themes if not policy.is_sensitive(t))
    place = body.get(slots["place"].name) if "place" in slots else None
    point = body.get(slots["point"].name) if "point" in slots else None
    name = body.get(slots["name"].name) if "name" in slots else None
    in_names, in_texts, faceted = _indexed(kind)
    return Slots(
        name=_plain(name),
        place=place_key(place) if isinstance(place, dict) else "",
        themes=themes,
        event=event_of(body, kind),
        point=(point["lat"], point["lon"]) if isinstance(point, dict) else None,
        facets=tuple(f for f in _facets(body, faceted) if f[1] not in found.private),
        names=" ".join([_plain(body[each]) for each in in_names if each in body]),
        texts=" ".join([_plain(body[each]) for each in in_texts if each in body]),
    )


_EVENT = ("start", "end", "zone", "recurrence")


def event_of(body: Mapping[str, object], kind: Kind) -> Mapping[str, object] | None:
    """Return when a document takes place, by slot; None where it shows no start."""
    if "start" not in kind.slots or kind.slots["start"].name not in body:
        return None
    named = {slot: kind.slots[slot].name for slot in _EVENT if slot in kind.slots}
    return {slot: body[name] for slot, name in named.items() if name in body}


@cache
def _indexed(kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the properties whose words are found among the names, those found elsewhere, and the facets."""
    facets = tuple(p.name for p in kind.properties if (p.facet or p.type == "reference") and not p.slot)
    names, texts = (tuple(p.name for p in kind.properties if p.search == where) for where in ("name", "text"))
    return names, texts, facets


def place_key(commune: Mapping[str, object]) -> str:
    """Return the index key of a commune: its BFS number in Switzerland, else its name."""
    bfs = commune.get("bfs")
    return str(bfs) if bfs else f"={str(commune.get('name', ''))[:70]}"


def _themes(themes: Sequence[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for theme in themes:
        parts = theme.split("/")
        for depth in range(1, len(parts) + 1):
            found["/".join(parts[:depth])] = None
    return tuple(found)


def _facets(body: Mapping[str, object], names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, value) for name in names if name in body for value in dict.fromkeys(_strings(body[name]))]


def _strings(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(value)]


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(_plain(v) for v in value.values())
    if isinstance(value, list):
        return " ".join(_plain(v) for v in value)
    return "" if value is None else str(value)
