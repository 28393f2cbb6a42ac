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
INSIDE = {"location": "Place", "organizer": "Organization", "offers": "Offer"}
"""Terms whose value is a thing of its own, and its type."""
OF_TYPE = {"VirtualLocation": "location", "GeoCircle": "areaServed"}
"""Types used as the head of a term, and the property they stand under."""
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
            _add(found, term, _converted(each, item[each.name], context))
    return found


def _add(found: Item, term: str, value: Any) -> None:
    """Put a value under its term; a second one under the same term makes a list.

    `location.geo` is a part of the location; `VirtualLocation.url`, a type first, is a location of that type.
    """
    head, _, part = term.partition(".")
    type_name = INSIDE.get(head)
    if head in OF_TYPE:
        type_name, head = head, OF_TYPE[head]
    if part:
        inner = next((each for each in _listed(found.get(head, [])) if _may_hold(each, type_name)), None)
        if inner is None:
            inner = {"@type": type_name} if type_name else {}
            found[head] = [*_listed(found[head]), inner] if head in found else inner
        inner[part] = value
    elif head in found:
        found[head] = [*_listed(found[head]), *_listed(value)]
    elif type_name and not isinstance(value, dict):
        found[head] = {"@type": type_name, "description" if type_name == "Offer" else "name": value}
    else:
        found[head] = value


def _may_hold(inner: Any, type_name: str | None) -> bool:
    return isinstance(inner, dict) and inner.get("@type", type_name) == type_name


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


def _address(_each: Property, value: Mapping[str, Any], _context: Context) -> Any:
    street = ", ".join(value[part] for part in ("street", "extra") if part in value)
    terms = {
        "streetAddress": street or None,
        "postalCode": value.get("postal_code"),
        "addressLocality": value.get("city"),
        "addressRegion": value.get("canton"),
        "addressCountry": value.get("country"),
    }
    return {"@type": "PostalAddress", **{term: words for term, words in terms.items() if words}}


def _point(_each: Property, value: Mapping[str, Any], _context: Context) -> Any:
    return {"@type": "GeoCoordinates", "latitude": value["lat"], "longitude": value["lon"]}


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
