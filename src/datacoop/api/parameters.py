"""The parameters of each route, as one table: requests are checked against it and OpenAPI is written from it.

The same for everybody: what is valid depends on the kind's definition alone, never on who asks nor on the data.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from datacoop.api import values
from datacoop.api.problems import Problem
from datacoop.feeds.formatting import ALWAYS, COMPANIONS, LANGUAGES
from datacoop.kinds.definition import Kind, Property

LIMIT, MOST = 20, 200
CHANGES_LIMIT, MOST_CHANGES = 500, 1000
ZOOM, CLOSEST = 8, 18
RADIUS_KM = 10.0
MOST_VALUES = 100
MOST_PARTS = 200

Schema = Mapping[str, object]
Values = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One parameter: how it is read, what it looks like, what it does."""

    name: str
    parse: Callable[[str], Any]
    schema: Schema
    description: str
    repeatable: bool = False
    """Given several times it means any of them, and its value is a tuple."""
    example: object = None


Table = Mapping[str, Parameter]


def list_parameters(kind: Kind) -> Table:
    """Everything a list of a kind understands."""
    return _table((*_filters(kind), *_paging(kind), *_shape(kind)))


def cluster_parameters(kind: Kind) -> Table:
    """What the map understands: everything a list does, and the zoom."""
    zoom = Parameter(
        "zoom",
        values.whole(0, CLOSEST),
        {"type": "integer", "minimum": 0, "maximum": CLOSEST, "default": ZOOM},
        "Zoom level of the map.",
    )
    return _table((*list_parameters(kind).values(), zoom))


def one_parameters(kind: Kind) -> Table:
    """What a single record understands."""
    return _table(_shape(kind))


def export_parameters(kind: Kind) -> Table:
    """What an export understands."""
    after = Parameter("after", values.opaque, {"type": "string"}, "Go on after the record of this id.")
    return _table((after, *_shape(kind)))


def changes_parameters() -> Table:
    """What the change feed understands."""
    return _table(
        (
            Parameter("after", values.opaque, {"type": "string"}, "Where to go on: part of `next`, never made up."),
            Parameter(
                "limit",
                values.whole(1, MOST_CHANGES),
                {"type": "integer", "minimum": 1, "maximum": MOST_CHANGES, "default": CHANGES_LIMIT},
                "Changes in one answer.",
            ),
        )
    )


def contribution_parameters(kinds: Mapping[str, Kind]) -> Table:
    """What a list that is sent is sent with."""
    return _table(
        (
            _chosen("kind", tuple(kinds), "organisation", "What a row is."),
            Parameter(
                "source",
                values.name,
                {"type": "string", "minLength": 1, "maxLength": values.LONGEST_NAME},
                "Which of your lists; by default your only one of the kind.",
            ),
            _chosen(
                "mode",
                ("patch", "snapshot"),
                "patch",
                "patch: new and changed rows, the others stay. snapshot: the whole list, what is missing is gone.",
            ),
            Parameter(
                "dry_run",
                values.flag,
                {"type": "boolean", "default": False},
                "true: only say what would come of it.",
            ),
        )
    )


def _chosen(name: str, choices: tuple[str, ...], default: str, description: str) -> Parameter:
    schema: Schema = {"type": "string", "enum": list(choices), "default": default}
    return Parameter(name, values.one_of(choices), schema, description)


def _table(parameters: Iterable[Parameter]) -> Table:
    return {each.name: each for each in parameters}


_COUNT: Schema = {"type": "integer", "minimum": 1}
_SIZE = Parameter("size", values.counted, _COUNT, "Entries under the checkpoint; without it the newest one.")
_OVER = Parameter("size", values.counted, _COUNT, "Entries under the checkpoint; without it the first over the entry.")
_FIRST = Parameter("first", values.counted, _COUNT, "Entries under the checkpoint that you kept.", example=1)
_SECOND = Parameter("second", values.counted, _COUNT, "Entries under a later one; without it the newest.")
_ENTRY = Parameter("entry", values.counted, _COUNT, "The number of an entry.", example=1)
_HASH = Parameter(
    "hash", values.sha256, {"type": "string", "pattern": "^[0-9a-f]{64}$"}, "Its hash, which you know already."
)
#: What the addresses of the ledger understand.
CHECKPOINTS: Table = _table((_SIZE,))
CONSISTENCY: Table = _table((_FIRST, _SECOND))
INCLUSION: Table = _table((_ENTRY, _HASH, _OVER))


def _filters(kind: Kind) -> tuple[Parameter, ...]:
    string: Schema = {"type": "string"}
    return (
        Parameter("q", values.text, string, "Words; accents and case are forgiven.", example="choeur"),
        *(_facet(each) for each in filterable(kind)),
        Parameter("territory", values.facet, string, "A canton (`vd`) or a named territory: its communes.", True, "vd"),
        Parameter("bbox", values.box, string, "west,south,east,north in degrees.", example="6.5,46.4,6.8,46.6"),
        Parameter("near", values.near, string, "latitude,longitude in degrees.", example="46.52,6.63"),
        Parameter(
            "radius_km",
            values.radius,
            {"type": "number", "exclusiveMinimum": 0, "maximum": values.FARTHEST_KM, "default": RADIUS_KM},
            "How far from `near`.",
        ),
        Parameter("from", values.since, string, "Starts at or after: a day or an instant.", example="2026-11-23"),
        Parameter("until", values.until, string, "Starts before; a day counts as a whole.", example="2026-11-30"),
    )


def filterable(kind: Kind) -> tuple[Property, ...]:
    """Facets of the kind's file, and references: "the activities of this organisation"."""
    facets = kind.facets()
    return (*facets, *(each for each in kind.properties if each.type == "reference" and each not in facets))


def _facet(each: Property) -> Parameter:
    label = each.labels.get("en", each.name)
    schema: dict[str, object] = {"type": "string"}
    description = f"{label}. Several: any of them. A value nobody has finds nothing."
    if each.values:
        schema["examples"] = list(each.values)
    if each.type == "commune":
        description = f"{label}: BFS number or name. Several: any of them."
    if each.type == "theme":
        description = f"{label}: a path; those below it are included. Several: any of them."
    return Parameter(each.name, values.facet, schema, description, True)


def _paging(kind: Kind) -> tuple[Parameter, ...]:
    sorts = sorts_of(kind)
    return (
        Parameter(
            "sort",
            values.one_of(sorts),
            {"type": "string", "enum": list(sorts)},
            "By name unless said otherwise, by relevance with `q`; then by id. `distance` needs `near`.",
        ),
        Parameter(
            "limit",
            values.whole(1, MOST),
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
            "Records in one answer.",
        ),
        Parameter("cursor", values.opaque, {"type": "string"}, "Part of `next`: of the same question and reader only."),
        Parameter(
            "count",
            values.flag,
            {"type": "boolean", "default": True},
            "false: neither `count` nor `count_relation`.",
        ),
    )


def sorts_of(kind: Kind) -> tuple[str, ...]:
    """The orders a list of a kind has."""
    starts = ("start", "-start") if "start" in kind.slots else ()
    distance = ("distance",) if "point" in kind.slots else ()
    return ("name", "-name", *starts, *distance)


def _shape(kind: Kind) -> tuple[Parameter, ...]:
    known = (*ALWAYS, *(each.name for each in kind.properties), *COMPANIONS)
    return (
        Parameter(
            "fields",
            values.names(dict.fromkeys(known)),
            {"type": "string"},
            "Only these properties, separated by commas; id and kind are always there.",
        ),
        Parameter(
            "lang",
            values.one_of(LANGUAGES),
            {"type": "string", "enum": list(LANGUAGES)},
            "Texts in this language, else in the first there is.",
        ),
    )


def parse(query: str, table: Table) -> Values:
    """Read a query string. Raises: Problem, the same for everybody.

    Repeatable parameters become tuples in the order given; any other may stand once only.
    """
    found: Values = {}
    if not query:
        return found
    parts = query.split("&")
    if len(parts) > MOST_PARTS:
        raise Problem("invalid-parameter", f"{MOST_PARTS} parameters at most.")
    for part in parts:
        if part:
            _read(part, table, found)
    return found


def _read(part: str, table: Table, found: Values) -> None:
    name, _, raw = part.partition("=")
    parameter = table.get(name)
    if parameter is None:
        name = _unquoted(name, "")
        parameter = table.get(name)
        if parameter is None:
            raise Problem("unknown-parameter", parameter=name[:100])
    if "%" in raw or "+" in raw or not raw.isascii() or not raw.isprintable():
        raw = _unquoted(raw, name)
    try:
        value = parameter.parse(raw)
    except ValueError as error:
        raise Problem("invalid-parameter", str(error), name) from None
    if parameter.repeatable:
        value = (*found.get(name, ()), value)
        if len(value) > MOST_VALUES:
            raise Problem("invalid-parameter", f"{MOST_VALUES} values at most.", name)
    elif name in found:
        raise Problem("invalid-parameter", "It may stand once only.", name)
    found[name] = value


def _unquoted(raw: str, name: str) -> str:
    """Decoded text. Characters no text has (NUL and other controls) are refused: databases differ over them."""
    try:
        decoded = unquote_plus(raw, errors="strict")
        decoded.encode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise Problem("invalid-parameter", "Not UTF-8.", name or None) from None
    if any(char < " " or char == "\x7f" for char in decoded):
        raise Problem("invalid-parameter", "Control characters are no text.", name or None)
    return decoded
