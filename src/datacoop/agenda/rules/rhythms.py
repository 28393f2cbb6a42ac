"""The rhythms that a form offers, as RFC 5545 rules; and which of them a rule is. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from datacoop.lib.recurring import UNTIL, until_of

ONCE, DAILY, WEEKLY, FORTNIGHT, MONTH_WEEKDAY, MONTH_DATE, KEPT = REPEATS = (
    "once",
    "daily",
    "weekly",
    "fortnight",
    "month-weekday",
    "month-date",
    "kept",
)
"""KEPT: a rule that the form has no words for stays as it is."""
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: A fifth Tuesday is the last one: most months have four.
_FIFTH: Final = 5
_ENDING: Final = re.compile(r";?(?:UNTIL|COUNT)=[^;]*", re.IGNORECASE)
_COUNT: Final = re.compile(r"COUNT=(\d+)", re.IGNORECASE)


def place_in_month(day: date) -> int:
    """Return which of its weekday a day is in its month, -1 for a fifth, which is the last.

    >>> place_in_month(date(2026, 12, 8)), place_in_month(date(2026, 12, 29))
    (2, -1)
    """
    place = (day.day - 1) // 7 + 1
    return -1 if place == _FIFTH else place


def rule_of(repeats: str, first: date) -> str:
    """Return the rule of a rhythm that begins on a day, without an end.

    >>> rule_of("month-weekday", date(2026, 12, 8))
    'FREQ=MONTHLY;BYDAY=2TU'
    """
    weekday = DAYS[first.weekday()]
    return {
        DAILY: "FREQ=DAILY",
        WEEKLY: f"FREQ=WEEKLY;BYDAY={weekday}",
        FORTNIGHT: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}",
        MONTH_WEEKDAY: f"FREQ=MONTHLY;BYDAY={place_in_month(first)}{weekday}",
        MONTH_DATE: f"FREQ=MONTHLY;BYMONTHDAY={first.day}",
    }[repeats]


def rhythm_of(recurrence: Mapping[str, object], first: date) -> str:
    """Return which rhythm of the form a recurrence is, KEPT where it is none of them."""
    if not recurrence.get("rrule") and not recurrence.get("rdates"):
        return ONCE
    if recurrence.get("rdates"):
        return KEPT
    said = parts_of(without_end(str(recurrence["rrule"])))
    plain = {name: text for name, text in said.items() if (name, text) != ("INTERVAL", "1") and name != "WKST"}
    offered = (DAILY, WEEKLY, FORTNIGHT, MONTH_WEEKDAY, MONTH_DATE)
    return next((each for each in offered if parts_of(rule_of(each, first)) == _with_day(plain, first)), KEPT)


def parts_of(rule: str) -> dict[str, str]:
    """Return the parts of a rule by name, in capitals."""
    found = (part.partition("=") for part in rule.upper().split(";") if part)
    return {name.strip(): text.strip() for name, _, text in found}


def without_end(rule: str) -> str:
    """Return a rule that nothing ends."""
    return _ENDING.sub("", rule).strip(";")


def last_day(rule: str, zone: ZoneInfo) -> date | None:
    """Return the last day that a rule may give, None where it names none."""
    found = UNTIL.search(rule)
    return until_of(found, zone).date() if found else None


def times_of(rule: str) -> int | None:
    """Return how many dates a rule gives, None where it does not say."""
    found = _COUNT.search(rule)
    return int(found[1]) if found else None


def until_part(day: date, zone: ZoneInfo, *, whole_days: bool) -> str:
    """Return the part that ends a rule with a day: of instants in UTC, as RFC 5545 section 3.3.10 wants it."""
    if whole_days:
        return f";UNTIL={day:%Y%m%d}"
    end = datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)
    return f";UNTIL={end:%Y%m%dT%H%M%SZ}"


def _with_day(said: Mapping[str, str], first: date) -> dict[str, str]:
    """Say of a weekly or monthly rule the day that follows from its first date, where it leaves that out."""
    if said.get("FREQ") == "WEEKLY" and "BYDAY" not in said:
        return {**said, "BYDAY": DAYS[first.weekday()]}
    if said.get("FREQ") == "MONTHLY" and not {"BYDAY", "BYMONTHDAY"} & set(said):
        return {**said, "BYMONTHDAY": str(first.day)}
    return dict(said)
