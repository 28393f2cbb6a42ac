"""iCalendar (RFC 5545): kinds of events, each record one event. Hours in UTC, exact for single events."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from icalendar import Event, vGeo, vText, vUri

from datacoop.directory.themes import label as theme_label
from datacoop.feeds.formatting import Context, Item, in_language
from datacoop.kinds.definition import Kind, Property

NAME = "ical"
MEDIA_TYPES = ("text/calendar; charset=utf-8", "text/calendar")
EXTENSION = "ics"
SEPARATOR = b""

STATUSES = ("CONFIRMED", "TENTATIVE", "CANCELLED")
SINGLE = ("DTSTART", "DTEND", "SUMMARY", "STATUS", "URL", "GEO")
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


def piece(body: bytes, context: Context) -> bytes:
    """One event; nothing for a record whose start is not disclosed, for an event needs one."""
    item: Item = orjson.loads(body)
    if context.kind.slots["start"].name not in item:
        return b""
    return bytes(_event(item, context).to_ical())


def closing(_context: Context) -> bytes:
    """The calendar's end."""
    return b"END:VCALENDAR\r\n"


def render_one(body: bytes, context: Context) -> bytes:
    """A calendar of one event."""
    return opening(context) + piece(body, context) + closing(context)


def _event(item: Item, context: Context) -> Event:
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


def _instant(event: Event, term: str, values: list[Any]) -> None:
    text = str(values[0])
    if len(text) == len("2026-11-23"):
        event.add(term, date.fromisoformat(text))
    else:
        event.add(term, datetime.fromisoformat(text).astimezone(UTC))


def _words(event: Event, term: str, values: list[Any]) -> None:
    words = ", ".join(str(each) for each in values if each)
    if words:
        event.add(term, vText(words))


def _status(event: Event, term: str, values: list[Any]) -> None:
    status = str(values[0]).upper()
    if status in STATUSES:
        event.add(term, status)


def _address(event: Event, term: str, values: list[Any]) -> None:
    event.add(term, vUri(str(values[0])))


def _geo(event: Event, term: str, values: list[Any]) -> None:
    event.add(term, vGeo((values[0]["lat"], values[0]["lon"])))


def _categories(event: Event, term: str, values: list[Any]) -> None:
    event.add(term, [str(each) for each in values])


_WRITTEN: Mapping[str, Callable[[Event, str, list[Any]], None]] = {
    "DTSTART": _instant,
    "DTEND": _instant,
    "SUMMARY": _words,
    "DESCRIPTION": _words,
    "LOCATION": _words,
    "CONTACT": _words,
    "COMMENT": _words,
    "STATUS": _status,
    "URL": _address,
    "GEO": _geo,
    "CATEGORIES": _categories,
}
