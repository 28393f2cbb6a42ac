"""From the parameters of a list page to a question for disclosure, and back to addresses of neighbouring pages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from datacoop.directory import territories, themes
from datacoop.disclosure.cursors import seal, unseal
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.questions import Question
from datacoop.kinds.definition import kind as kind_named
from datacoop.portal.cards import day_of
from datacoop.portal.catalogue import say

PAGE = 20
_HERE = ZoneInfo("Europe/Zurich")
_LONGEST = 200
_MOST_VALUES = 20
_LONGEST_NUMBER = 15
FACETS = {"organisation": ("theme", "commune", "nature"), "activity": ("theme", "commune")}


@dataclass(frozen=True)
class Chosen:
    """One filter in force and the address without it."""

    label: str
    without: str


@dataclass(frozen=True)
class Asked:
    """What a visitor asked of a list page."""

    kind: str
    path: str
    pairs: tuple[tuple[str, str], ...]
    """Parameters that count, in a fixed order, without the cursor."""
    question: Question

    def first(self, name: str) -> str:
        """The first value of a parameter, empty without one."""
        return next((value for each, value in self.pairs if each == name), "")

    def address(self, pairs: Iterable[tuple[str, str]] | None = None) -> str:
        """The address of this page with these parameters."""
        query = urlencode(list(self.pairs if pairs is None else pairs))
        return f"{self.path}?{query}" if query else self.path

    @property
    def query(self) -> str:
        """The parameters, for the address of another page."""
        return urlencode(list(self.pairs))

    @property
    def api_query(self) -> str:
        """The parameters as the API understands them: every spelling of a theme."""
        spelled = ((n, each) for n, value in self.pairs for each in (_meant(n, value) if n == "theme" else (value,)))
        return urlencode(list(spelled))

    def next_address(self, position: tuple[object, ...] | None) -> str | None:
        """The address of the following page, None on the last one."""
        if position is None:
            return None
        cursor = seal(PUBLIC, _digest(self.pairs, self.kind), position)
        return self.address([*self.pairs, ("cursor", cursor)])

    def chosen(self, language: str) -> list[Chosen]:
        """The filters in force, each with the address without it."""
        return [
            Chosen(
                _label(self.kind, name, value, language),
                self.address([each for each in self.pairs if each != (name, value)]),
            )
            for name, value in self.pairs
        ]


def asked(kind: str, path: str, parameters: QueryDict, *, now: datetime) -> Asked:
    """Read the parameters of a list page; what cannot be understood is left out, never an error."""
    pairs = tuple(_pairs(kind, parameters))
    facets = tuple(
        (name, tuple(sorted({meant for each, value in pairs if each == name for meant in _meant(name, value)})))
        for name in FACETS[kind]
        if any(each == name for each, _ in pairs)
    )
    after = unseal(PUBLIC, _digest(pairs, kind), parameters.get("cursor", ""))
    texts = [value for name, value in pairs if name == "q"]
    question = Question(
        kind=kind,
        text=texts[0] if texts else None,
        facets=facets,
        box=next((box for name, value in pairs if name == "bbox" and (box := _box(value))), None),
        since=_since(pairs, now) if kind == "activity" else None,
        sort="start" if kind == "activity" else None,
        limit=PAGE,
        after=after,
    )
    return Asked(kind, path, pairs, question)


def _pairs(kind: str, parameters: QueryDict) -> Iterable[tuple[str, str]]:
    words = parameters.get("q", "").replace("\0", "").strip()[:_LONGEST]
    if words:
        yield "q", words
    for name in FACETS[kind]:
        values = {value.replace("\0", "").strip()[:_LONGEST] for value in parameters.getlist(name)[:_MOST_VALUES]}
        if name == "theme":
            values = {themes.known_as(value) for value in values}
        for value in sorted(values - {""}):
            yield name, value
    if kind == "activity" and day_of(parameters.get("from")):
        yield "from", parameters.get("from", "")
    if kind == "organisation" and _box(parameters.get("bbox", "")):
        yield "bbox", parameters.get("bbox", "")


def is_number(text: str) -> bool:
    """Whether `int` reads it as a number of ours.

    >>> is_number("5586"), is_number("²"), is_number("9" * 50)
    (True, False, False)
    """
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


def _meant(name: str, value: str) -> tuple[str, ...]:
    """What the index calls a value: communes go by federal number, places abroad by name, themes by each spelling."""
    if name == "theme":
        return themes.spellings(value)
    if name != "commune" or is_number(value) or value.startswith("="):
        return (value,)
    found = territories.find_communes(value)
    return (str(found[0].bfs) if found else f"={value}",)


def _since(pairs: tuple[tuple[str, str], ...], now: datetime) -> str:
    day = day_of(next((value for name, value in pairs if name == "from"), None))
    if day is None:
        # to the minute, so that the pages of one walk through the list agree; a running concert still shows
        return (now - timedelta(hours=2)).replace(minute=0, second=0, microsecond=0).isoformat()
    return datetime.combine(day, time(), _HERE).isoformat()


def _box(text: str) -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    fits = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90
    return (west, south, east, north) if fits else None


def _digest(pairs: tuple[tuple[str, str], ...], kind: str) -> bytes:
    return hashlib.blake2b(repr(("portal", kind, pairs)).encode(), digest_size=16).digest()


def _label(kind: str, name: str, value: str, language: str) -> str:
    if name == "from":
        return f"{say(language, 'search.from')} {value}"
    if name == "bbox":
        return say(language, "search.near_area")
    if name == "q":
        return f"«\u202f{value}\u202f»" if language == "fr" else f"“{value}”"
    return label_of(kind, name, value, language)


def label_of(kind: str, name: str, value: str, language: str) -> str:
    """Return what to call a facet's value."""
    if name == "theme":
        return themes.label(value, language)
    if name == "commune":
        commune = territories.all_communes().get(int(value)) if is_number(value) else None
        return commune.name if commune else value.removeprefix("=")
    labels = kind_named(kind).property(name).values.get(value)
    return labels.get(language, value) if labels else value
