"""JSON-LD in schema.org's words, each property under its `schema.org` term of the YAML, and in ours what they lose.

Nothing is lost: our own import gives back what was written (`docs/formats.md`).
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import orjson

from datacoop.feeds.formatting import Context, Item, narrowed
from datacoop.feeds.repeating import last_day, timing_of
from datacoop.feeds.schedules import schedule
from datacoop.kinds.definition import Kind, Property, all_kinds
from datacoop.kinds.described import (
    INSIDE,
    JSON,
    KIND,
    LAST,
    OF_TYPE,
    PREFIX,
    SCHEDULE,
    STATUS,
    STATUSES,
    TYPES,
    VOCABULARY,
    WORDS,
    own_word,
    places_of,
    terms_of,
)
from datacoop.lib.dates import DAY_LENGTH

NAME = "jsonld"
MEDIA_TYPES = ("application/ld+json",)
EXTENSION = "jsonld"
SEPARATOR = b","


def applies(_kind: Kind) -> bool:
    """Every kind."""
    return True


def opening(context: Context) -> bytes:
    """A DataFeed, the sort of Dataset whose elements are things of any type."""
    bound = {"license": context.licence, "usageInfo": context.terms, "conditionsOfAccess": context.owned}
    feed = {"@context": _words(context), "@type": "DataFeed", **{name: said for name, said in bound.items() if said}}
    return orjson.dumps(feed)[:-1] + b',"dataFeedElement":['


def piece(body: bytes, context: Context) -> bytes:
    """One thing, without a context of its own."""
    return orjson.dumps(_whole(narrowed(body, context, by_date=True), context))


def closing(_context: Context) -> bytes:
    """The end of the feed."""
    return b"]}"


def render_one(body: bytes, context: Context) -> bytes:
    """One thing with its context, and whose terms it comes under."""
    described = _whole(narrowed(body, context, by_date=True), context)
    described["subjectOf"] = {"@type": "Dataset", "license": context.licence, "usageInfo": context.terms}
    return orjson.dumps({"@context": _words(context), **described})


def thing(item: Item, context: Context) -> Item:
    """One item in schema.org's words alone, as the portal puts it into its pages too."""
    kind = context.kind
    found: Item = {"@type": kind.schema_org, "@id": context.address_of(kind.plural, item["id"])}
    for each, term in terms_of(kind).items():
        if each.name in item and each.type != "recurrence":
            _add(found, term, _converted(each, item[each.name], context))
    if "start" in kind.slots and (timing := timing_of(item, kind)) is not None and (said := schedule(timing)):
        found[SCHEDULE] = said
    return found


def _words(context: Context) -> list[Any]:
    """The words used: schema.org's, and those of this installation, whose kinds its API describes."""
    return [VOCABULARY, {PREFIX: f"{context.base_url}/api/#"}]


def _whole(item: Item, context: Context) -> Item:
    """One item, with what schema.org's words cannot tell in our own."""
    found = thing(item, context)
    found[KIND] = context.kind.name
    for each in _untold(context.kind):
        if each.name in item:
            found[own_word(each.name)] = _converted(each, item[each.name], context, coded=False)
    point = context.kind.slots.get("point")
    if point is not None and point.name in item:
        found[own_word(f"{point.name}.precision")] = item[point.name]["precision"]
    return found


@cache
def _untold(kind: Kind) -> tuple[Property, ...]:
    return tuple(each for each, place in places_of(kind).items() if place == own_word(each.name))


def _add(found: Item, term: str, value: Any) -> None:
    """Put a value under its term; a second one under the same term makes a list.

    `location.geo` is a part of the location; `VirtualLocation.url`, a type first, is a location of that type.
    """
    head, _, part = term.partition(".")
    type_name = INSIDE.get(head)
    if head in OF_TYPE:
        type_name, head = head, OF_TYPE[head]
    if part:
        inner = next((each for each in _listed(found.get(head, [])) if _may_hold(each, type_name)), None)
        if inner is None:
            inner = {"@type": type_name} if type_name else {}
            found[head] = [*_listed(found[head]), inner] if head in found else inner
        inner[part] = value
    elif head in found:
        found[head] = [*_listed(found[head]), *_listed(value)]
    else:
        found[head] = value


def _may_hold(inner: Any, type_name: str | None) -> bool:
    return isinstance(inner, dict) and inner.get("@type", type_name) == type_name


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _converted(each: Property, value: Any, context: Context, *, coded: bool = True) -> Any:
    """A value as JSON-LD has it; unless `coded`, a code stays ours where schema.org names its own."""
    if each.type == "text" and isinstance(value, Mapping):
        return [{"@value": words, "@language": language} for language, words in value.items()]
    convert = _CONVERTED.get(each.type) if coded or each.type != "code" else None
    if convert is None:
        return value
    if isinstance(value, list):
        return [convert(each, one, context) for one in value]
    return convert(each, value, context)


def _parts(each: Property, value: Mapping[str, Any], _context: Context) -> Any:
    said = {word: value[part] for part, word in WORDS[each.type].items() if part in value}
    return {"@type": TYPES[each.type], **said}


def _commune(each: Property, value: Mapping[str, Any], context: Context) -> Any:
    area = _parts(each, value, context)
    return {**area, "identifier": str(value["bfs"])} if "bfs" in value else area


def _reference(each: Property, value: str, context: Context) -> Any:
    kind = all_kinds().get(each.refers or "")
    return {"@id": context.address_of(kind.plural, value)} if kind else value


def _code(each: Property, value: str, _context: Context) -> Any:
    if each.terms["schema.org"] == STATUS:
        return f"{VOCABULARY}/{STATUSES[value]}" if value in STATUSES else value
    return value


def _moment(each: Property, value: str, _context: Context) -> Any:
    """Of whole days the last one, where we have the day after it."""
    if each.terms.get("schema.org") != LAST or len(value) != DAY_LENGTH:
        return value
    return last_day(value)


def _recurrence(_each: Property, value: Mapping[str, Any], _context: Context) -> Any:
    return {"@type": JSON, "@value": value}


_CONVERTED: Mapping[str, Callable[[Property, Any, Context], Any]] = {
    "address": _parts,
    "point": _parts,
    "commune": _commune,
    "identifier": _parts,
    "reference": _reference,
    "code": _code,
    "moment": _moment,
    "recurrence": _recurrence,
}
