"""GeoJSON (RFC 7946): each record a feature at its point, longitude first; without one its geometry is null."""

from typing import Any

import orjson

from datacoop.feeds.formatting import Context, Item, narrowed
from datacoop.kinds.definition import Kind

NAME = "geojson"
MEDIA_TYPES = ("application/geo+json", "application/vnd.geo+json")
EXTENSION = "geojson"
SEPARATOR = b","


def applies(kind: Kind) -> bool:
    """Kinds with a point."""
    return "point" in kind.slots


def opening(_context: Context) -> bytes:
    """The head of the collection."""
    return b'{"type":"FeatureCollection","features":['


def piece(body: bytes, context: Context) -> bytes:
    """One feature."""
    return orjson.dumps(_feature(body, context))


def closing(context: Context) -> bytes:
    """Licence, terms and what follows, as foreign members (RFC 7946 section 6.1)."""
    members: dict[str, object] = {"license": context.licence, "terms": context.terms}
    if context.url:
        members["next"] = context.next_url
    if context.count is not None:
        members |= {"count": context.count, "count_relation": context.relation}
    return b"]," + orjson.dumps(members)[1:]


def render_one(body: bytes, context: Context) -> bytes:
    """One feature with its licence and terms."""
    feature = _feature(body, context)
    return orjson.dumps({**feature, "license": context.licence, "terms": context.terms})


def _feature(body: bytes, context: Context) -> dict[str, Any]:
    """The geometry stays whatever `fields=` asks: a feature is one by its place."""
    name = context.kind.slots["point"].name
    point = orjson.loads(body).get(name)
    properties: Item = narrowed(body, context)
    properties.pop(name, None)
    identifier = properties.pop("id")
    geometry = None
    if point is not None:
        geometry = {"type": "Point", "coordinates": [point["lon"], point["lat"]]}
        properties["precision"] = point["precision"]
    return {"type": "Feature", "id": identifier, "geometry": geometry, "properties": properties}
