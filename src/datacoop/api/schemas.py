"""JSON Schemas of answers that are the same for every kind: counts, collections, changes, tokens."""

from typing import Any

from datacoop.accounts.holding import CONTRIBUTIONS

Part = dict[str, Any]

TOKEN_ASKED: Part = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "client_id": {"type": "string"},
        "client_secret": {"type": "string"},
        "scope": {"const": CONTRIBUTIONS, "description": "With a holder's key, and only there."},
    },
}
TOKEN: Part = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in"],
    "properties": {
        "access_token": {"type": "string"},
        "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer"},
        "scope": {"const": CONTRIBUTIONS, "description": "Of a holder's key."},
    },
}
TOKEN_REFUSED: Part = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}


def facets_schema() -> Part:
    """Return the schema of counts by facet."""
    properties = {
        "value": {"type": "string"},
        "label": {"type": "string"},
        "count": {"type": "integer"},
        "count_relation": {"enum": ["eq", "gte"]},
    }
    rows = {"type": "array", "items": {"type": "object", "properties": properties}}
    return {
        "type": "object",
        "required": ["facets"],
        "properties": {"facets": {"type": "object", "additionalProperties": rows}},
    }


def collection_schema() -> Part:
    """Return the schema of a collection of GeoJSON."""
    return {
        "type": "object",
        "required": ["type", "features"],
        "properties": {"type": {"const": "FeatureCollection"}, "features": {"type": "array"}},
    }


def changes_schema() -> Part:
    """Return the schema of a page of the change feed."""
    properties: Part = {
        "id": {"type": "string"},
        "kind": {"type": "string"},
        "modified": {"type": "integer"},
        "state": {"enum": ["updated", "deleted"]},
        "data": {"type": "object"},
        "erase": {"type": "object", "description": "What you received and must erase, and until when."},
        "tombstone": {"type": "string"},
        "deadline": {"type": "string", "format": "date-time"},
    }
    item = {"type": "object", "required": ["id", "kind", "modified", "state"], "properties": properties}
    return {
        "type": "object",
        "required": ["items", "next", "license"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": "string", "description": "Of the last page, which has no items: itself."},
            "license": {"type": "string"},
        },
    }
