"""Recurring events (RFC 5545): which dates a rule and its exceptions give, in the wall time of a zone. Pure.

A recurrence is a plain mapping. `rrule` is a RECUR value (RFC 5545 section 3.3.10) without its name; `rdates` and
`exdates` list moments; `overrides` say of single dates, named by `recurrence_id` (the moment the rule gives), what
is different there. Moments are wall times without offset, `2026-12-01T19:00:00`, or days, `2026-12-01`, where the
event lasts whole days. Dates are worked out by python-dateutil.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, timedelta, tzinfo
from itertools import islice, takewhile
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rruleset, rrulestr

from datacoop.lib.dates import DAY_LENGTH

#: Rhythms of activities. Finer ones would give thousands of dates a week.
FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
OVERRIDDEN: Final = ("start", "end", "status", "title", "place")
"""What may be different on a single date."""
MOST_DATES: Final = 3000
_DAY: Final = r"(?:MO|TU|WE|TH|FR|SA|SU)"
_PARTS: Final = {
    "FREQ": "|".join(FREQUENCIES),
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,4}",
    "UNTIL": r"(?:1[1-9]|[2-9]\d)\d{6}(?:T\d{6}Z?)?",
    "BYDAY": rf"(?:[+-]?\d{{1,2}})?{_DAY}",
    "BYMONTHDAY": r"[+-]?(?:[1-9]|[12]\d|3[01])",
    "BYYEARDAY": r"[+-]?[1-9]\d{0,2}",
    "BYWEEKNO": r"[+-]?(?:[1-9]|[1-4]\d|5[0-3])",
    "BYMONTH": r"0?[1-9]|1[0-2]",
    "BYSETPOS": r"[+-]?[1-9]\d{0,2}",
    "WKST": _DAY,
}
"""RFC 5545 section 3.3.10: the values of each part, several of those that begin with BY."""
UNTIL: Final = re.compile(r"UNTIL=(\d{8})(?:T(\d{6})(Z)?)?", re.IGNORECASE)
#: The last years of all calendars, so that what never comes is soon known: weekdays come again after 400 years.
_A_MONDAY: Final = datetime.fromisoformat("9624-01-01T12:00:00")


class RuleError(ValueError):
    """A rule gives no dates that can be used; the message is a sentence."""


@dataclass(frozen=True)
class Occurrence:
    """One date of an event. `start` and `end` as the event's own are written: with offset, or as days (end beyond).

    `recurrence_id` is the moment the rule gives; `said` what an override says of it; `instant` the start in seconds
    since 1970, of a day its midnight in the zone.
    """

    start: str
    end: str | None
    recurrence_id: str
    said: Mapping[str, Any]
    instant: int


def zone_of(name: object, otherwise: ZoneInfo) -> ZoneInfo:
    """Return a zone by its IANA name, `otherwise` where there is none of that name."""
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else otherwise
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise


def check_rule(text: str) -> None:
    """Raise `RuleError` unless a text is a RECUR value that gives dates (tried from a Monday at noon)."""
    names = [_name_of_part(part) for part in text.upper().split(";")]
    if "FREQ" not in names:
        raise RuleError("The rule has no FREQ.")
    if "COUNT" in names and "UNTIL" in names:
        raise RuleError("COUNT and UNTIL exclude each other (RFC 5545 section 3.3.10).")
    if not all(_is_of_calendar(*match.group(1, 2)) for match in UNTIL.finditer(text)):
        raise RuleError("In the rule, UNTIL is no moment that there is.")
    try:
        # Whatever ends it is left out: that it ended long ago is no fault. So are intervals: they begin elsewhere.
        next(iter(_rule(_dense(text), _A_MONDAY)))
    except StopIteration:
        raise RuleError("The rule gives no date at all.") from None
    except (ValueError, TypeError, IndexError) as error:
        raise RuleError(f"The rule cannot be read: {error}.") from None


def _is_of_calendar(day: str, clock: str | None) -> bool:
    try:
        datetime.strptime(day + (clock or "000000"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - a wall time
    except ValueError:
        return False
    return True


def _name_of_part(part: str) -> str:
    name, _, values = part.strip().partition("=")
    if name not in _PARTS:
        raise RuleError(f"The rule has no part {name[:20]}.")
    for value in values.split(",") if name.startswith("BY") else (values,):
        # A blank behind the name would hide it from whoever looks for it.
        if not re.fullmatch(_PARTS[name], value.strip() if name.startswith("BY") else value):
            allowed = f": one of {', '.join(FREQUENCIES)}" if name == "FREQ" else ""
            raise RuleError(f"In the rule, {name} cannot be {value[:20]!r}{allowed}.")
    return name


def occurrences(
    event: Mapping[str, Any], recurrence: Mapping[str, Any], zone: ZoneInfo, since: datetime, until: datetime
) -> list[Occurrence]:
    """Return the dates of an event of which some part lies in [since, until), in their order.

    `event` has `start` and perhaps `end`: instants with offset, or days. Of an override the date counts that it moves
    to. At most `MOST_DATES`. `since` and `until` are aware.
    """
    shape = _Shape.of(event, zone)
    overrides = {each["recurrence_id"]: each for each in recurrence.get("overrides", ())}
    moments = _moments(shape, recurrence, overrides, since, until)
    found = [shape.occurrence(moment, overrides.get(shape.named(moment), {})) for moment in moments]
    inside = [each for each in found if shape.lies_in(each, since, until)]
    return sorted(inside, key=lambda each: (each.instant, each.recurrence_id))[:MOST_DATES]


def occurrence_at(event: Mapping[str, Any], recurrence: Mapping[str, Any], zone: ZoneInfo, instant: int) -> Occurrence:
    """Return the date of an event that is known to begin at an instant, without working out the others."""
    shape = _Shape.of(event, zone)
    moment = datetime.fromtimestamp(instant, zone).replace(tzinfo=None)
    by_name = {each["recurrence_id"]: each for each in recurrence.get("overrides", ())}
    for name, override in by_name.items():
        if "start" in override and wall_time(override["start"], zone) == moment:
            return shape.occurrence(wall_time(name, zone), override)
    return shape.occurrence(moment, by_name.get(shape.named(moment), {}))


def instant_of(text: str, zone: ZoneInfo) -> int:
    """Return an instant, a wall time or a day of a zone as seconds since 1970."""
    return int(moment_of(text, zone).timestamp())


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """Return an instant as it is written, a wall time or a day (its midnight) as an instant of the zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


@dataclass(frozen=True)
class _Shape:
    """How an event is written: whole days or wall times, in which zone, and how long it lasts."""

    first: datetime
    lasts: timedelta | None
    zone: ZoneInfo
    whole_days: bool

    @staticmethod
    def of(event: Mapping[str, Any], zone: ZoneInfo) -> _Shape:
        whole_days = len(event["start"]) == DAY_LENGTH
        first = wall_time(event["start"], zone)
        lasts = wall_time(event["end"], zone) - first if event.get("end") else None
        return _Shape(first, lasts, zone, whole_days)

    def named(self, moment: datetime) -> str:
        """Return a wall time as overrides name it."""
        return moment.date().isoformat() if self.whole_days else moment.isoformat()

    def written(self, moment: datetime) -> str:
        """Return a wall time as the event's own start is written."""
        if self.whole_days:
            return moment.date().isoformat()
        return moment.replace(tzinfo=self.zone).astimezone(UTC).astimezone(self.zone).isoformat()

    def occurrence(self, moment: datetime, override: Mapping[str, Any]) -> Occurrence:
        """Return the date that a rule's moment and what overrides it give."""
        start = wall_time(override["start"], self.zone) if "start" in override else moment
        lasts = self.lasts if self.lasts is None or self.lasts >= timedelta() else timedelta()
        ends = start + lasts if lasts is not None else None
        if "end" in override:
            ends = wall_time(override["end"], self.zone)
        said = {name: override[name] for name in OVERRIDDEN[2:] if name in override}
        instant = int(start.replace(tzinfo=self.zone).timestamp())
        return Occurrence(self.written(start), self.written(ends) if ends else None, self.named(moment), said, instant)

    def lies_in(self, each: Occurrence, since: datetime, until: datetime) -> bool:
        """Say whether some part of a date lies in a span; one without length, if it begins there."""
        start, end = (moment_of(said, self.zone) for said in (each.start, each.end or each.start))
        return start < until and (end > since or start >= since)


def _moments(
    shape: _Shape,
    recurrence: Mapping[str, Any],
    overrides: Mapping[str, Mapping[str, Any]],
    since: datetime,
    until: datetime,
) -> Sequence[datetime]:
    """Return the wall times a recurrence gives that may lie in a span, and those that overrides move."""
    dates = rruleset()
    # The first date is one whatever the rule says (RFC 5545 section 3.8.5.3).
    dates.rdate(shape.first)
    if "rrule" in recurrence:
        rule = _rule(_in_wall_time(recurrence["rrule"], shape.zone), shape.first)
        dates.rrule(_soon(rule, shape.first, max(shape.first, until.replace(tzinfo=None))))
    for moment in recurrence.get("rdates", ()):
        dates.rdate(wall_time(moment, shape.zone))
    for moment in recurrence.get("exdates", ()):
        dates.exdate(wall_time(moment, shape.zone))
    # A day more on each side: zones differ by less, and a date that began before may last into the span.
    first = since.astimezone(shape.zone).replace(tzinfo=None) - timedelta(days=1) - (shape.lasts or timedelta())
    last = until.astimezone(shape.zone).replace(tzinfo=None) + timedelta(days=1)
    within = takewhile(lambda moment: moment <= last, (moment for moment in dates if moment >= first))
    found = list(islice(within, MOST_DATES))
    moved = [wall_time(name, shape.zone) for name in overrides]
    excluded = {wall_time(moment, shape.zone) for moment in recurrence.get("exdates", ())}
    return sorted({*found, *(moment for moment in moved if moment not in excluded)})


def _soon(rule: rrule, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the dates of a rule, worked out at the end of all calendars: one that gives no more soon ends there.

    All calendars are the same after 400 years, to the day of the week.
    """
    by = max(0, MAXYEAR - 1 - last.year) // 400 * 400
    # Of a rule that ends later nothing is asked.
    ends = rule._until and min(rule._until, last.replace(year=min(last.year + 1, MAXYEAR), day=1))
    for moment in rule.replace(dtstart=_years_on(first, by), until=ends and _years_on(ends, by)):
        yield _years_on(moment, -by)


def _years_on(moment: datetime, years: int) -> datetime:
    return moment.replace(year=moment.year + years)


def _rule(text: str, first: datetime) -> rrule:
    found = rrulestr(text, dtstart=first)
    if not isinstance(found, rrule):
        raise TypeError("one rule is wanted")
    return found


def _dense(text: str) -> str:
    left_out = {"UNTIL", "COUNT", "INTERVAL"}
    return ";".join(part for part in text.split(";") if part.partition("=")[0].strip().upper() not in left_out)


def _in_wall_time(rule: str, zone: ZoneInfo) -> str:
    """Return a rule whose UNTIL is a wall time of the zone: dates are worked out in wall time."""

    return UNTIL.sub(lambda match: f"UNTIL={until_of(match, zone):%Y%m%dT%H%M%S}", rule)


def until_of(match: re.Match[str], zone: ZoneInfo) -> datetime:
    """Return the moment that `UNTIL` found, as a wall time of the zone; of a day its last second."""
    day, clock, utc = match.groups()
    moment = datetime.strptime(day + (clock or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - a wall time
    return in_zone(moment.replace(tzinfo=UTC), zone).replace(tzinfo=None) if utc else moment


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return an aware moment in a zone; at the ends of all calendars, as 9999 for "for ever", it stays as written."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.replace(tzinfo=zone)


def wall_time(text: str, zone: ZoneInfo) -> datetime:
    """Return a day, a wall time or an instant as a wall time of the zone.

    An hour that clocks leave out stays what it is (02:30+01:00 in the night to summer time), for other dates have it.
    """
    moment = datetime.fromisoformat(text)
    said = moment.replace(tzinfo=None)
    is_of_zone = moment.tzinfo is None or said.replace(tzinfo=zone).astimezone(UTC) == moment
    return said if is_of_zone else moment.astimezone(zone).replace(tzinfo=None)


def next_dates(
    event: Mapping[str, Any], recurrence: Mapping[str, Any], zone: ZoneInfo, since: datetime, count: int
) -> Iterator[Occurrence]:
    """Yield the next `count` dates from a moment on, five years ahead at most."""
    return iter(occurrences(event, recurrence, zone, since, since + timedelta(days=1827))[:count])
