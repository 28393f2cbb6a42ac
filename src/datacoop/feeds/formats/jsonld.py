"""JSON-LD in schema.org's words: each property under its `schema.org` term of the YAML, others left out."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from datacoop.feeds.formatting import Context, Item, narrowed
from datacoop.kinds.definition import Kind, Property, all_kinds

NAME = "jsonld"
MEDIA_TYPES = ("application/ld+json",)
EXTENSION = "jsonld"
SEPARATOR = b","

VOCABULARY = "https://schema.org"
STATUSES = {
    "confirmed": "EventScheduled",
    "tentative": "EventScheduled",
    "cancelled": "EventCancelled",
    "postponed": "EventPostponed",
}


def applies(_kind: Kind) -> bool:
    """Every kind."""
    return True


def opening(context: Context) -> bytes:
    """A DataFeed, the sort of Dataset whose elements are things of any type."""
    feed = {"@context": VOCABULARY, "@type": "DataFeed", "license": context.licence}
    return orjson.dumps({**feed, "usageInfo": context.terms})[:-1] + b',"dataFeedElement":['


def piece(body: bytes, context: Context) -> bytes:
    """One thing, without a context of its own."""
    return orjson.dumps(thing(narrowed(body, context), context))


def closing(_context: Context) -> bytes:
    """The end of the feed."""
    return b"]}"


def render_one(body: bytes, context: Context) -> bytes:
    """One thing with its context, and whose terms it comes under."""
    described = thing(narrowed(body, context), context)
    described["subjectOf"] = {"@type": "Dataset", "license": context.licence, "usageInfo": context.terms}
    return orjson.dumps({"@context": VOCABULARY, **described})


def thing(item: Item, context: Context) -> Item:
    """The schema.org form of one item; the portal puts it into its pages too."""
    kind = context.kind
    found: Item = {"@type": kind.schema_org, "@id": context.address_of(kind.plural, item["id"])}
    for each in kind.properties:
        term = each.terms.get("schema.org")
        if term and each.name in item:
            _add(found, term.removeprefix("schema:").split("."), _converted(each, item[each.name], context))
    return found


def _add(found: Item, path: list[str], value: Any) -> None:
    """Put a value under its term; a second one under the same term makes a list."""
    for step in path[:-1]:
        inner = found.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        found = inner
    term = path[-1]
    if term not in found:
        found[term] = value
        return
    both = [*_listed(found[term]), *_listed(value)]
    found[term] = both


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _converted(each: Property, value: Any, context: Context) -> Any:
    if each.type == "text" and isinstance(value, Mapping):
        return [{"@value": words, "@language": language} for language, words in value.items()]
    convert = _CONVERTED.get(each.type)
    if convert is None:
        return value
    if isinstance(value, list):
        return [convert(each, one, context) for one in value]
    return convert(each, value, context)


def _address(each: Property, value: Mapping[str, Any], _context: Context) -> Any:
    street = ", ".join(value[part] for part in ("street", "extra") if part in value)
    terms = {
        "streetAddress": street or None,
        "postalCode": value.get("postal_code"),
        "addressLocality": value.get("city"),
        "addressRegion": value.get("canton"),
        "addressCountry": value.get("country"),
    }
    address = {"@type": "PostalAddress", **{term: words for term, words in terms.items() if words}}
    is_location = each.terms["schema.org"].endswith("location")
    return {"@type": "Place", "address": address} if is_location else address


def _point(each: Property, value: Mapping[str, Any], _context: Context) -> Any:
    geo = {"@type": "GeoCoordinates", "latitude": value["lat"], "longitude": value["lon"]}
    return {"@type": "Place", "geo": geo} if each.terms["schema.org"].endswith("location") else geo


def _commune(_each: Property, value: Mapping[str, Any], _context: Context) -> Any:
    area = {"@type": "AdministrativeArea", "name": value["name"]}
    if "bfs" in value:
        area["identifier"] = str(value["bfs"])
    return area


def _identifier(_each: Property, value: Mapping[str, Any], _context: Context) -> Any:
    return {"@type": "PropertyValue", "propertyID": value["scheme"], "value": value["value"]}


def _reference(each: Property, value: str, context: Context) -> Any:
    kind = all_kinds().get(each.refers or "")
    return {"@id": context.address_of(kind.plural, value)} if kind else value


def _code(each: Property, value: str, _context: Context) -> Any:
    if each.terms["schema.org"].endswith("eventStatus"):
        return f"{VOCABULARY}/{STATUSES[value]}" if value in STATUSES else value
    return value


_CONVERTED: Mapping[str, Callable[[Property, Any, Context], Any]] = {
    "address": _address,
    "point": _point,
    "commune": _commune,
    "identifier": _identifier,
    "reference": _reference,
    "code": _code,
}
