"""The form for an activity: what was typed, what it is filled with, and what of it is said. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict

from datacoop.agenda.rules.timing import Timing, When, answers_of
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Moved
from datacoop.portal import gate
from datacoop.portal.cards import listed, text_of
from datacoop.portal.dating import timing_in, zone_in

OWN, ELSEWHERE, ONLINE, NOWHERE = PLACES = ("own", "elsewhere", "online", "nowhere")
_LONGEST = 20_000
_LONGEST_LINE = 300
_MOST_LISTED = 60
_RANGES = 2
_LINES = (
    *("title", "day", "start", "end", "whole_day", "last_day", "repeats", "until", "times", "not_on", "where"),
    *("place", "street", "postal_code", "city", "online_url", "price", "website", "status"),
)
_TEXTS = ("description", "price")
_MANY = ("audience", "accessibility", "language", "theme")
_ADDRESS = ("street", "extra", "postal_code", "city")
#: What is read from an address.
_FOLLOWS = ("commune", "point")


@dataclass(frozen=True)
class OwnPlace:
    """Where the organiser is, as everybody sees it: without a street, perhaps in which town."""

    line: str
    address: Mapping[str, str]
    point: Mapping[str, Any] | None
    town: str = ""


@dataclass(frozen=True)
class Typed:
    """What stands in the form, by field."""

    lines: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: tuple[tuple[str, str], ...] = ()

    def line(self, name: str) -> str:
        """Return the text of a field."""
        return self.lines.get(name, "")

    @property
    def when(self) -> When:
        """What was said of when it takes place."""
        names = ("day", "start", "end", "last_day", "until", "times", "not_on")
        said = {name: self.line(name) for name in names}
        repeats = self.line("repeats") or When.repeats
        return When(**said, whole_day=bool(self.line("whole_day")), repeats=repeats, ranges=self.ranges)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The ranges that were typed, and empty ones to type more."""
        filled = [each for each in self.ranges if any(each)]
        return [*filled, *[("", "")] * max(1, _RANGES - len(filled))]

    @property
    def sent(self) -> list[tuple[str, str]]:
        """The fields as a browser sends them, to be sent again."""
        single = [(name, text) for name, text in self.lines.items() if text]
        several = [(name, text) for name, texts in self.many.items() for text in texts]
        spans = [pair for first, last in self.ranges for pair in (("range_first", first), ("range_last", last))]
        return [*single, *several, *spans]


def typed(form: QueryDict) -> Typed:
    """Return what a browser sent; days ticked on the page of dates are among those on which nothing takes place."""
    lines = {name: form.get(name, "").strip()[:_LONGEST_LINE] for name in _LINES}
    lines["description"] = "\n".join(form.get("description", "").strip()[:_LONGEST].splitlines())
    lines["not_on"] = ", ".join(
        each for each in (form.get("not_on", "").strip()[:_LONGEST], *form.getlist("skip")[:_MOST_LISTED]) if each
    )
    many = {name: tuple(form.getlist(name)[:_MOST_LISTED]) for name in _MANY}
    spans = zip(form.getlist("range_first")[:_MOST_LISTED], form.getlist("range_last")[:_MOST_LISTED], strict=False)
    return Typed(lines, many, tuple(each for each in spans if any(each)))


def own_place(organiser: UUID) -> OwnPlace:
    """Return where an organisation is, empty where not everybody sees that."""

    def look(reading: Reading) -> gate.Item:
        answer = get(reading, PUBLIC, "organisation", str(organiser))
        if isinstance(answer, Moved):
            answer = get(reading, PUBLIC, "organisation", answer.id)
        return gate.items([answer.body])[0] if isinstance(answer, Found) else {}

    item = gate.ask(look)
    address = next(iter(listed(item.get("addresses"))), None)
    parts = {name: str(address[name]) for name in _ADDRESS if address and address.get(name)}
    if "street" not in parts:
        return OwnPlace("", {}, None, parts.get("city") or str((item.get("commune") or {}).get("name", "")))
    town = " ".join(parts[name] for name in ("postal_code", "city") if name in parts)
    lines = [parts[name] for name in ("extra", "street") if name in parts]
    return OwnPlace(", ".join(filter(None, [*lines, town])), parts, item.get("point"))


def blank(own: OwnPlace, language: str) -> Typed:
    """Return the form for something new."""
    where = {"where": OWN} if own.address else {"where": ELSEWHERE, "city": own.town}
    return Typed({**where, "repeats": When.repeats}, {"language": (language,)})


def filled(item: Mapping[str, Any], own: OwnPlace, language: str) -> Typed:
    """Return the form with what an activity is now."""
    timing, zone = timing_in(item), zone_in(item)
    when = answers_of(timing, zone) if timing else When()
    lines = {name: getattr(when, name) for name in ("day", "start", "end", "last_day", "repeats", "until", "times")}
    lines |= {"not_on": when.not_on, "whole_day": "on" if when.whole_day else ""}
    lines |= {name: str(item.get(name) or "") for name in ("title", "place", "online_url", "website", "status")}
    lines |= {name: said.text if (said := text_of(item.get(name), language)) else "" for name in _TEXTS}
    address: Mapping[str, Any] = next(iter(listed(item.get("addresses"))), {})
    parts = {name: str(address[name]) for name in _ADDRESS if address.get(name)}
    where = NOWHERE
    if parts or lines["place"]:
        where = OWN if own.address and parts == own.address and not lines["place"] else ELSEWHERE
    elif lines["online_url"]:
        where = ONLINE
    if where == ELSEWHERE:
        lines |= {name: parts.get(name, "") for name in ("street", "postal_code", "city")}
    many = {name: tuple(map(str, listed(item.get(name)))) for name in _MANY}
    return Typed({**lines, "where": where}, many)


def cells_of(form: Typed, own: OwnPlace, item: Mapping[str, Any], language: str) -> dict[str, str | list[str]]:
    """Return what is read like a row of a list; texts keep the other languages in which they are said already."""
    cells: dict[str, str | list[str]] = {name: form.line(name) for name in ("title", "online_url", "website", "status")}
    for name in _TEXTS:
        cells |= _text_cells(name, form.line(name), item.get(name), language)
    cells |= {name: list(form.many.get(name, ())) for name in _MANY}
    where = form.line("where")
    if where == OWN:
        cells |= {f"addresses.{part}": text for part, text in own.address.items()}
    elif where == ELSEWHERE:
        cells |= {f"addresses.{part}": form.line(part) for part in ("street", "postal_code", "city")}
        cells["place"] = form.line("place")
    return cells


def values_of(form: Typed, own: OwnPlace, timing: Timing, zone: ZoneInfo) -> dict[str, Any]:
    """Return what the form works out itself: when it takes place, and where the organiser is on the map."""
    values: dict[str, Any] = {"start": timing.start, "tz": zone.key}
    values |= {"end": timing.end} if timing.end else {}
    values |= {"recurrence": dict(timing.recurrence)} if timing.recurrence else {}
    if form.line("where") == OWN and own.point:
        values["point"] = dict(own.point)
    return values


def touched(
    now: Mapping[str, Any], before: Mapping[str, Any], when: Timing, when_before: Timing | None
) -> frozenset[str]:
    """Return the properties of which something else was typed than stood there; what follows an address, with it."""
    names = {path.partition(".")[0] for path in {*now, *before} if (now.get(path) or "") != (before.get(path) or "")}
    if "addresses" in names:
        names |= set(_FOLLOWS)
    was = when_before or Timing("", None)
    times = {name for name in ("start", "end", "recurrence") if (getattr(when, name) or None) != getattr(was, name)}
    return frozenset(names | times | ({"tz"} if times else set()))


def empty_fields(form: Typed, own: OwnPlace) -> dict[str, str]:
    """Return what is missing, a code by field."""
    found = {} if form.line("title") else {"title": "empty"}
    where = form.line("where")
    if where not in PLACES or (where == OWN and not own.address):
        found["where"] = "unknown"
    elif where == ELSEWHERE and not any(form.line(name) for name in ("place", "street", "city")):
        found["place"] = "empty"
    elif where == ONLINE and not form.line("online_url"):
        found["online_url"] = "empty"
    return found


def field_of(column: str) -> str:
    """Return the field of the form that a problem is about."""
    head, _, part = column.partition(".")
    return part if head == "addresses" else head


def chosen(options: Sequence[tuple[str, str]], values: Sequence[str]) -> list[tuple[str, str, bool]]:
    """Return options with whether each is chosen; one that is chosen and no option is kept."""
    known = {code for code, _ in options}
    return [(code, said, code in values) for code, said in options] + [(v, v, True) for v in values if v not in known]


def _text_cells(name: str, text: str, before: object, language: str) -> dict[str, str]:
    said = text_of(before, language)
    spoken = (said.language if said else None) or language
    others = before if isinstance(before, Mapping) else {}
    return {**{f"{name}.{each}": str(words) for each, words in others.items()}, f"{name}.{spoken}": text}
