"""The list of what was taken away from everybody, each page signed: for whoever keeps a copy of the public data.

The same bytes whoever asks: a token that is shown must be good, and shows nothing more.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from datacoop.api import parameters
from datacoop.api.parameters import Values
from datacoop.api.problems import Problem
from datacoop.api.routes import PREFIX, RETRACTIONS
from datacoop.api.site import Site
from datacoop.disclosure.cursors import seal, unseal
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.retracted import retractions
from datacoop.ledger.rules import canonical
from datacoop.ledger.signing import KeyUnusable, sign

#: What kind of thing is signed (`typ`).
SIGNED: Final = "retractions+jws"
_DIGEST: Final = b"retractions"
Part = dict[str, Any]


def retractions_body(asked: Values, reading: Reading, site: Site) -> bytes:
    """Return one page; the last has no items and leads to itself. Raises: Problem, disclosure.errors.Due."""
    limit = asked.get("limit", parameters.CHANGES_LIMIT)
    page = retractions(reading, _number(asked.get("after")), limit)
    after = seal(PUBLIC, _DIGEST, (page.last,)) if page.items else asked.get("after")
    query = "&".join([f"after={after}"] * (after is not None) + [f"limit={limit}"] * ("limit" in asked))
    address = f"{site.base_url}{PREFIX}{RETRACTIONS}" + (f"?{query}" if query else "")
    told: dict[str, object] = {"items": page.items, "next": address}
    try:
        signature = sign(canonical(told), typ=SIGNED)
    except KeyUnusable:
        raise Problem("unavailable") from None
    return orjson.dumps({**told, "license": site.licence, "signature": signature})


def retraction_paths(asked: list[Part], responses: Part) -> Part:
    """Return the path of the list in the OpenAPI document, from its parameters and what it may answer."""
    operation = {
        "operationId": "retractions",
        "summary": "What was taken away from everybody, oldest first, signed: for copies of the public data",
        "description": (
            "Without any value: the id, and which properties. What took another's place is told by /api/v1/changes."
            " Kept for two years."
        ),
        "security": [{}],
        "parameters": asked,
        "responses": responses,
    }
    return {f"{PREFIX}{RETRACTIONS}": {"get": operation}}


def retractions_schema() -> Part:
    """Return the schema of a page."""
    properties: Part = {
        "id": {"type": "string"},
        "kind": {"type": "string"},
        "state": {"enum": ["withdrawn", "deleted"]},
        "properties": {"type": "array", "items": {"type": "string"}, "description": "Of what is withdrawn."},
        "at": {"type": "string", "format": "date-time"},
    }
    item = {"type": "object", "required": ["id", "kind", "state", "at"], "properties": properties}
    return {
        "type": "object",
        "required": ["items", "next", "license", "signature"],
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": "string", "description": "Of the last page, which has no items: itself."},
            "license": {"type": "string"},
            "signature": {
                "type": "string",
                "description": "A compact JWS of the type retractions+jws whose payload says items and next"
                " (keys: /.well-known/jwks.json).",
            },
        },
    }


def _number(after: str | None) -> int:
    if after is None:
        return 0
    position = unseal(PUBLIC, _DIGEST, after)
    if position is None:
        raise Problem("invalid-parameter", "Take it from `next`.", "after")
    return int(str(position[0]))
