"""JSON Schema 2020-12 of the items and values the API answers, and the same rules as a check of one value.

Derived from the definitions alone; must not know which values exist or who may see them.
"""

from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.labels import label
from datacoop.kinds.values import Schema, fault, type_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DISPUTED: Schema = {
    "type": "array",
    "title": "Properties of which neither truth nor error can be shown",
    "items": {"type": "string"},
    "minItems": 1,
}
SOURCES: Schema = {
    "type": "array",
    "title": "Sources",
    "items": {
        "type": "object",
        "properties": {
            "holder": {"type": "string"},
            "confirmed": {"type": "boolean"},
            "page": {"type": "string", "format": "uri"},
            "origin": {
                "type": "string",
                "format": "uri",
                "title": "The cooperative that told it, where it is not this one: who takes from feeds takes it there",
            },
        },
        "required": ["holder", "confirmed"],
        "additionalProperties": False,
    },
}
OCCURRENCE: Schema = {
    "type": "object",
    "title": "The date that an item of a list by start stands for, where its record has several",
    "properties": {
        "start": type_schema("moment"),
        "end": type_schema("moment"),
        "recurrence_id": {"type": "string", "title": "The date that the rule gives (RFC 5545, RECURRENCE-ID)"},
        "status": {"type": "string"},
        "title": {"type": "string"},
        "place": {"type": "string"},
    },
    "required": ["start", "recurrence_id"],
    "additionalProperties": False,
}


def item_schema(kind: Kind) -> Schema:
    """Return the schema of one item of a kind as the API answers it.

    Only `id` and `kind` are required: what is not disclosed, or not asked for, is an absent key.
    """
    properties: Schema = {
        "id": {"type": "string", "title": "Identifier", "minLength": 1},
        "kind": {"const": kind.name},
    }
    properties.update({each.name: value_schema(each) for each in kind.properties})
    if "recurrence" in kind.slots:
        properties["occurrence"] = OCCURRENCE
    properties["disputed"] = DISPUTED
    properties["sources"] = SOURCES
    properties["modified"] = {"type": "integer", "title": "When this audience's view changed"}
    return {
        "$schema": DIALECT,
        "title": label(kind, "en"),
        "type": "object",
        "properties": properties,
        "required": ["id", "kind"],
        "additionalProperties": False,
    }


def value_schema(prop: Property) -> Schema:
    """Return the schema of a property's value in an item: a list where it has many."""
    one = type_schema(prop.type, tuple(prop.values))
    named: Schema = {"title": label(prop, "en")}
    if prop.many:
        return {**named, "type": "array", "items": one, "minItems": 1}
    return {**named, **one}


def check_value(prop: Property, value: object) -> str | None:
    """Say in one sentence what is wrong with a property's value in an item; None if it is right."""
    if not prop.many:
        return check_one(prop, value)
    if not isinstance(value, list) or not value:
        return f"{prop.name} has many values: give a list with at least one."
    return next((wrong for one in value if (wrong := check_one(prop, one))), None)


def check_one(prop: Property, value: object) -> str | None:
    """Say in one sentence what is wrong with a single value of a property, even of many; None if right."""
    return fault(prop.type, value, prop.values)
