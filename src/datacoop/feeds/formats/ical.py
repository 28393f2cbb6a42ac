"""iCalendar (RFC 5545): kinds of events, each record one event, and one more for each date that differs.

What repeats, or says its zone, is written in wall times of that zone, which is described; the rest in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from icalendar import Event, vGeo, vText, vUri
from icalendar.prop import vInline

from datacoop.directory.themes import label as theme_label
from datacoop.feeds.formatting import Context, Item, in_language
from datacoop.feeds.repeating import Timing, exact, timing_of
from datacoop.feeds.zones import described
from datacoop.kinds.definition import Kind, Property
from datacoop.lib.recurring import wall_time

NAME = "ical"
MEDIA_TYPES = ("text/calendar; charset=utf-8", "text/calendar")
EXTENSION = "ics"
EACH_ONCE = True

STATUSES = ("CONFIRMED", "TENTATIVE", "CANCELLED")
STATUS = "status"
NEAREST = {"postponed": "TENTATIVE", "full": "CONFIRMED"}
"""What iCalendar says of what it has no word for."""
OWN_STATUS = "X-DATACOOP-STATUS"
SingleDate = tuple[datetime, datetime, datetime | None, Mapping[str, Any]]
SINGLE = ("SUMMARY", "URL", "GEO")
"""Properties an event has once at most; others are joined."""


def applies(kind: Kind) -> bool:
    """Kinds that are events with a start."""
    return kind.schema_org.endswith("Event") and "start" in kind.slots


def opening(context: Context) -> bytes:
    """The calendar's head; it names licence and terms."""
    host = urlsplit(context.base_url).hostname or "localhost"
    lines = [
        b"BEGIN:VCALENDAR",
        b"VERSION:2.0",
        b"PRODID:-//datacoop//%b//FR" % host.encode("idna"),
        b"X-LICENSE;VALUE=URI:" + context.licence.encode(),
        b"X-TERMS;VALUE=URI:" + context.terms.encode(),
    ]
    return b"\r\n".join(lines) + b"\r\n"


def begin(context: Context) -> Document:
    """A calendar without events."""
    return Document(context)


def render_one(body: bytes, context: Context) -> bytes:
    """A calendar of one event, with its single dates."""
    document = Document(context)
    return document.part([body]) + document.end()


class Document:
    """One calendar under way: a zone is described before the first event in it."""

    def __init__(self, context: Context) -> None:
        """Describe no zone yet."""
        self._context = context
        self._zones: set[str] = set()
        self._is_begun = False

    def part(self, bodies: Sequence[bytes]) -> bytes:
        """Events; none for a record whose start is not disclosed, for an event needs one."""
        if not bodies:
            return b""
        return self._head() + b"".join(self._events(orjson.loads(body)) for body in bodies)

    def end(self) -> bytes:
        """The calendar's end."""
        return self._head() + b"END:VCALENDAR\r\n"

    def _head(self) -> bytes:
        is_begun, self._is_begun = self._is_begun, True
        return b"" if is_begun else opening(self._context)

    def _events(self, item: Item) -> bytes:
        timing = timing_of(item, self._context.kind)
        if timing is None:
            return b""
        zone = _tzid(timing)
        new = described(zone) if zone and zone not in self._zones else b""
        self._zones.add(zone)
        event = _event(item, self._context)
        singles = [_single(event, timing, each, item, self._context) for each in timing.single_dates()]
        _place(event, timing, timing.first, timing.last)
        _repeat(event, timing)
        _say_status(event, str(item.get(STATUS, "")), self._context)
        return new + b"".join(bytes(each.to_ical()) for each in (event, *singles))


def _event(item: Item, context: Context) -> Event:
    """An event without its times."""
    event = Event()
    host = urlsplit(context.base_url).hostname or "localhost"
    modified = item.get("modified")
    event.add("UID", f"{item['id']}@{host}")
    event.add("DTSTAMP", datetime.fromtimestamp(modified if isinstance(modified, int) else 0, UTC))
    for term, values in _by_term(item, context).items():
        write = _WRITTEN.get(term)
        if write is not None:
            write(event, term, values[:1] if term in SINGLE else values)
    if "URL" not in event:
        event.add("URL", vUri(context.page_of(item)))
    return event


def _single(event: Event, timing: Timing, date_: SingleDate, item: Item, context: Context) -> Event:
    """One date that differs, as an event of its own (RFC 5545 section 3.8.4.4): all of the event, and what differs."""
    name, start, end, said = date_
    single = Event()
    for term, value in event.items():
        single[term] = value
    _add(single, "RECURRENCE-ID", timing, name)
    _place(single, timing, start, end)
    for term, ours in (("SUMMARY", "title"), ("LOCATION", "place")):
        if ours in said:
            single.pop(term, None)
            single.add(term, vText(said[ours]))
    _say_status(single, str(said.get("status", item.get(STATUS, ""))), context)
    return single


def _place(event: Event, timing: Timing, start: datetime, end: datetime | None) -> None:
    _add(event, "DTSTART", timing, start)
    if end is not None:
        _add(event, "DTEND", timing, end)


def _tzid(timing: Timing) -> str:
    """The zone an event is written in: its own, and one for every rule; empty for UTC, and for days."""
    said = timing.names_zone or timing.recurrence
    return timing.zone.key if said and not timing.whole_days and timing.zone.key != "UTC" else ""


def _add(event: Event, term: str, timing: Timing, *moments: datetime) -> None:
    """Write moments: days, wall times beside the name of their zone, or in UTC."""
    zone = _tzid(timing)
    parameters = {"TZID": zone} if zone else {"VALUE": "DATE"} if timing.whole_days else {}
    if timing.whole_days:
        texts = [f"{moment:%Y%m%d}" for moment in moments]
    elif zone:
        texts = [f"{moment:%Y%m%dT%H%M%S}" for moment in moments]
    else:
        texts = [f"{exact(moment, timing.zone):%Y%m%dT%H%M%SZ}" for moment in moments]
    event[term] = vInline(",".join(texts), params=parameters)


def _repeat(event: Event, timing: Timing) -> None:
    if timing.rule:
        event["RRULE"] = vInline(timing.rule)
    for term, part in (("RDATE", "rdates"), ("EXDATE", "exdates")):
        if moments := timing.recurrence.get(part):
            _add(event, term, timing, *(wall_time(each, timing.zone) for each in moments))


def _say_status(event: Event, status: str, context: Context) -> None:
    """What iCalendar has no word for stands behind the title, in the reader's language, and in a property of ours."""
    event.pop("STATUS", None)
    if not status:
        return
    event["STATUS"] = vText(status.upper() if status.upper() in STATUSES else NEAREST.get(status, "CONFIRMED"))
    if status.upper() not in STATUSES:
        event[OWN_STATUS] = vText(status)
        labels = context.kind.property(STATUS).values.get(status, {})
        if "SUMMARY" in event:
            event["SUMMARY"] = vText(f"{event['SUMMARY']} ({labels.get(context.language, status)})")


def _by_term(item: Item, context: Context) -> Mapping[str, list[Any]]:
    """The item's values by iCalendar property, in the order of the kind's file."""
    found: dict[str, list[Any]] = {}
    for each in context.kind.properties:
        term = each.terms.get("ical", "").partition(";")[0].upper()
        if term and each.name in item:
            value = item[each.name]
            values = value if isinstance(value, list) else [value]
            found.setdefault(term, []).extend(_plain(each, one, context) for one in values)
    return found


def _plain(each: Property, value: Any, context: Context) -> Any:
    if each.type == "address":
        town = " ".join(value[part] for part in ("postal_code", "city") if part in value)
        return ", ".join(part for part in (value.get("street"), town) if part)
    if each.type == "commune":
        return value["name"]
    if each.type == "boolean":
        return each.labels[context.language] if value else ""
    if each.type == "theme":
        return theme_label(value, context.language)
    return in_language(value, context.language) if each.type == "text" else value


def _words(event: Event, term: str, values: list[Any]) -> None:
    words = ", ".join(str(each) for each in values if each)
    if words:
        event.add(term, vText(words))


def _address(event: Event, term: str, values: list[Any]) -> None:
    event.add(term, vUri(str(values[0])))


def _geo(event: Event, term: str, values: list[Any]) -> None:
    event.add(term, vGeo((values[0]["lat"], values[0]["lon"])))


def _categories(event: Event, term: str, values: list[Any]) -> None:
    event.add(term, [str(each) for each in values])


_WRITTEN: Mapping[str, Callable[[Event, str, list[Any]], None]] = {
    "SUMMARY": _words,
    "DESCRIPTION": _words,
    "LOCATION": _words,
    "CONTACT": _words,
    "COMMENT": _words,
    "URL": _address,
    "GEO": _geo,
    "CATEGORIES": _categories,
}
