"""The catalogue's addresses in the OpenAPI document. The same whoever asks: they take no token, and tell no record."""

from __future__ import annotations

from typing import Any, Final

from datacoop.feeds.catalogue import FORMS

Part = dict[str, Any]
TAG: Final = "catalog"


def catalogue_paths() -> Part:
    """Return the paths of the catalogue for the OpenAPI document."""
    forms = {ending: _form(media) for ending, media in FORMS.items()}
    every = {media: schema for form in forms.values() for media, schema in form.items()}
    found: Part = {"/catalog": {"get": _operation("catalog", every, ("400", "406", "429"))}}
    for ending, form in forms.items():
        found[f"/catalog.{ending}"] = {"get": _operation(f"catalog_{ending}", form, ("400", "429"))}
    return found


def _form(media: str) -> Part:
    plain = media.partition(";")[0]
    return {plain: {"schema": {"type": "object" if plain.endswith("json") else "string"}}}


def _operation(name: str, content: Part, refused: tuple[str, ...]) -> Part:
    answers: Part = {
        "200": {"description": "Found.", "content": content},
        "304": {"description": "Nothing changed since the ETag you sent."},
    }
    return {
        "operationId": name,
        "tags": [TAG],
        "summary": "What may be had here, and in which form (DCAT-AP CH)",
        "security": [],
        "parameters": [],
        "responses": answers | {code: {"$ref": f"#/components/responses/problem_{code}"} for code in refused},
    }
