"""The ledger's addresses in the OpenAPI document. The same whoever asks: they take no token, and tell no record."""

from __future__ import annotations

from typing import Any

from datacoop.api.parameters import Parameter, Table
from datacoop.api.routes import CHAINED, PREFIX

Part = dict[str, Any]
TAG = "ledger"
KEYS = "/.well-known/jwks.json"
_HASH: Part = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_PATH: Part = {"type": "array", "items": _HASH, "description": "The way to the root, as in RFC 9162."}
_CHECKPOINT: Part = {
    "size": {"type": "integer", "description": "Entries under it."},
    "root": _HASH,
    "at": {"type": "string", "format": "date-time"},
    "checkpoint": {"type": "string", "description": "Signed: a compact JWS of the type checkpoint+jws."},
}
_SUMMARIES = {
    "ledger/checkpoints": "A signed checkpoint of the ledger: one is taken every day",
    "ledger/consistency": "Proof that a checkpoint you kept begins a later one",
    "ledger/inclusion": "Proof that an entry whose hash you know is in the ledger",
}
_MORE: dict[str, Part] = {
    "ledger/checkpoints": {},
    "ledger/consistency": {"first": {"type": "integer"}, "second": {"type": "integer"}, "path": _PATH},
    "ledger/inclusion": {
        "inclusion": {
            "type": "object",
            "required": ["index", "size", "path"],
            "properties": {"index": {"type": "integer"}, "size": {"type": "integer"}, "path": _PATH},
        }
    },
}
_REQUIRED = frozenset({"first", "entry", "hash"})


def chain_paths() -> Part:
    """Return the paths of the ledger."""
    found: Part = {f"{PREFIX}{name}": {"get": _operation(name, table)} for name, table in CHAINED.items()}
    found[KEYS] = {"get": _keys()}
    return found


def _operation(name: str, table: Table) -> Part:
    properties = {**_CHECKPOINT, **_MORE[name]}
    schema = {"type": "object", "required": list(properties), "properties": properties}
    refused = {code: {"$ref": f"#/components/responses/problem_{code}"} for code in ("400", "404", "429")}
    return {
        "operationId": name.replace("/", "_"),
        "tags": [TAG],
        "summary": _SUMMARIES[name],
        "security": [],
        "parameters": [_parameter(each) for each in table.values()],
        "responses": {"200": {"description": "Found.", "content": {"application/json": {"schema": schema}}}, **refused},
    }


def _parameter(each: Parameter) -> Part:
    told: Part = {"name": each.name, "in": "query", "description": each.description, "schema": dict(each.schema)}
    if each.name in _REQUIRED:
        told["required"] = True
    return told | ({"example": each.example} if each.example is not None else {})


def _keys() -> Part:
    schema: Part = {"type": "object", "required": ["keys"], "properties": {"keys": {"type": "array"}}}
    return {
        "operationId": "keys",
        "tags": [TAG],
        "summary": "The keys that checkpoints and receipts are signed with (RFC 7517)",
        "security": [],
        "responses": {"200": {"description": "Found.", "content": {"application/jwk-set+json": {"schema": schema}}}},
    }
