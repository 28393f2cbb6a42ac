"""A time zone as iCalendar describes it (RFC 5545 section 3.6.5): a rule of its changes where there is one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

FIRST, LAST = 1996, 2046
"""Years described. Europe's rule is that of 1996; where there is no rule, changes are named one by one."""
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Change = tuple[timedelta, timedelta, str, bool]
"""Offset before and after, the zone's short name, whether it is summer time."""


@lru_cache(maxsize=64)
def described(name: str) -> bytes:
    """Return the VTIMEZONE of a zone by its IANA name."""
    zone = ZoneInfo(name)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}"]
    begins = datetime(FIRST, 1, 1, tzinfo=UTC).astimezone(zone)
    offset = begins.utcoffset() or timedelta()
    lines += _observance((offset, offset, begins.tzname() or name, bool(begins.dst())), [datetime(FIRST, 1, 1)])  # noqa: DTZ001
    for change, moments in _changes(zone).items():
        lines += _observance(change, moments)
    return "\r\n".join([*lines, "END:VTIMEZONE", ""]).encode()


def _observance(change: Change, moments: list[datetime]) -> Iterator[str]:
    before, after, name, is_summer = change
    kind = "DAYLIGHT" if is_summer else "STANDARD"
    yield from (f"BEGIN:{kind}", f"DTSTART:{moments[0]:%Y%m%dT%H%M%S}")
    if rule := _rule(moments):
        yield f"RRULE:{rule}"
    else:
        yield from (f"RDATE:{moment:%Y%m%dT%H%M%S}" for moment in moments[1:])
    yield from (f"TZOFFSETFROM:{_offset(before)}", f"TZOFFSETTO:{_offset(after)}", f"TZNAME:{name}", f"END:{kind}")


def _offset(offset: timedelta) -> str:
    minutes = round(abs(offset).total_seconds() / 60)
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}{minutes % 60:02}"


def _changes(zone: ZoneInfo) -> Mapping[Change, list[datetime]]:
    """Changes of clocks with the wall times at which they happen, as clocks showed before."""
    found: dict[Change, list[datetime]] = {}
    moment, last = datetime(FIRST, 1, 1, tzinfo=UTC), datetime(LAST, 1, 1, tzinfo=UTC)
    while moment < last:
        following = moment + timedelta(days=7)
        before, after = (each.astimezone(zone).utcoffset() or timedelta() for each in (moment, following))
        if before != after:
            at = _moment_of_change(zone, moment, following)
            local = at.astimezone(zone)
            change = (before, after, local.tzname() or "", bool(local.dst()))
            found.setdefault(change, []).append((at + before).replace(tzinfo=None))
        moment = following
    return found


def _moment_of_change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
    return high


def _rule(moments: list[datetime]) -> str:
    """Return the yearly rule of moments, empty where they follow none, or end."""
    years = [moment.year for moment in moments]
    if len(moments) < LAST - FIRST - 1 or years != list(range(years[0], LAST)):
        return ""
    hours = {(moment.month, moment.weekday(), moment.time()) for moment in moments}
    if len(hours) != 1:
        return ""
    last = all((moment + timedelta(days=7)).month != moment.month for moment in moments)
    places = {-1} if last else {(moment.day - 1) // 7 + 1 for moment in moments}
    month, weekday, _ = hours.pop()
    return f"FREQ=YEARLY;BYMONTH={month};BYDAY={places.pop()}{_WEEKDAYS[weekday]}" if len(places) == 1 else ""
