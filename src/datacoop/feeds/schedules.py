"""A rule of RFC 5545 in the words of schema.org (Schedule) and of HSDS, where these can say all of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from datacoop.feeds.repeating import Timing

Part = dict[str, Any]
_DAYS: Final = {
    "MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday",
    "SU": "Sunday",
}  # fmt: skip
_PERIODS: Final = {"DAILY": "P{}D", "WEEKLY": "P{}W", "MONTHLY": "P{}M", "YEARLY": "P{}Y"}
_SCHEMA_ORG: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "WKST"})
_HSDS: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYWEEKNO", "WKST"})
#: HSDS has an enumeration of two.
_HSDS_RHYTHMS: Final = frozenset({"WEEKLY", "MONTHLY"})


def _parts(timing: Timing) -> Mapping[str, str]:
    rule = timing.rule or ""
    return {name.upper(): value.upper() for name, _, value in (each.partition("=") for each in rule.split(";")) if name}


def schedule(timing: Timing) -> Part | None:
    """Return schema.org's Schedule of a rule; None where there is none, or it says more than a Schedule can.

    Dates that do not take place at their hour are excepted, those that an override moves or cancels too.
    """
    parts = _parts(timing)
    if not parts or not parts.keys() <= _SCHEMA_ORG:
        return None
    left_out = [*timing.moments("exdates"), *_moved(timing)]
    found: Part = {
        "@type": "Schedule",
        "repeatFrequency": _PERIODS[parts["FREQ"]].format(parts.get("INTERVAL", "1")),
        "byDay": [_day(each) for each in parts.get("BYDAY", "").split(",") if each],
        "byMonth": _numbers(parts.get("BYMONTH")),
        "byMonthDay": _numbers(parts.get("BYMONTHDAY")),
        "repeatCount": int(parts["COUNT"]) if "COUNT" in parts else None,
        "startDate": timing.first.date().isoformat(),
        "endDate": _until(parts.get("UNTIL")),
        "exceptDate": sorted(each.isoformat() for each in left_out),
    }
    if not timing.whole_days:
        found["startTime"] = timing.first.time().isoformat()
        if timing.last is not None and timing.last - timing.first < timedelta(days=1):
            found["endTime"] = timing.last.time().isoformat()
        found["scheduleTimezone"] = timing.zone.key
    return {name: value for name, value in found.items() if value not in (None, [])}


def _moved(timing: Timing) -> list[Any]:
    moved = [name for name, start, _end, said in timing.single_dates() if start != name or _is_off(said)]
    return [timing.written(name) for name in moved]


def _is_off(said: Mapping[str, Any]) -> bool:
    return said.get("status") in {"cancelled", "postponed"}


def _day(text: str) -> str:
    """A day of the week as schema.org names it; the second Tuesday of a month stays 2TU, which it takes too."""
    return f"https://schema.org/{_DAYS[text]}" if text in _DAYS else text


def _numbers(text: str | None) -> list[int]:
    return [int(each) for each in text.split(",")] if text else []


def _until(text: str | None) -> str | None:
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text else None


def hsds_rule(timing: Timing) -> Part:
    """Return what HSDS's schedule says of a rule; of one it has no words for, the rule itself as `notes`."""
    parts = _parts(timing)
    if not parts:
        return {}
    many = "," in parts.get("BYMONTHDAY", "")
    if parts["FREQ"] not in _HSDS_RHYTHMS or not parts.keys() <= _HSDS or many:
        return {"notes": f"RRULE:{timing.rule}"}
    found: Part = {
        "freq": parts["FREQ"],
        "interval": int(parts.get("INTERVAL", "1")),
        "byday": parts.get("BYDAY"),
        "byweekno": parts.get("BYWEEKNO"),
        "bymonthday": int(parts["BYMONTHDAY"]) if "BYMONTHDAY" in parts else None,
        "until": _until(parts.get("UNTIL")),
        "count": parts.get("COUNT"),
    }
    return {name: value for name, value in found.items() if value is not None}


def hours_from_utc(timing: Timing) -> float:
    """How many hours the clocks of the first date are before UTC's."""
    offset = timing.first.replace(tzinfo=timing.zone).utcoffset() or timedelta()
    return offset.total_seconds() / 3600
