"""Atom (RFC 4287): kinds of events, each record one entry, for feed readers."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

import orjson

from datacoop.feeds.formatting import Context, Item, caption, in_language
from datacoop.kinds.definition import Kind

NAME = "atom"
MEDIA_TYPES = ("application/atom+xml",)
EXTENSION = "atom"
SEPARATOR = b""
EACH_ONCE = True
REPEATS = {"fr": "se répète", "de": "wiederholt sich", "it": "si ripete", "en": "repeats"}

# XML 1.0 section 2.2: characters no document may hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = "1970-01-01T00:00:00Z"


def applies(kind: Kind) -> bool:
    """Kinds that are events with a start."""
    return kind.schema_org.endswith("Event") and "start" in kind.slots


def opening(context: Context) -> bytes:
    """The feed's head. A stream does not know its entries yet: there `updated` is said by each of them alone."""
    kind = context.kind
    address = context.url or f"{context.base_url}/api/v1/{kind.plural}.atom"
    links = _link("self", address) + _link("license", context.licence)
    if context.next_url:
        links += _link("next", context.next_url)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{_text(address)}</id><title>{_text(kind.plural_labels.get(context.language, kind.plural))}"
        f"</title><updated>{_moment(context.modified)}</updated><author><name>{_text(_publisher(context))}</name></author>"
        f"<rights>{_text(context.terms)}</rights>{links}\n"
    ).encode()


def piece(body: bytes, context: Context) -> bytes:
    """One entry."""
    return _entry(orjson.loads(body), context).encode()


def closing(_context: Context) -> bytes:
    """The feed's end."""
    return b"</feed>\n"


def render_one(body: bytes, context: Context) -> bytes:
    """A feed of one entry."""
    item: Item = orjson.loads(body)
    context = replace(context, modified=item.get("modified"))
    return opening(context) + piece(body, context) + closing(context)


def _entry(item: Item, context: Context) -> str:
    address = context.address_of(context.kind.plural, item["id"])
    start = item.get(context.kind.slots["start"].name, "")
    parts = (str(start), _repeats(item, context), _summary(item, context))
    summary = " – ".join(part for part in parts if part)
    return (
        f"<entry><id>{_text(_identity(item['id'], address))}</id>"
        f"<title>{_text(caption(item, context) or item['kind'])}</title>"
        f"<updated>{_moment(item.get('modified'))}</updated>{_link('alternate', context.page_of(item))}"
        f"<summary>{_text(summary)}</summary></entry>\n"
    )


def _repeats(item: Item, context: Context) -> str:
    """A word for what takes place more than once."""
    has_dates = any(each.type == "recurrence" and each.name in item for each in context.kind.properties)
    return REPEATS.get(context.language, REPEATS["fr"]) if has_dates else ""


def _summary(item: Item, context: Context) -> str:
    texts = [each for each in context.kind.properties if each.search == "text" and each.name in item]
    return str(in_language(item[texts[0].name], context.language)) if texts else ""


def _identity(id_text: str, address: str) -> str:
    try:
        return f"urn:uuid:{UUID(id_text)}"
    except ValueError:
        return address


def _moment(modified: object) -> str:
    if not isinstance(modified, int):
        return _EPOCH
    return datetime.fromtimestamp(modified, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _publisher(context: Context) -> str:
    return context.base_url.partition("://")[2] or context.base_url


def _link(relation: str, address: str) -> str:
    return f"<link rel={quoteattr(relation)} href={quoteattr(_FORBIDDEN.sub('', address))}/>"


def _text(words: str) -> str:
    return escape(_FORBIDDEN.sub("", words))
