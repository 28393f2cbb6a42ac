"""From what a form says of when something happens to start, end and recurrence, and back. Pure.

What cannot be read is refused field by field, by a code; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from datacoop.agenda.rules.rhythms import KEPT, ONCE, REPEATS, last_day, rhythm_of, rule_of, times_of, until_part
from datacoop.agenda.rules.single import moved
from datacoop.lib.dates import DAY_LENGTH, DateRefusedError, parse_date, parse_datetime
from datacoop.lib.recurring import Occurrence, moment_of, occurrences

#: How long something may last past midnight without a last day being said.
_NIGHT: Final = timedelta(hours=12)
_MOST_TIMES: Final = 500
_MOST_DAYS: Final = 400
_YEARS = range(2000, 2101)


@dataclass(frozen=True)
class When:
    """The answers of a form, as typed. `ranges`: first and last days on which it does not take place."""

    day: str = ""
    start: str = ""
    end: str = ""
    whole_day: bool = False
    last_day: str = ""
    repeats: str = ONCE
    until: str = ""
    times: str = ""
    not_on: str = ""
    ranges: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Timing:
    """When something happens, as the values of an activity: days have their end beyond."""

    start: str
    end: str | None
    recurrence: Mapping[str, Any] | None = None

    def dates(self, zone: ZoneInfo, since: datetime, until: datetime) -> list[Occurrence]:
        """Return its dates in a span."""
        return occurrences({"start": self.start, "end": self.end}, self.recurrence or {}, zone, since, until)


class WhenRefused(ValueError):
    """What was typed gives no date; `faults` say what is wrong, a code by field of `When`."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """Keep the codes."""
        super().__init__("The form does not say when.")
        self.faults = dict(faults)


@dataclass
class _Reading:
    zone: ZoneInfo
    faults: dict[str, str] = field(default_factory=dict)

    def day(self, name: str, text: str, *, needed: bool = False) -> date | None:
        if not text.strip():
            if needed:
                self.faults[name] = "empty"
            return None
        try:
            found = parse_date(text)
        except DateRefusedError:
            found = None
        if found is None or found.year not in _YEARS:
            self.faults[name] = "no_day"
            return None
        return found

    def moment(self, name: str, day: date, text: str) -> datetime | None:
        try:
            return parse_datetime(f"{day.isoformat()} {text.strip()}", zone=self.zone)
        except DateRefusedError as refused:
            self.faults[name] = "no_such_hour" if refused.code == "impossible" and _reads(text) else "no_hour"
            return None


def timing_of(when: When, zone: ZoneInfo, *, before: Timing | None = None) -> Timing:
    """Return what the answers say. `before`: what it was, of which single dates stay as they were said.

    The answers that say what it was leave all of it as it is. Raises: WhenRefused.
    """
    if before is not None and when == answers_of(before, zone):
        return before
    reading = _Reading(zone)
    first = reading.day("day", when.day, needed=True)
    last = reading.day("last_day", when.last_day)
    if first and last and last < first:
        reading.faults["last_day"] = "before"
    start, end = _span(reading, when, first, last)
    if when.repeats not in REPEATS or (when.repeats == KEPT and before is None):
        reading.faults["repeats"] = "unknown"
    rule = _ended(reading, when, first, before) if first and "repeats" not in reading.faults else None
    excluded = _excluded(reading, when)
    if reading.faults or start is None:
        raise WhenRefused(reading.faults)
    if when.repeats == ONCE:
        return Timing(start, end)
    recurrence = moved(before.recurrence or {}, start=before.start, to=start, zone=zone) if before else {}
    recurrence = {name: recurrence[name] for name in ("rdates", "overrides", "exdates") if name in recurrence}
    if rule:
        recurrence["rrule"] = rule
    if when.repeats != KEPT:
        recurrence.pop("rdates", None)
    return _without(Timing(start, end, recurrence), excluded, zone)


def answers_of(timing: Timing, zone: ZoneInfo) -> When:
    """Return the answers that say the same: what a form to change it is filled with."""
    whole, recurrence = len(timing.start) == DAY_LENGTH, timing.recurrence or {}
    start = datetime.fromisoformat(timing.start)
    start = start.astimezone(zone) if start.tzinfo else start
    end = datetime.fromisoformat(timing.end) if timing.end else None
    end = end.astimezone(zone) if end and end.tzinfo else end
    last = (end - timedelta(days=1) if whole else end) if end else None
    is_longer = last and last.date() != start.date() and (whole or end - start > _NIGHT)  # type: ignore[operator]
    rule = str(recurrence.get("rrule", ""))
    until, times = last_day(rule, zone), times_of(rule)
    return When(
        day=start.date().isoformat(),
        start="" if whole else f"{start:%H:%M}",
        end=f"{end:%H:%M}" if end and not whole else "",
        whole_day=whole,
        last_day=last.date().isoformat() if is_longer and last else "",
        repeats=rhythm_of(recurrence, start.date()),
        until=until.isoformat() if until else "",
        times=str(times) if times else "",
        not_on=", ".join(f"{date.fromisoformat(each[:10]):%d.%m.%Y}" for each in recurrence.get("exdates", ())),
    )


def _span(reading: _Reading, when: When, first: date | None, last: date | None) -> tuple[str | None, str | None]:
    if first is None:
        return None, None
    if when.whole_day:
        return first.isoformat(), ((last or first) + timedelta(days=1)).isoformat()
    if not when.start.strip():
        reading.faults["start"] = "empty"
        return None, None
    start = reading.moment("start", first, when.start)
    if not when.end.strip():
        if last and last > first:
            reading.faults["end"] = "empty"
        return (start.isoformat() if start else None), None
    end = reading.moment("end", last or first, when.end)
    if start and end and end <= start and last is None:
        end = reading.moment("end", first + timedelta(days=1), when.end)
        if end and end - start > _NIGHT:
            reading.faults["end"] = "before"
    elif start and end and end < start:
        reading.faults["end"] = "before"
    return (start.isoformat() if start else None), (end.isoformat() if end else None)


def _ended(reading: _Reading, when: When, first: date, before: Timing | None) -> str | None:
    """Return the rule with its end."""
    if when.repeats == ONCE:
        return None
    if when.repeats == KEPT:
        return str((before.recurrence or {}).get("rrule", "")) or None if before else None
    rule, until = rule_of(when.repeats, first), reading.day("until", when.until)
    if until and when.times.strip():
        reading.faults["times"] = "both"
    elif until:
        if until < first:
            reading.faults["until"] = "before"
        return rule + until_part(until, reading.zone, whole_days=when.whole_day)
    elif when.times.strip():
        if not re.fullmatch(r"[0-9]{1,4}", when.times.strip()) or not 1 <= int(when.times) <= _MOST_TIMES:
            reading.faults["times"] = "no_number"
            return rule
        return f"{rule};COUNT={int(when.times)}"
    return rule


def _excluded(reading: _Reading, when: When) -> tuple[frozenset[date], tuple[tuple[date, date], ...]]:
    """Return the single days and the spans of days on which it does not take place."""
    if when.repeats == ONCE:
        return frozenset(), ()
    written = [each for each in re.split(r"[,;\n]+", when.not_on) if each.strip()]
    days = [reading.day("not_on", each) for each in written[:_MOST_DAYS]]
    spans = []
    for typed in when.ranges:
        if not any(text.strip() for text in typed):
            continue
        first, last = (reading.day("ranges", text, needed=True) for text in typed)
        if first and last and last < first:
            reading.faults["ranges"] = "before"
        elif first and last:
            spans.append((first, last))
    return frozenset(filter(None, days)), tuple(spans)


def _without(timing: Timing, excluded: tuple[frozenset[date], tuple[tuple[date, date], ...]], zone: ZoneInfo) -> Timing:
    """Take days out, and what was said of dates that are none any more. Raises: WhenRefused."""
    days, spans = excluded
    recurrence = dict(timing.recurrence or {})
    before = set(recurrence.pop("exdates", ()))
    known = {each[:DAY_LENGTH] for each in before}
    overrides = recurrence.pop("overrides", ())
    names = [each["recurrence_id"][:DAY_LENGTH] for each in overrides]
    asked = [*days, *(last for _, last in spans), *(date.fromisoformat(each) for each in names)]
    given = _given(Timing(timing.start, timing.end, recurrence), asked, zone)
    strange = sorted(each for each in days if each.isoformat() not in {name[:DAY_LENGTH] for name in given})
    if any(each.isoformat() not in known for each in strange):
        raise WhenRefused({"not_on": "no_date_of_it"})
    new = frozenset(each for each in days if each.isoformat() not in known)
    still = {name for name in before if date.fromisoformat(name[:DAY_LENGTH]) in days}
    gone = [name for name in given if name in still or _is_in(date.fromisoformat(name[:DAY_LENGTH]), new, spans)]
    standing = [each for each in overrides if each["recurrence_id"] in given and each["recurrence_id"] not in gone]
    kept = {**recurrence, **({"exdates": gone} if gone else {}), **({"overrides": standing} if standing else {})}
    if gone and not _gives_any(Timing(timing.start, timing.end, kept), zone):
        raise WhenRefused({"not_on": "none_left"})
    return Timing(timing.start, timing.end, kept or None)


def _given(timing: Timing, days: Iterable[date], zone: ZoneInfo) -> list[str]:
    """Return the names of the dates up to the last of some days."""
    last = max(days, default=None)
    if last is None:
        return []
    begin = _beginning(timing, zone)
    end = datetime.combine(last + timedelta(days=2), datetime.min.time(), zone)
    return [each.recurrence_id for each in timing.dates(zone, begin, end)]


def _gives_any(timing: Timing, zone: ZoneInfo) -> bool:
    begin = _beginning(timing, zone)
    return bool(timing.dates(zone, begin, begin + timedelta(days=3660)))


def _beginning(timing: Timing, zone: ZoneInfo) -> datetime:
    return moment_of(timing.start, zone).astimezone(UTC)


def _is_in(day: date, days: frozenset[date], spans: Iterable[tuple[date, date]]) -> bool:
    return day in days or any(first <= day <= last for first, last in spans)


def _reads(text: str) -> bool:
    """Say whether a text is an hour on a day without a change of clocks."""
    try:
        return parse_datetime(f"2026-01-05 {text.strip()}") is not None
    except DateRefusedError:
        return False
