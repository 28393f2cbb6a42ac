"""Documents as the bytes and index values that are stored. Pure: no database."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from datacoop.disclosure.rules import Document, Policy
from datacoop.disclosure.slots import slots_of
from datacoop.kinds.definition import Kind
from datacoop.lib.geo import cell
from datacoop.lib.text import sort_key, words
from datacoop.records.rules import ID_BITS, ID_MASK

NAME_BYTES = 60
#: What a body says beside values: when it changed, who said it, what is disputed.
BESIDE = frozenset({"modified", "sources", "disputed"})


def key_of(tier: int, record_id: int) -> int:
    """Return the key of a view: audience above, record below."""
    return tier << ID_BITS | record_id


def record_of(key: int) -> int:
    """Return the record of a view's key."""
    return key & ID_MASK


def kind_code(kind: str) -> int:
    """Return the number a kind is indexed under: stable, without a table, so that a new kind is one file."""
    return zlib.crc32(kind.encode()) & 0x7FFFFFFF


class Indexed(NamedTuple):
    """Index values of one view, as stored."""

    themes: tuple[str, ...]
    place: str
    name: bytes
    event: Mapping[str, object] | None
    cell: int | None
    lat: float | None
    lon: float | None
    facets: tuple[tuple[str, str], ...]
    name_words: str
    text_words: str


class Packed(NamedTuple):
    """One view ready to store; bodies still lack `modified` and the closing brace."""

    digest: bytes
    body: bytes
    open_body: bytes | None
    private: str
    aliased: bool
    """A client knows the record itself by an id of its own."""
    indexed: Indexed


def packed(document: Document, kind: Kind, policy: Policy, *, open_lists: bool, public: bool) -> Packed:
    """Return the stored form of a document.

    With `open_lists` (the public audience) it gets a second body for anonymous lists, and only that one is indexed;
    unless the record is `public`, its own id is one that a client sees under a name of its own.
    """
    body = orjson.dumps(document.body)[:-1]
    private = document.private if public else (*document.private, str(document.body["id"]))
    open_body = None
    shown: Document = document
    if open_lists and document.hidden_in_lists:
        opened = {k: v for k, v in document.body.items() if k not in document.hidden_in_lists}
        open_body = orjson.dumps(opened)[:-1]
        shown = Document(opened, frozenset(), document.private)
    joined = ",".join(private)
    digest = hashlib.blake2b(body + b"\0" + joined.encode(), digest_size=16).digest()
    return Packed(digest, body, open_body, joined, not public, _indexed(shown, kind, policy))


def with_modified(body: bytes, modified: int) -> bytes:
    """Return the finished body."""
    return body + b',"modified":%d}' % modified


def _indexed(document: Document, kind: Kind, policy: Policy) -> Indexed:
    slots = slots_of(document, kind, policy)
    lat, lon = slots.point if slots.point else (None, None)
    return Indexed(
        themes=slots.themes,
        place=slots.place,
        name=sort_key(slots.name)[:NAME_BYTES],
        event=slots.event,
        cell=cell(lat, lon) if lat is not None and lon is not None else None,
        lat=lat,
        lon=lon,
        facets=slots.facets,
        name_words=" ".join(words(slots.names)),
        text_words=" ".join(words(slots.texts)),
    )


def instant(text: str) -> int:
    """Return an ISO 8601 date or time as seconds since 1970 (UTC where no offset is given)."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


def lost_properties(before: bytes, after: Mapping[str, object] | None) -> list[str]:
    """Return the properties of a stored body that the new document no longer shows, or shows less of."""
    old = orjson.loads(before)
    new = after or {}
    return [name for name, value in old.items() if name not in BESIDE and _lost(value, new.get(name))]


def _lost(old: object, new: object) -> bool:
    if new is None:
        return True
    if isinstance(old, list) and isinstance(new, list):
        return any(value not in new for value in old)
    return old != new
