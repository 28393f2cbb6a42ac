"""The acknowledging address in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from datacoop.api.routes import ACKNOWLEDGEMENTS, MOST_AT_ONCE, PREFIX
from datacoop.disclosure.acknowledging import LONGEST_BASIS, STATES

Part = dict[str, Any]
_MARK: Part = {"type": "string", "format": "uuid"}
_REFUSED = ("400", "401", "404", "405", "413", "415", "429")
_EXAMPLE = "0c8b3a52-7f1e-4a8e-9d7b-5f2f9a1c6e30"


def acknowledging_paths() -> Part:
    """Return the path by which clients acknowledge."""
    operation = {
        "operationId": "acknowledge",
        "summary": "Say that you erased what tombstones name, or on what legal basis you retain it",
        "description": (
            "A tombstone settles the older ones of its record. Said again, the answer is the same. All of a call are"
            " noted, or none: one that is not yours is answered as one that never was. What you retained you may"
            " still erase. Goes on while your access is held."
        ),
        "security": [{"client": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _asked()}}},
        "responses": {
            "204": {"description": "Noted."},
            **{code: {"$ref": f"#/components/responses/problem_{code}"} for code in _REFUSED},
        },
    }
    return {f"{PREFIX}{ACKNOWLEDGEMENTS}": {"get": _owed(), "post": operation}}


def _owed() -> Part:
    properties: Part = {
        "tombstone": _MARK,
        "kind": {"type": "string"},
        "ids": {"type": "array", "items": {"type": "string"}, "description": "Those you may know the record by."},
        "properties": {"type": "array", "items": {"type": "string"}},
        "deleted": {"type": "boolean", "description": "Whether the whole record is to be erased."},
        "deadline": {"type": "string", "format": "date-time"},
    }
    item = {"type": "object", "required": list(properties), "properties": properties}
    schema = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": item}}}
    refused = ("400", "401", "406", "429", "503")
    return {
        "operationId": "owed",
        "summary": f"What you must still erase, the oldest {MOST_AT_ONCE}: for whoever lost their place in the feed",
        "security": [{"client": []}],
        "responses": {
            "200": {"description": "Found.", "content": {"application/json": {"schema": schema}}},
            "304": {"description": "Nothing changed since the ETag you sent."},
            **{code: {"$ref": f"#/components/responses/problem_{code}"} for code in refused},
        },
    }


def _asked() -> Part:
    return {
        "type": "object",
        "required": ["state"],
        "properties": {
            "tombstone": {**_MARK, "description": "As the feed gave it."},
            "tombstones": {"type": "array", "items": _MARK, "minItems": 1, "maxItems": MOST_AT_ONCE},
            "state": {"enum": list(STATES)},
            "legal_basis": {
                "type": "string",
                "maxLength": LONGEST_BASIS,
                "description": "Needed where state is retained, and only there; those concerned read it.",
            },
        },
        "oneOf": [{"required": ["tombstone"]}, {"required": ["tombstones"]}],
        "additionalProperties": False,
        "examples": [{"tombstone": _EXAMPLE, "state": "erased"}],
    }
