"""What every output format is, and the one pass that turns ready bodies into a list, one answer or a stream.

Most formats give an opening, one piece per item and a closing; one that needs its items together writes a document of
its own. None may read anything but the bodies it gets.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

import orjson

from datacoop.directory.slugs import page_path
from datacoop.kinds.definition import Kind, Property

Item = dict[str, Any]

_MODIFIED = re.compile(rb'"modified":(\d+)\}$')

LANGUAGES = ("fr", "de", "it", "en")
ALWAYS = ("id", "kind")
"""Keys every item keeps, whatever `fields=` asks."""
COMPANIONS = ("sources", "modified")
"""Keys of an item that are no property of its kind."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a format may know besides the bodies: nothing of it depends on undisclosed values."""

    kind: Kind
    base_url: str
    licence: str
    """Address of the licence, for a client of its terms; empty for somebody's own data, which none binds."""
    terms: str
    open_only: bool = False
    """Anonymous lists and exports: properties that are not open have no column."""
    has_pages: bool = False
    """What is written is public, and public records have pages for people."""
    language: str = "fr"
    """For formats that can only show one language."""
    lang: str | None = None
    """The language asked for with `lang=`: texts are given in it alone."""
    fields: frozenset[str] | None = None
    url: str = ""
    next_url: str | None = None
    count: int | None = None
    relation: str | None = None
    owned: str = ""
    """That what is written is the reader's own, in words; empty for everybody else."""
    modified: int | None = None
    """When any of the items last changed, where they are known before the first is written."""

    @property
    def is_whole(self) -> bool:
        """Whether bodies go out as they are."""
        return self.lang is None and self.fields is None

    def address_of(self, kind: str, id_text: str) -> str:
        """The address of one record, by the plural of its kind."""
        return f"{self.base_url}/api/v1/{kind}/{id_text}"

    def page_of(self, item: Item) -> str:
        """The address to give people for an item: its page, else its address in the API."""
        path = page_path(self.kind.name, caption(item, self), item["id"]) if self.has_pages else None
        return f"{self.base_url}{path}" if path else self.address_of(self.kind.plural, item["id"])


class Format(Protocol):
    """A module of `feeds.formats`: three constants, what it applies to, and how it writes one record.

    How it writes many is one of two things: `InPieces`, or `AsWhole`.
    """

    NAME: str
    MEDIA_TYPES: tuple[str, ...]
    """The first is what we send; the others are understood in `Accept`."""
    EXTENSION: str

    def applies(self, kind: Kind) -> bool:
        """Whether records of a kind can be written so."""
        ...

    def render_one(self, body: bytes, context: Context) -> bytes: ...


class InPieces(Format, Protocol):
    """A format whose records stand one after the other, each by itself."""

    SEPARATOR: bytes

    def opening(self, context: Context) -> bytes: ...
    def piece(self, body: bytes, context: Context) -> bytes: ...
    def closing(self, context: Context) -> bytes: ...


class Writing(Protocol):
    """One document under way: `part` for some records at a time, `end` once."""

    def part(self, bodies: Sequence[bytes]) -> bytes:
        """Return what may leave now; nothing, where the format gathers records first."""
        ...

    def end(self) -> bytes:
        """Return all that is left."""
        ...


class AsWhole(Format, Protocol):
    """A format that knows of its records together, by column for instance."""

    def begin(self, context: Context) -> Writing: ...


def begin(layout: Format, context: Context) -> Writing:
    """A document of a format, of which nothing is written yet."""
    if hasattr(layout, "begin"):
        return cast(AsWhole, layout).begin(context)
    return _Pieces(cast(InPieces, layout), context)


class _Pieces:
    """A document in pieces: its opening goes with the first of them, a separator before each other."""

    def __init__(self, layout: InPieces, context: Context) -> None:
        self._layout, self._context = layout, context
        self._before: bytes | None = None
        self._is_plain = context.is_whole and getattr(layout, "PLAIN", False)

    def part(self, bodies: Sequence[bytes]) -> bytes:
        if not bodies:
            return b""
        before = self._layout.opening(self._context) if self._before is None else self._before
        self._before = self._layout.SEPARATOR
        pieces = bodies if self._is_plain else [self._layout.piece(body, self._context) for body in bodies]
        return before + self._layout.SEPARATOR.join(pieces)

    def end(self) -> bytes:
        before = self._layout.opening(self._context) if self._before is None else b""
        return before + self._layout.closing(self._context)


def render_list(layout: Format, bodies: Sequence[bytes], context: Context) -> bytes:
    """One whole answer from ready bodies. Where all dates of a record stand in one (`EACH_ONCE`), each has one."""
    if getattr(layout, "EACH_ONCE", False):
        bodies = _each_once(bodies)
    writing = begin(layout, replace(context, modified=_latest(bodies)))
    return writing.part(bodies) + writing.end()


def stream(layout: Format, batches: Iterator[Sequence[bytes]], context: Context) -> Iterator[bytes]:
    """The same bytes as `render_list` gives for all batches together, as they come."""
    writing = begin(layout, context)
    for bodies in batches:
        yield writing.part(bodies)
    yield writing.end()


def _each_once(bodies: Sequence[bytes]) -> list[bytes]:
    """Leave out all dates of a record but the first."""
    seen: set[str] = set()
    kept = []
    for body in bodies:
        id_text = str(orjson.loads(body)["id"]) if b'"occurrence":' in body else ""
        if not id_text or id_text not in seen:
            kept.append(body)
        seen.add(id_text)
    return kept


def _latest(bodies: Sequence[bytes]) -> int | None:
    """When the last of some items changed; `modified` ends every body."""
    return max((int(found[1]) for body in bodies if (found := _MODIFIED.search(body))), default=None)


def narrowed(body: bytes, context: Context, *, by_date: bool = False) -> Item:
    """The parsed item with only the fields and the language asked for; `by_date`: as on the date it stands for."""
    item: Item = orjson.loads(body)
    if by_date:
        item = on_its_date(item, context.kind)
    if context.fields is not None:
        wanted = context.fields
        item = {name: value for name, value in item.items() if name in wanted or name in (*ALWAYS, "occurrence")}
    if context.lang is not None:
        for each in context.kind.properties:
            if each.type == "text" and each.name in item:
                item[each.name] = in_language(item[each.name], context.lang)
    return item


def on_its_date(item: Item, kind: Kind) -> Item:
    """The item with what holds on the date it stands for, in place of what its record says of all dates."""
    said = item.get("occurrence")
    if said is None:
        return item
    named = {"start": "start", "end": "end", "title": "name"}
    told = {kind.slots[named[key]].name if key in named else key: value for key, value in said.items()}
    return {name: value for name, value in {**item, **told}.items() if name not in {"occurrence", "recurrence_id"}}


def in_language(value: Any, language: str) -> Any:
    """A text in one language: that one, else the first there is in our order, else any."""
    if isinstance(value, list):
        return [in_language(each, language) for each in value]
    if not isinstance(value, Mapping):
        return value
    for each in (language, *LANGUAGES):
        if each in value:
            return value[each]
    return next(iter(value.values()), None)


def caption(item: Item, context: Context) -> str:
    """What to call an item where a format needs a title; empty if its name is not disclosed."""
    name = context.kind.slots.get("name")
    found = item.get(name.name) if name else None
    return str(in_language(found, context.language)) if found else ""


def by_term(context: Context, vocabulary: str) -> Mapping[str, list[Property]]:
    """The properties of a kind by their term in a foreign vocabulary."""
    found: dict[str, list[Property]] = {}
    for each in context.kind.properties:
        if vocabulary in each.terms:
            found.setdefault(each.terms[vocabulary], []).append(each)
    return found
