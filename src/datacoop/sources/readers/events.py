"""Events that a web page describes for search engines: schema.org in JSON-LD, where the page holds no table. Pure.

Only what happens, when and where is kept: performers, authors and organisers may be people.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import orjson
from lxml import etree

_KEPT: Final = frozenset({
    "@id", "@type", "name", "description", "startDate", "endDate", "eventStatus", "location", "url", "inLanguage",
    "keywords",
})  # fmt: skip
_SCRIPTS: Final = "application/ld+json"
_DEPTH: Final = 6


def events_in(root: etree._Element) -> list[dict[str, object]]:
    """The events of a page, each once, with an id of its own."""
    found: dict[str, dict[str, object]] = {}
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() == _SCRIPTS and script.text:
            try:
                document = orjson.loads(script.text)
            except orjson.JSONDecodeError:
                continue
            for each in _events(document, 0):
                event = _kept(each)
                found.setdefault(str(event["@id"]), event)
    return list(found.values())


def _events(value: object, depth: int) -> Iterator[Mapping[str, object]]:
    """Events at the top, in lists and graphs, or as elements of a list of things."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for each in value:
            yield from _events(each, depth + 1)
    elif isinstance(value, dict):
        types = value.get("@type")
        if any(str(each).endswith("Event") for each in (types if isinstance(types, list) else [types])):
            yield value
        for name in ("@graph", "itemListElement", "item", "mainEntity", "event", "events", "subEvent"):
            yield from _events(value.get(name), depth + 1)


def _kept(event: Mapping[str, object]) -> dict[str, object]:
    own = event.get("@id") or event.get("url") or f"{event.get('name')} {event.get('startDate')}"
    kept = {name: value for name, value in event.items() if name in _KEPT}
    place = kept.get("location")
    if isinstance(place, list):
        place = next((each for each in place if isinstance(each, dict)), None)
    if isinstance(place, dict):
        words = {name: place[name] for name in ("name", "address", "geo", "url") if name in place}
        kept["location"] = {"@type": place.get("@type", "Place"), **words}
    status = str(kept.get("eventStatus", "")).rpartition("/")[2]
    if status:
        kept["eventStatus"] = status.removeprefix("Event").lower()
    return {**kept, "@id": str(own), "@type": "Event"}
