"""The dates of an activity as pages show them: in the hours of its own zone, days as days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datacoop.agenda.rules.timing import Timing
from datacoop.agenda.saying import recurrence_said
from datacoop.lib.dates import DAY_LENGTH, ZURICH
from datacoop.lib.recurring import Occurrence, moment_of, next_dates, zone_of


@dataclass(frozen=True)
class Shown:
    """One date. `ends` is the last day where it lasts whole days; `said` is what is different on it."""

    name: str
    begins: datetime | date
    ends: datetime | date | None
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_day(self) -> bool:
        """Whether it lasts whole days."""
        return not isinstance(self.begins, datetime)

    @property
    def ends_same_day(self) -> bool:
        """Whether it ends on the day on which it begins."""
        return self.ends is not None and _day(self.ends) == _day(self.begins)

    @property
    def status(self) -> str:
        """What is said of this date alone: cancelled, full, …"""
        return str(self.said.get("status", ""))

    @property
    def is_moved(self) -> bool:
        """Whether it takes place at another moment than the rule says."""
        rule = datetime.fromisoformat(self.name)
        begins = self.begins.replace(tzinfo=None) if isinstance(self.begins, datetime) else self.begins
        return begins != (rule if isinstance(self.begins, datetime) else rule.date())

    @property
    def machine(self) -> str:
        """Its beginning for `<time>`."""
        return self.begins.isoformat()

    @property
    def day_typed(self) -> str:
        """Its day as a field for days wants it."""
        return _day(self.begins).isoformat()

    @property
    def begins_typed(self) -> str:
        """The hour at which it begins, as a field for hours wants it."""
        return f"{self.begins:%H:%M}" if isinstance(self.begins, datetime) else ""

    @property
    def ends_typed(self) -> str:
        """The hour at which it ends, as a field for hours wants it."""
        return f"{self.ends:%H:%M}" if isinstance(self.ends, datetime) else ""


def shown_dates(found: Iterable[Occurrence], zone: ZoneInfo) -> list[Shown]:
    """Return dates as pages show them, in their order."""
    return [Shown(each.recurrence_id, *_span(each.start, each.end, zone), each.said) for each in found]


def timing_in(item: Mapping[str, Any]) -> Timing | None:
    """Return when an item of an activity takes place; None where that is not said, or cannot be read."""
    start, end, recurrence = (item.get(name) for name in ("start", "end", "recurrence"))
    if not isinstance(start, str) or not _reads(start):
        return None
    good_end = isinstance(end, str) and _reads(end) and (len(end) == DAY_LENGTH) == (len(start) == DAY_LENGTH)
    return Timing(start, str(end) if good_end else None, recurrence if isinstance(recurrence, dict) else None)


def zone_in(item: Mapping[str, Any]) -> ZoneInfo:
    """Return the zone of an activity, ours where it says none."""
    return zone_of(item.get("tz"), ZURICH)


def coming(item: Mapping[str, Any], now: datetime, count: int) -> list[Shown]:
    """Return the next dates of an activity."""
    timing, zone = timing_in(item), zone_in(item)
    if timing is None:
        return []
    event = {"start": timing.start, "end": timing.end}
    return shown_dates(next_dates(event, timing.recurrence or {}, zone, now, count), zone)


def first_date(item: Mapping[str, Any]) -> Shown | None:
    """Return the first date of an activity, also one that is over."""
    timing = timing_in(item)
    return Shown("", *_span(timing.start, timing.end, zone_in(item))) if timing else None


def rhythm_said(item: Mapping[str, Any], language: str) -> str:
    """Return when an activity takes place again and again, empty for one that does not."""
    timing = timing_in(item)
    if timing is None:
        return ""
    return recurrence_said(timing.recurrence, timing.start, timing.end, zone_in(item), language)


def _span(start: str, end: str | None, zone: ZoneInfo) -> tuple[datetime | date, datetime | date | None]:
    if len(start) == DAY_LENGTH:
        last = date.fromisoformat(end) - timedelta(days=1) if end else None
        return date.fromisoformat(start), last
    begins = moment_of(start, zone).astimezone(zone)
    return begins, moment_of(end, zone).astimezone(zone) if end else None


def _reads(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
