"""The OpenAPI 3.1 document, written from the same tables that requests are checked against.

Depends on kinds, formats and routes alone: what a new kind or format adds appears here by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from datacoop.accounts.holding import CONTRIBUTIONS
from datacoop.api import parameters
from datacoop.api.acknowledging_described import acknowledging_paths
from datacoop.api.catalogue_described import TAG as CATALOGUE_TAG
from datacoop.api.catalogue_described import catalogue_paths
from datacoop.api.chain_described import TAG as CHAIN_TAG
from datacoop.api.chain_described import chain_paths
from datacoop.api.contributing_described import contributing_paths
from datacoop.api.hsds_described import TAG as HSDS_TAG
from datacoop.api.hsds_described import hsds_paths
from datacoop.api.parameters import Parameter, Table
from datacoop.api.problems import PROBLEMS, problem_schema
from datacoop.api.retracting import retraction_paths, retractions_schema
from datacoop.api.schemas import (
    TOKEN,
    TOKEN_ASKED,
    TOKEN_REFUSED,
    Part,
    changes_schema,
    collection_schema,
    facets_schema,
)
from datacoop.api.site import Site
from datacoop.api.webhooks_described import webhook_paths
from datacoop.feeds.formatting import Format
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import Kind, all_kinds
from datacoop.kinds.schema import item_schema

EXAMPLE_ID = "6f1c9c7e-4d0a-4b1e-9d53-2a7f0c8e1b64"
EXAMPLE_MODIFIED = 1763900000
_INTRODUCTION = """\
Read an organisations' directory, agenda and calls for volunteers. Without a token you get what is public; with a
client's token, at the same addresses, what your terms disclose. A property nobody disclosed to you is an absent key.
"""


def document(site: Site, kinds: Mapping[str, Kind] | None = None) -> Part:
    """The whole description, as plain values."""
    known = list((all_kinds() if kinds is None else kinds).values())
    paths: Part = {}
    for kind in known:
        paths |= _paths_of(kind)
    paths["/api/v1/changes"] = _changes()
    page = {"description": "Found.", "headers": _HEADERS, "content": _json(retractions_schema())}
    paths |= retraction_paths(_query(parameters.changes_parameters()), _responses(page))
    paths |= acknowledging_paths()
    paths |= contributing_paths(_query(parameters.contribution_parameters({kind.name: kind for kind in known})))
    paths |= webhook_paths()
    paths |= chain_paths()
    paths |= hsds_paths()
    paths |= catalogue_paths()
    paths["/oauth/token"] = _token()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "datacoop API",
            "version": "1",
            "description": _INTRODUCTION,
            "license": {"name": "Licence of the public data", "url": site.licence},
            "termsOfService": site.terms,
        },
        "servers": [{"url": site.base_url}],
        "security": [{}, {"client": []}],
        "tags": [
            *({"name": kind.plural, "description": kind.plural_labels.get("en", kind.plural)} for kind in known),
            {"name": CHAIN_TAG, "description": "Proofs that nothing was changed afterwards"},
            {"name": HSDS_TAG, "description": "The same in the words of HSDS 3 (Open Referral)"},
            {"name": CATALOGUE_TAG, "description": "What may be had, for catalogues of open data (DCAT-AP CH)"},
        ],
        "paths": paths,
        "components": {
            "schemas": {**{kind.name: _item(kind) for kind in known}, "Problem": problem_schema()},
            "responses": _problem_responses(),
            "securitySchemes": {
                "client": _security(site, {}),
                "holder": _security(site, {CONTRIBUTIONS: "Send lists of the holder whose key it is; reads nothing."}),
            },
        },
    }


def example_item(kind: Kind) -> Part:
    """One invented record of a kind, as an item."""
    head: Part = {"id": EXAMPLE_ID, "kind": kind.name}
    tail = {"sources": [{"holder": "Ville de Clairière", "confirmed": False}], "modified": EXAMPLE_MODIFIED}
    filled = {name: value for name, value in kind.example.items() if value is not None}
    return {**head, **filled, **tail}


def _item(kind: Kind) -> Part:
    schema = {name: value for name, value in item_schema(kind).items() if name != "$schema"}
    return {**schema, "examples": [example_item(kind)]}


def _paths_of(kind: Kind) -> Part:
    one = _operation(
        kind,
        f"One {kind.labels.get('en', kind.name)}",
        "one",
        [_path_id(), *_query(parameters.one_parameters(kind))],
        _one_content(kind),
        ("301", "404", "410"),
    )
    found: Part = {f"/api/v1/{kind.plural}/{{id}}": {"get": one}}
    if not kind.list_route:
        return found
    label = kind.plural_labels.get("en", kind.plural)
    listing, clusters = parameters.list_parameters(kind), parameters.cluster_parameters(kind)
    base = f"/api/v1/{kind.plural}"
    found[base] = {"get": _operation(kind, f"{label}: a list", "list", _query(listing), _list_content(kind))}
    found[f"{base}/facets"] = {
        "get": _operation(kind, f"{label}: counts by value", "facets", _query(listing), _json(facets_schema()))
    }
    found[f"{base}/clusters"] = {
        "get": _operation(
            kind,
            f"{label}: points of a map, gathered",
            "clusters",
            _query(clusters),
            {"application/geo+json": {"schema": collection_schema()}},
        )
    }
    for layout in formats_of(kind):
        found[f"/api/v1/exports/{kind.plural}.{layout.EXTENSION}"] = {"get": _export(kind, label, layout)}
    return found


def _operation(
    kind: Kind, summary: str, name: str, asked: Sequence[Part], content: Part, more: Sequence[str] = ()
) -> Part:
    return {
        "operationId": f"{kind.plural}_{name}",
        "tags": [kind.plural],
        "summary": summary,
        "parameters": list(asked),
        "responses": _responses({"description": "Found.", "headers": _HEADERS, "content": content}, more),
    }


def _export(kind: Kind, label: str, layout: Format) -> Part:
    operation = _operation(
        kind,
        f"{label}: everything, as {layout.NAME}",
        f"export_{layout.NAME}",
        _query(parameters.export_parameters(kind)),
        {layout.MEDIA_TYPES[0]: {"schema": _listing_schema(kind) if layout.NAME == "json" else {}}},
    )
    operation["responses"]["403"] = {"$ref": "#/components/responses/problem_403"}
    limits = {name: said for name, said in _HEADERS.items() if name.startswith("RateLimit")}
    headers = {"Changes-After": _header("Go on from here with /api/v1/changes?after=: nothing is missed."), **limits}
    operation["responses"]["200"]["headers"] = headers
    return operation


def _query(table: Table) -> list[Part]:
    return [_described(each) for each in table.values()]


def _described(each: Parameter) -> Part:
    schema: Any = dict(each.schema)
    found: Part = {"name": each.name, "in": "query", "description": each.description}
    if each.repeatable:
        schema = {"type": "array", "items": schema}
        found |= {"style": "form", "explode": True}
    if each.example is not None:
        found["example"] = [each.example] if each.repeatable else each.example
    return {**found, "schema": schema}


def _path_id() -> Part:
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "The id of a record; a format's ending may follow (.jsonld).",
        "schema": {"type": "string"},
    }


def _one_content(kind: Kind) -> Part:
    content: Part = {}
    for layout in formats_of(kind):
        schema: Part = {"$ref": f"#/components/schemas/{kind.name}"} if layout.NAME == "json" else {}
        content[layout.MEDIA_TYPES[0]] = {"schema": schema}
    return content


def _list_content(kind: Kind) -> Part:
    content: Part = {layout.MEDIA_TYPES[0]: {"schema": {}} for layout in formats_of(kind)}
    return {**content, "application/json": {"schema": _listing_schema(kind)}}


def _listing_schema(kind: Kind) -> Part:
    properties: Part = {
        "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{kind.name}"}},
        "next": {"type": ["string", "null"], "description": "The address of what follows."},
        "count": {"type": "integer", "description": "At most 1000."},
        "count_relation": {"enum": ["eq", "gte"], "description": "Whether there are exactly so many, or more."},
    }
    return {"type": "object", "required": ["items", "next"], "properties": properties}


def _json(schema: Part) -> Part:
    return {"application/json": {"schema": schema}}


def _changes() -> Part:
    return {
        "get": {
            "operationId": "changes",
            "summary": "What changed, oldest first (RPDE)",
            "parameters": _query(parameters.changes_parameters()),
            "responses": _responses(
                {"description": "Found.", "headers": _HEADERS, "content": _json(changes_schema())}, ("403",)
            ),
        }
    }


def _token() -> Part:
    return {
        "post": {
            "operationId": "token",
            "summary": "A client's access token (OAuth 2.0, client credentials)",
            "security": [],
            "requestBody": {
                "required": True,
                "content": {"application/x-www-form-urlencoded": {"schema": TOKEN_ASKED}},
            },
            "responses": {
                "200": {"description": "The token.", "content": _json(TOKEN)},
                "400": {"description": "The request is not as RFC 6749 wants it.", "content": _json(TOKEN_REFUSED)},
                "401": {"description": "Unknown or suspended client.", "content": _json(TOKEN_REFUSED)},
                "429": {"$ref": "#/components/responses/problem_429"},
            },
        }
    }


def _header(description: str) -> Part:
    return {"description": description, "schema": {"type": "string"}}


_HEADERS: Part = {
    "ETag": _header("A hash of the body; send it back in If-None-Match."),
    "Link": _header("Licence and terms; the next page where the body has no place for it."),
    "RateLimit-Policy": _header("What may be asked for, and in how many seconds it comes back."),
    "RateLimit": _header("How much of it is left: to clients always, to others once it is little."),
}


def _responses(found: Part, more: Sequence[str] = ()) -> Part:
    refused = ("400", "401", "406", "429", "503", *(code for code in more if code != "301"))
    answers: Part = {"200": found, "304": {"description": "Nothing changed since the ETag you sent."}}
    if "301" in more:
        answers["301"] = {"description": "Merged with another record.", "headers": {"Location": _header("It.")}}
    return answers | {code: {"$ref": f"#/components/responses/problem_{code}"} for code in sorted(refused)}


def _problem_responses() -> Part:
    titles: dict[str, list[str]] = {}
    for code, (status, title) in PROBLEMS.items():
        titles.setdefault(str(status), []).append(f"{title} (`{code}`)")
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    wait = {"Retry-After": _header("After how many seconds to ask again.")}
    return {
        f"problem_{status}": {
            "description": "; ".join(words) + ".",
            "content": content,
            **({"headers": wait} if status in ("429", "503") else {}),
        }
        for status, words in titles.items()
    }


def _security(site: Site, scopes: Mapping[str, str]) -> Part:
    flow = {"tokenUrl": f"{site.base_url}/oauth/token", "scopes": dict(scopes)}
    return {"type": "oauth2", "flows": {"clientCredentials": flow}}
