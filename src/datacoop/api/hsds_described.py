"""The addresses of HSDS in the OpenAPI document, and the one table that requests are checked against.

What an organisation or a service looks like is HSDS's own to say: its published schemas are pointed to, not copied.
"""

from __future__ import annotations

from typing import Any, Final

from datacoop.api import values
from datacoop.api.parameters import LIMIT, MOST, Parameter, Table
from datacoop.disclosure.search.questions import COUNT_CAP
from datacoop.feeds import hsds

Part = dict[str, Any]
TAG: Final = "hsds"
_STRING: Final = {"type": "string"}
_PAGED: Final = (
    Parameter("page", values.whole(1, COUNT_CAP), {"type": "integer", "minimum": 1, "default": 1}, "Which page."),
    Parameter(
        "per_page",
        values.whole(1, MOST),
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
        "Records on a page.",
    ),
)
_SEARCH = Parameter("search", values.text, _STRING, "Words; accents and case are forgiven.")
_OF = Parameter("organization_id", values.facet, _STRING, "The services of this organisation.")
_TERM = Parameter("taxonomy_term_id", values.facet, _STRING, "Of this theme and those below it, by the id of its term.")
_TAXONOMY = Parameter("taxonomy_id", values.facet, _STRING, "The terms of this taxonomy; there is one.")
_PARENT = Parameter("parent_id", values.facet, _STRING, "The terms directly under this one.")
_TOP = Parameter("top_only", values.flag, {"type": "boolean", "default": False}, "true: only terms without a parent.")
#: What each list understands.
TABLES: Final[dict[str, Table]] = {
    name: {each.name: each for each in (*_PAGED, *more)}
    for name, more in {
        "organizations": (_SEARCH, _TERM),
        "services": (_SEARCH, _OF, _TERM),
        "taxonomies": (),
        "taxonomy_terms": (_TAXONOMY, _PARENT, _TOP),
    }.items()
}
_SAID: Final = {
    "organizations": "organisations",
    "services": "activities as services",
    "taxonomies": "the one taxonomy, our themes",
    "taxonomy_terms": "themes as terms",
}
_DOCS: Final = {"description": "The fields of HSDS 3.0", "url": f"{hsds.PROFILE}hsds/schema_reference.html"}
_ROOT: Final[Part] = {
    "type": "object",
    "required": ["version", "profile", "openapi_url"],
    "properties": {name: {"type": "string"} for name in ("version", "profile", "openapi_url")},
}
_COUNTS: Final = ("total_items", "total_pages", "page_number", "size")
_MARKS: Final = ("first_page", "last_page", "empty")


def hsds_paths() -> Part:
    """Return the paths of HSDS: its root, each list, and one record of each."""
    found: Part = {"/hsds/": {"get": _operation("root", "What this is", [], _ROOT, _REFUSED)}}
    for name, table in TABLES.items():
        said, asked = _SAID[name], [_parameter(each) for each in table.values()]
        found[f"/hsds/{name}"] = {"get": _operation(name, f"HSDS: {said}, by page", asked, _page(), _REFUSED)}
        one = _operation(f"{name}_one", f"HSDS: one of {said}", [_ID], _RECORD, (*_REFUSED, "404", *_gone(name)))
        found[f"/hsds/{name}/{{id}}"] = {"get": one}
    return found


_REFUSED: Final = ("400", "401", "429", "503")
_ID: Final[Part] = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "An id, as a list tells it.",
    "schema": {"type": "string", "format": "uuid"},
}
_RECORD: Final[Part] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}},
}


def _gone(name: str) -> tuple[str, ...]:
    return ("410",) if name in hsds.LISTS else ()


def _operation(name: str, summary: str, asked: list[Part], schema: Part, refused: tuple[str, ...]) -> Part:
    answers: Part = {
        "200": {"description": "Found.", "content": {"application/json": {"schema": schema}}},
        "304": {"description": "Nothing changed since the ETag you sent."},
    }
    return {
        "operationId": f"hsds_{name}",
        "tags": [TAG],
        "summary": summary,
        "externalDocs": _DOCS,
        "parameters": asked,
        "responses": answers | {code: {"$ref": f"#/components/responses/problem_{code}"} for code in sorted(refused)},
    }


def _parameter(each: Parameter) -> Part:
    return {"name": each.name, "in": "query", "description": each.description, "schema": dict(each.schema)}


def _page() -> Part:
    counts: Part = {name: {"type": "integer"} for name in _COUNTS}
    marks: Part = {name: {"type": "boolean"} for name in _MARKS}
    properties: Part = {**counts, **marks, "contents": {"type": "array", "items": _RECORD}}
    return {"type": "object", "required": list(properties), "properties": properties}
