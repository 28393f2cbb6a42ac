"""When an item of ours happens, for formats that say it in the words of RFC 5545. Pure; reads ready items alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datacoop.feeds.formatting import Item
from datacoop.kinds.definition import Kind, Property
from datacoop.lib.dates import DAY_LENGTH, ZURICH
from datacoop.lib.recurring import UNTIL, in_zone, until_of, wall_time, zone_of


@dataclass(frozen=True)
class Timing:
    """When something happens: its moments as wall times of `zone`, or days; `names_zone`: the item says it itself."""

    start: str
    end: str | None
    zone: ZoneInfo
    names_zone: bool
    recurrence: Mapping[str, Any]

    @property
    def whole_days(self) -> bool:
        """Whether it lasts whole days."""
        return len(self.start) == DAY_LENGTH

    @property
    def first(self) -> datetime:
        """The first beginning, as a wall time."""
        return wall_time(self.start, self.zone)

    @property
    def last(self) -> datetime | None:
        """The first end, as a wall time."""
        return wall_time(self.end, self.zone) if self.end else None

    @property
    def rule(self) -> str | None:
        """The rule; its UNTIL in UTC, or a day, as RFC 5545 section 3.3.10 wants beside the zone of a beginning."""
        text = self.recurrence.get("rrule")
        # Nothing in it may begin a line of its own.
        return UNTIL.sub(self._until, re.sub(r"[^\w=;,+-]", "", text)) if text else None

    def _until(self, match: re.Match[str]) -> str:
        local = until_of(match, self.zone)
        if self.whole_days:
            return f"UNTIL={local:%Y%m%d}"
        is_utc = match[3] is not None
        return match[0] if is_utc else f"UNTIL={in_zone(local.replace(tzinfo=self.zone), UTC):%Y%m%dT%H%M%SZ}"

    def moments(self, name: str) -> list[datetime | date]:
        """The moments of a part, as beginnings are written: wall times, or days."""
        return [self.written(wall_time(each, self.zone)) for each in self.recurrence.get(name, ())]

    def written(self, moment: datetime) -> datetime | date:
        """A wall time as beginnings are written."""
        return moment.date() if self.whole_days else moment

    def single_dates(self) -> Iterator[tuple[datetime, datetime, datetime | None, Mapping[str, Any]]]:
        """Each date that differs: which one it is, its beginning and its end, and what is said of it."""
        lasts = self.last - self.first if self.last is not None else None
        for each in self.recurrence.get("overrides", ()):
            name = wall_time(each["recurrence_id"], self.zone)
            start = wall_time(each["start"], self.zone) if "start" in each else name
            end = start + lasts if lasts is not None else None
            yield name, start, wall_time(each["end"], self.zone) if "end" in each else end, each


def timing_of(item: Item, kind: Kind) -> Timing | None:
    """Return when an item happens; None where its start is not disclosed."""
    start, end = kind.slots["start"].name, _named(kind, "DTEND")
    if start not in item:
        return None
    tz = item.get(_named(kind, "TZID"))
    zone = zone_of(tz, ZURICH)
    recurrence = item.get(_named(kind, "RRULE"), {})
    found = Timing(item[start], item.get(end), zone, zone.key == tz, recurrence)
    # A day without an hour ends at its end, beside a beginning with one.
    return found if found.whole_days or not found.end or len(found.end) > DAY_LENGTH else _with_hour(found, found.end)


def _with_hour(found: Timing, end: str) -> Timing:
    return replace(found, end=f"{end}T00:00:00")


def _named(kind: Kind, term: str) -> str:
    each: Property | None = next((p for p in kind.properties if p.terms.get("ical") == term), None)
    return each.name if each is not None else ""


def exact(moment: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall time, in UTC."""
    return moment.replace(tzinfo=zone).astimezone(UTC)


def last_day(end: str) -> str:
    """The last of the days before a day."""
    return (date.fromisoformat(end) - timedelta(days=1)).isoformat()
