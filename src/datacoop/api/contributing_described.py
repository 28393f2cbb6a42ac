"""The addresses at which lists are sent, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from datacoop.api.contributing import KEY, LONGEST_KEY
from datacoop.api.routes import CONTRIBUTIONS, PREFIX
from datacoop.sources.fetching import ENDINGS
from datacoop.sources.submissions import STATES

Part = dict[str, Any]
_EXAMPLE = "0c8b3a52-7f1e-4a8e-9d7b-5f2f9a1c6e30"
_LIST = "Nom;NPA;Localité;Site web\nChœur de la Clairière;1005;Lausanne;https://choeur.example.org\n"
_STATE = (
    "received: it waits its turn. waiting: somebody is asked at your desk. accepted: it is taken in."
    " tried: what would come of it. refused: nothing was changed."
)


def contributing_paths(asked: list[Part]) -> Part:
    """Return the paths at which a holder's program sends a list and asks what came of it."""
    key = {
        "name": KEY,
        "in": "header",
        "required": True,
        "description": "Your own name for this list, best a UUID. Sent again, the answer is the same, for 30 days.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
        "example": _EXAMPLE,
    }
    operation = {
        "operationId": "contribute",
        "summary": "Send a list of yours, or rows of it",
        "description": (
            "With a token of a holder's key. Columns are recognised as in a file brought in at the desk. The answer is"
            " the same whatever else there is; what came of each row is told at `status`. A list's first delivery, and"
            " what looks unlike the list it is for, waits at your desk for somebody's answer."
        ),
        "security": [{"holder": ["contributions"]}],
        "parameters": [*asked, key],
        "requestBody": {"required": True, "content": {media: _body(media) for media in ENDINGS}},
        "responses": {"202": _kept(), **_refused("400", "401", "403", "404", "405", "413", "415", "422", "429")},
    }
    return {f"{PREFIX}{CONTRIBUTIONS}": {"post": operation}, f"{PREFIX}{CONTRIBUTIONS}/{{id}}": {"get": _status()}}


def _body(media: str) -> Part:
    return {"schema": {}, **({"example": _LIST} if media == "text/csv" else {})}


def _kept() -> Part:
    properties = {"id": {"type": "string", "format": "uuid"}, "status": {"type": "string", "format": "uri"}}
    schema = {"type": "object", "required": list(properties), "properties": properties}
    location = {"description": "The same as `status`.", "schema": {"type": "string"}}
    content = {"application/json": {"schema": schema}}
    return {"description": "It will be taken in.", "headers": {"Location": location}, "content": content}


def _status() -> Part:
    return {
        "operationId": "contribution",
        "summary": "What came of a list that you sent, by row; for 30 days",
        "security": [{"holder": ["contributions"]}],
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "As the answer gave it.",
                "schema": {"type": "string"},
                "example": _EXAMPLE,
            }
        ],
        "responses": {
            "200": {"description": "Found.", "content": {"application/json": {"schema": _status_schema()}}},
            "304": {"description": "Nothing changed since the ETag you sent."},
            **_refused("400", "401", "404", "429"),
        },
    }


def _status_schema() -> Part:
    row = {
        "type": "object",
        "required": ["row", "column", "code", "message"],
        "properties": {
            "row": {"type": "integer"},
            "column": {"type": ["string", "null"]},
            "code": {"type": "string"},
            "message": {"type": "string"},
        },
    }
    counts = {name: {"type": "integer"} for name in ("read", "accepted", "rejected")}
    report: Part = {
        "counts": {"type": "object", "properties": counts, "required": list(counts)},
        "mapping": {"type": "array", "items": {"type": "object"}, "description": "What each column was taken for."},
        "rows": {"type": "array", "items": row, "description": "What is wrong, and in which row."},
        "more": {"type": "integer", "description": "So many problems more."},
    }
    properties: Part = {
        "id": {"type": "string", "format": "uuid"},
        "state": {"enum": list(STATES), "description": _STATE},
        "mode": {"enum": ["patch", "snapshot"]},
        "dry_run": {"type": "boolean"},
        "kind": {"type": "string"},
        "source": {"type": ["string", "null"]},
        "received_at": {"type": "string", "format": "date-time"},
        "settled_at": {"type": ["string", "null"], "format": "date-time"},
        "questions": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What somebody is asked, or why it was refused.",
        },
        "report": {"type": ["object", "null"], "properties": report},
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _refused(*codes: str) -> Part:
    return {code: {"$ref": f"#/components/responses/problem_{code}"} for code in codes}
