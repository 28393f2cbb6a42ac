"""One event of a calendar, alone: its properties as plain values, its moments as wall times of its zone. Pure.

Read by `icalendar`; what it cannot read of what we keep refuses the event.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from datacoop.lib.dates import ZURICH
from datacoop.lib.recurring import zone_of

Moment = date | datetime
#: What is kept of an event; what stands beside it may be as broken as it likes.
_KEPT: Final = frozenset({
    "UID", "SUMMARY", "DESCRIPTION", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE",
    "RECURRENCE-ID", "STATUS", "LOCATION", "GEO", "CATEGORIES", "URL", "CONFERENCE", "SEQUENCE", "CLASS",
})  # fmt: skip
_TEXTS: Final = ("SUMMARY", "DESCRIPTION", "LOCATION", "URL", "CONFERENCE")
#: Rules as they stand: `icalendar` changes the order of their parts.
_RULE: Final = re.compile(r"^RRULE[^:\r\n]*:([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_ERRORS: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)
_NO_ZONE: Final = ZoneInfo("UTC")
#: What our own calendars say of an event beyond iCalendar's words, and beside what they add to its title.
OWN_STATUS: Final = "X-DATACOOP-STATUS"


class EventRefused(ValueError):
    """An event cannot be taken: a stable code, the property at fault, a sentence."""

    def __init__(self, code: str, message: str, column: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.column = column


class Zones:
    """The zones of one calendar: by IANA's names, by those of Windows, or as the calendar describes them."""

    def __init__(self) -> None:
        self._own: dict[str, str] = {}
        self._known: dict[str, tzinfo | None] = {}
        self.default: ZoneInfo | None = None

    def floating(self, name: str) -> None:
        """Say in which zone moments are meant that name none."""
        self.default = _named(name)

    def define(self, name: str, text: str) -> None:
        """Take a zone that the calendar describes."""
        self._own[name] = text

    def get(self, name: str) -> tzinfo | None:
        """The zone of a name, None where nobody knows it."""
        if name not in self._known:
            self._known[name] = _named(name) or self._described(name)
        return self._known[name]

    def _described(self, name: str) -> tzinfo | None:
        text = self._own.get(name)
        if text is None:
            return None
        if location := re.search(r"^X-LIC-LOCATION:(.+?)\s*$", text, re.MULTILINE):
            return _named(location[1])
        try:
            found: tzinfo = icalendar.Timezone.from_ical(text).to_tz()  # type: ignore[attr-defined]
        except _ERRORS:
            return None
        return found


def _named(name: str) -> ZoneInfo | None:
    """IANA's zone of a name, also where a program put its own path before it, or Windows called it otherwise."""
    steps = name.strip().strip("/").split("/")
    for said in ("/".join(steps[place:]) for place in range(len(steps))):
        found = zone_of(WINDOWS_TO_OLSON.get(said, said), _NO_ZONE)
        if found.key != "UTC" or said.upper() in {"UTC", "ETC/UTC", "GMT", "Z"}:
            return found
    return None


@dataclass
class Event:
    """An event as it stands. `zone`: in which its wall times are meant, and whether the event itself names it."""

    line: int
    uid: str
    values: dict[str, object]
    start: Moment
    end: Moment | None
    zone: ZoneInfo
    names_zone: bool
    instead_of: Moment | None = None
    rule: str | None = None
    rdates: list[Moment] = field(default_factory=list)
    ends: dict[Moment, Moment] = field(default_factory=dict)
    exdates: list[Moment] = field(default_factory=list)
    sequence: int = 0

    @property
    def whole_days(self) -> bool:
        return not isinstance(self.start, datetime)


def read_event(text: str, line: int, zones: Zones) -> Event:
    """Read the text of one event. Raises EventRefused."""
    try:
        with warnings.catch_warnings():
            # That a zone's name begins with a program's path; we read it ourselves.
            warnings.simplefilter("ignore")
            said: Mapping[str, Any] = icalendar.Event.from_ical(text)
    except _ERRORS as error:
        raise EventRefused("event-unreadable", f"The event cannot be read: {error}.") from None
    for name, wrong in said.errors:  # type: ignore[attr-defined]
        if name is None or name.upper() in _KEPT:
            raise EventRefused("event-unreadable", f"{name or 'A line'} cannot be read: {wrong}.", name or "")
    if str(said.get("CLASS", "PUBLIC")).upper() in {"PRIVATE", "CONFIDENTIAL"}:
        raise EventRefused("event-private", "The calendar says that this event is private.", "CLASS")
    try:
        return _Reading(said, zones, text).event(line)
    except EventRefused:
        raise
    except _ERRORS as error:
        raise EventRefused("event-unreadable", f"The event cannot be read: {error}.") from None


def _hours_of(text: str) -> timedelta:
    """How much of an event's duration is said in hours: PT24H is not a day where clocks change meanwhile."""
    said = re.search(r"^DURATION[^:]*:[^T\r\n]*T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", text, re.MULTILINE | re.IGNORECASE)
    hours, minutes, seconds = (int(each or 0) for each in said.groups()) if said else (0, 0, 0)
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


class _Reading:
    """The properties of one event, in the words of `icalendar`."""

    def __init__(self, said: Mapping[str, Any], zones: Zones, text: str) -> None:
        self._said, self._zones, self._hours = said, zones, _hours_of(text)
        self._rules = [re.sub(r"\s", "", rule).upper().strip(";=") for rule in _RULE.findall(text)]
        start = self._only("DTSTART")
        if start is None:
            raise EventRefused("start-missing", "The event has no beginning (DTSTART).", "DTSTART")
        self._start = start.dt
        name = start.params.get("TZID")
        zone = self._zone_named(str(name)) if name else None
        if name is None and isinstance(self._start, datetime):
            zone = self._zones.default or (_NO_ZONE if self._start.tzinfo and self._repeats else None)
        self._is_nameless = zone is not None and not isinstance(zone, ZoneInfo)
        self._names_zone = isinstance(zone, ZoneInfo)
        self._zone = zone if isinstance(zone, ZoneInfo) else ZURICH

    @property
    def _repeats(self) -> bool:
        return any(name in self._said for name in ("RRULE", "RDATE", "RECURRENCE-ID"))

    def _all(self, name: str) -> list[Any]:
        found = self._said.get(name)
        return found if isinstance(found, list) else [] if found is None else [found]

    def _only(self, name: str) -> Any:
        found = self._all(name)
        if len({each.to_ical() for each in found}) > 1:
            raise EventRefused("event-unreadable", f"{name} stands there twice, and differs.", name)
        return found[0] if found else None

    def _zone_named(self, name: str) -> tzinfo:
        zone = self._zones.get(name)
        if zone is None:
            raise EventRefused(
                "zone-unknown", f"Nobody knows the time zone {name[:80]!r}, nor is it described.", "TZID"
            )
        return zone

    def event(self, line: int) -> Event:
        if self._is_nameless and self._repeats:
            raise EventRefused("zone-unknown", "It repeats in a time zone that has no name of IANA's.", "TZID")
        start = self._moment(self._only("DTSTART"))
        uid = str(self._said.get("UID", "")).strip()
        found = Event(line, uid, self._values(), start, self._end(start), self._zone, self._names_zone)
        if instead := self._only("RECURRENCE-ID"):
            if "RANGE" in instead.params:
                raise EventRefused(
                    "recurrence-unreadable", "It changes all dates from one on (RANGE).", "RECURRENCE-ID"
                )
            found.instead_of = self._moment(instead)
        found.sequence = int(self._said.get("SEQUENCE", 0))
        self._repeat(found)
        return found

    def _moment(self, value: Any, dt: Any = None) -> Moment:
        """A moment as a wall time of the event's zone, without offset; a day as it is."""
        moment = value.dt if dt is None else dt
        if not isinstance(moment, datetime):
            if not isinstance(moment, date):
                raise EventRefused("event-unreadable", "A time of day alone is no moment.")
            return moment
        name = value.params.get("TZID")
        if name:
            moment = moment.replace(tzinfo=self._zone_named(str(name)))
            if moment.tzinfo is self._zone:
                return moment.replace(tzinfo=None, microsecond=0)
        elif moment.tzinfo is None:
            return moment.replace(microsecond=0)
        return moment.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None, microsecond=0)

    def _end(self, start: Moment) -> Moment | None:
        end, duration = self._only("DTEND"), self._only("DURATION")
        if end is not None:
            found = self._moment(end)
            if found == start and not isinstance(start, datetime):
                return None  # meant as a day that lasts until its end
            if isinstance(found, datetime) == isinstance(start, datetime):
                return found
            raise EventRefused(
                "end-without-start", "One of beginning and end has a time of day, the other none.", "DTEND"
            )
        return None if duration is None else self._later(start, duration.dt, self._hours)

    def _later(self, start: Moment, lasts: timedelta, hours: timedelta) -> Moment:
        """Days are days, whatever the clocks do; hours are hours (RFC 5545 section 3.3.6)."""
        if not isinstance(start, datetime):
            return start + lasts
        exact = (start + (lasts - hours)).replace(tzinfo=self._zone).astimezone(UTC) + hours
        return exact.astimezone(self._zone).replace(tzinfo=None)

    def _repeat(self, event: Event) -> None:
        if self._all("EXRULE"):
            raise EventRefused("recurrence-unreadable", "EXRULE is no longer a part of iCalendar.", "EXRULE")
        rules = set(self._rules) - {""}
        if len(rules) > 1:
            raise EventRefused(
                "recurrence-unreadable",
                "Two different rules in one event (RFC 5545 section 3.8.5.3 allows one).",
                "RRULE",
            )
        event.rule = next(iter(rules), None)
        for each in self._all("RDATE"):
            for one in each.dts:
                self._add(event, each, one.dt)
        for each in self._all("EXDATE"):
            event.exdates += [fitting(event, self._moment(each, one.dt)) for one in each.dts]

    def _add(self, event: Event, value: Any, dt: Any) -> None:
        if not isinstance(dt, tuple):
            moment = self._moment(value, dt)
            if isinstance(moment, datetime) == event.whole_days:
                raise EventRefused(
                    "recurrence-unreadable", "A further date is of another sort than the first.", "RDATE"
                )
            event.rdates.append(moment)
            return
        start = self._moment(value, dt[0])
        event.rdates.append(start)
        event.ends[start] = (
            self._later(start, dt[1], dt[1]) if isinstance(dt[1], timedelta) else self._moment(value, dt[1])
        )

    def _values(self) -> dict[str, object]:
        values: dict[str, object] = {}
        for name in _TEXTS:
            text = "\n".join(dict.fromkeys(str(each) for each in self._all(name)))
            if text.strip():
                values[name] = text
        if status := self._said.get(OWN_STATUS):
            # We wrote it, and said so behind the title.
            values["STATUS"] = str(status)
            values["SUMMARY"] = re.sub(r" \([^()]*\)$", "", str(values.get("SUMMARY", "")))
        elif status := self._said.get("STATUS"):
            values["STATUS"] = str(status).upper()
        if geo := self._only("GEO"):
            values["GEO"] = {"lat": geo.latitude, "lon": geo.longitude}
        themes = [str(each) for line in self._all("CATEGORIES") for each in line.cats if str(each).strip()]
        return values | ({"CATEGORIES": themes} if themes else {})


def fitting(event: Event, moment: Moment) -> Moment:
    """A moment as the event's own dates are written: a day of an event with hours is the date on that day."""
    if event.whole_days:
        return moment.date() if isinstance(moment, datetime) else moment
    if isinstance(moment, datetime):
        return moment
    start = event.start
    return datetime.combine(moment, start.time() if isinstance(start, datetime) else time())
