"""A form for any kind, derived from its definition: one field per property, or per part of one.

Paths are those of the API's items (`name`, `addresses.street`), so what is typed is read like a row of a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datacoop.directory import themes
from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.labels import label, value_label
from datacoop.kinds.parts import part_labels

_PARTS: Mapping[str, tuple[str, ...]] = {
    "address": ("street", "extra", "postal_code", "city"),
    "commune": ("name",),
    "point": ("lat", "lon"),
    "identifier": ("value",),
    "text": ("fr", "de", "it", "en"),
}
_INPUTS: Mapping[str, str] = {
    "email": "email", "phone": "tel", "url": "url", "date": "date", "integer": "number",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field: `control` is input, lines (one value per line), area, choice or choices (any number of them)."""

    path: str
    label: str
    control: str
    input: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    group: str = ""
    """The property whose part it is; parts of one stand together."""


def fields_of(kind: Kind, language: str, body: Mapping[str, object]) -> list[Field]:
    """Return the fields of a kind, filled from an item."""
    fields: list[Field] = []
    for prop in kind.properties:
        parts = _PARTS.get(prop.type)
        if parts is None:
            fields.append(_whole(kind, prop, language, body.get(prop.name)))
            continue
        first = _first(body.get(prop.name))
        for part in parts:
            fields.append(_part(prop, part, language, first))
    return fields


def typed(kind: Kind, form: Mapping[str, Sequence[str]]) -> dict[str, str | list[str]]:
    """Return what was typed, by path; fields of several values as lists of lines, or of what was ticked."""
    cells: dict[str, str | list[str]] = {}
    for field in fields_of(kind, "fr", {}):
        text = "\n".join(form.get(field.path, ())).strip()[:20_000]
        many = field.control in ("lines", "choices")
        cells[field.path] = [line.strip() for line in text.splitlines() if line.strip()] if many else text
    return cells


def _whole(kind: Kind, prop: Property, language: str, value: object) -> Field:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if prop.type == "theme":
        values = list(dict.fromkeys(themes.known_as(str(each)) for each in values))
    options = _options(prop, language)
    control = ("choices" if options else "lines") if prop.many else "choice" if options else "input"
    known = {code for code, _ in options}
    unknown = [(str(each), str(each)) for each in values if options and _text(each) not in known]
    return Field(
        path=prop.name,
        label=label(prop, language),
        control=control,
        input=_INPUTS.get(prop.type, "text"),
        value="\n".join(_text(each) for each in values),
        options=(*options, *unknown),
        required=kind.slots.get("name") is prop,
    )


def _part(prop: Property, part: str, language: str, first: object) -> Field:
    inner = (
        first.get(part, "") if isinstance(first, Mapping) else (first if part == "fr" and prop.type == "text" else "")
    )
    name = part.upper() if prop.type == "text" else part_labels(prop.type, part)[language]
    return Field(
        path=f"{prop.name}.{part}",
        label=name,
        group=label(prop, language),
        control="area" if prop.type == "text" else "input",
        input="text",
        value="" if inner is None else str(inner),
    )


def _options(prop: Property, language: str) -> Sequence[tuple[str, str]]:
    if prop.type == "theme":
        return [(path, themes.label(path, language)) for path in themes.all_themes()]
    if prop.type == "boolean":
        return [("true", "✓"), ("false", "✗")]
    return [(code, value_label(prop, code, language)) for code in prop.values]


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
