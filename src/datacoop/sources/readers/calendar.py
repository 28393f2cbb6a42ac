"""iCalendar (RFC 5545): each event a row under the names of its properties, its line as number.

Single dates that differ (RECURRENCE-ID) are joined to their event. Who organises, who comes and whom to ask is never
read: these are people. An event that cannot be read whole is a row that is refused, with the reason.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from datacoop.lib.decoding import decoding_of
from datacoop.sources.readers.calendar_events import Event, EventRefused, Zones, read_event
from datacoop.sources.readers.calendar_series import joined
from datacoop.sources.readers.csv import chunks_of, notes_of
from datacoop.sources.readers.table import ListRefused, Row, Table

MAX_BYTES: Final = 100_000_000
COLUMNS: Final = (
    "UID", "SUMMARY", "DESCRIPTION", "DTSTART", "DTEND", "TZID", "RRULE", "STATUS", "LOCATION", "GEO", "CATEGORIES",
    "URL", "CONFERENCE",
)  # fmt: skip
_LINE: Final = re.compile(r"[A-Za-z0-9-]+[;:]")
#: Events stand in calendars, or alone; alarms inside events are not read.
_READ: Final = ("VCALENDAR", "VEVENT", "VTIMEZONE")


@dataclass
class _Block:
    """One component: its lines unfolded, with the number of each in the file."""

    name: str
    line: int
    lines: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\r\n".join((f"BEGIN:{self.name}", *(line for _, line in self.lines), f"END:{self.name}", ""))

    def said(self, name: str) -> str:
        """The value of a property that stands in the component itself."""
        found = (line.partition(":")[2] for _, line in self.lines if re.match(rf"{name}[;:]", line, re.IGNORECASE))
        return next(found, "").strip()


@dataclass
class _Calendar:
    head: _Block
    zones: Zones
    events: list[_Block] = field(default_factory=list)


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open a calendar. Raises ListRefused where it is cut off, or holds no event."""
    if path.stat().st_size > MAX_BYTES:
        raise ListRefused("too-large", f"A calendar of more than {MAX_BYTES // 1_000_000} MB. Split it by years.")
    decoding = decoding_of(chunks_of(path))
    notes = notes_of(decoding)
    calendars, others = _calendars(decoding.text(path.read_bytes()).removeprefix("\ufeff"))
    if others:
        notes.append(f"Not read: {', '.join(f'{count} {each}' for each, count in sorted(others.items()))}.")
    if not any(each.events for each in calendars):
        raise ListRefused("empty", "There is no event in this calendar: is this the right file?")
    found = sorted((row for each in calendars for row in _rows(each, notes)), key=lambda row: row.number)
    filled = {column for row in found for column in row.values} | {"UID", "SUMMARY", "DTSTART"}
    return Table(name, decoding.name, None, [c for c in COLUMNS if c in filled], iter(_unlike(found)), notes)


def _rows(calendar: _Calendar, notes: list[str]) -> Iterator[Row]:
    events: list[Event] = []
    for block in calendar.events:
        try:
            events.append(_event(block, calendar))
        except EventRefused as refused:
            yield _refused(block.line, block.said("UID"), block.said("SUMMARY"), refused)
    for series in joined(events, notes):
        try:
            yield Row(series.line, series.values())
        except OverflowError:
            far = EventRefused("event-unreadable", "It lies beyond all calendars.", "DTSTART")
            yield _refused(series.line, series.uid, series.title, far)
        except EventRefused as refused:
            yield _refused(series.line, series.uid, series.title, refused)


def _event(block: _Block, calendar: _Calendar) -> Event:
    for number, line in block.lines:
        if not _LINE.match(line):
            raise EventRefused("event-unreadable", f"Line {number} is no property of an event.")
    event = read_event(block.text, block.line, calendar.zones)
    if calendar.head.said("METHOD").upper() == "CANCEL":
        event.values["STATUS"] = "CANCELLED"
    return event


def _refused(line: int, uid: str, title: str, refused: EventRefused) -> Row:
    values: dict[str, object] = {name: text for name, text in (("UID", uid), ("SUMMARY", title)) if text}
    return Row(line, values or {"UID": f"line {line}"}, ((refused.column, refused.code, f"{refused} (line {line})"),))


def _unlike(rows: list[Row]) -> Iterator[Row]:
    """The rows, without any that says again word for word what one above says."""
    seen: dict[object, dict[str, object]] = {}
    for row in rows:
        first = seen.setdefault(row.values.get("UID"), row.values)
        if first is row.values or first != row.values or row.faults:
            yield row


def _calendars(text: str) -> tuple[list[_Calendar], Counter[str]]:
    """The calendars of a file, and how many components of it are not read. Raises ListRefused."""
    found: list[_Calendar] = []
    others: Counter[str] = Counter()
    stack: list[_Block] = []
    for number, line in _unfolded(text):
        word, _, name = line.partition(":")
        if word.upper() == "BEGIN":
            stack.append(_Block(name.strip().upper(), number))
            if stack[-1].name == "VCALENDAR":
                found.append(_Calendar(stack[-1], Zones()))
        elif word.upper() == "END":
            if not stack or stack[-1].name != name.strip().upper():
                raise ListRefused("calendar-invalid", f"END:{name.strip()} ends what never began", line=number)
            _close(stack.pop(), stack, found, others)
        elif stack:
            _keep(stack, number, line)
        else:
            raise ListRefused("calendar-invalid", "This line belongs to no calendar", line=number)
    if stack:
        message = f"{stack[-1].name} never ends: was the file cut off on its way? Export the calendar once more"
        raise ListRefused("calendar-invalid", message, line=stack[-1].line)
    return found, others


def _keep(stack: list[_Block], number: int, line: str) -> None:
    """Lines of what lies inside a zone belong to it; those of alarms to nobody."""
    block = stack[-1]
    if block.name == "VCALENDAR" and not _LINE.match(line):
        raise ListRefused("calendar-invalid", "This line is no property of a calendar", line=number)
    block.lines.append((number, line))


def _close(block: _Block, above: list[_Block], found: list[_Calendar], others: Counter[str]) -> None:
    inside = above[-1].name if above else ""
    if inside == "VTIMEZONE":
        above[-1].lines += [(block.line, f"BEGIN:{block.name}"), *block.lines, (block.line, f"END:{block.name}")]
    elif block.name == "VCALENDAR":
        found[-1].zones.floating(block.said("X-WR-TIMEZONE"))
    elif block.name == "VEVENT" and inside in {"", "VCALENDAR"}:
        if not inside:
            found.append(_Calendar(_Block("VCALENDAR", block.line), Zones()))
        found[-1].events.append(block)
    elif block.name == "VTIMEZONE" and found:
        found[-1].zones.define(block.said("TZID"), block.text)
    elif inside == "VCALENDAR":
        others[block.name] += 1


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Lines as they were before they were folded (RFC 5545 section 3.1), with their numbers; none that is blank."""
    number, parts = 0, [""]
    for count, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if line[:1] in {" ", "\t"}:
            number = number or count
            parts.append(line[1:])
        elif line.strip():
            if "".join(parts).strip():
                yield number, "".join(parts)
            number, parts = count, [line]
    if "".join(parts).strip():
        yield number, "".join(parts)
