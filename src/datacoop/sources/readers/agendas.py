"""Events of OpenAgenda, and of its copies at Open Data Soft: each with all its hours in one list (`timings`). Pure.

The hours become a beginning, an end and further dates, in the wall times of the event's zone; what says them again in
other words is left out. A list of hours that cannot be read stays as it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from datacoop.lib.dates import ZURICH
from datacoop.lib.recurring import MOST_DATES, zone_of

TIMINGS: Final = "timings"
_BEGINS: Final = ("begin", "start")
#: Says again, in part or in words, what the list of hours says.
_AGAIN: Final = frozenset({
    TIMINGS, "range", "daterange", "firstDate", "firstTimeStart", "firstTimeEnd", "lastDate", "lastTimeStart",
    "lastTimeEnd", "firstdate_begin", "firstdate_end", "lastdate_begin", "lastdate_end", "firstTiming", "lastTiming",
    "nextTiming", "dateRange", "daterange_fr", "daterange_de", "daterange_en", "daterange_it", "updatedAt", "createdAt",
})  # fmt: skip
Timing = tuple[datetime, datetime | None]


def is_of_agenda(record: object) -> bool:
    """Whether a record is an event with a list of hours."""
    return isinstance(record, dict) and TIMINGS in record and bool(_timings(record[TIMINGS]))


def event_of(record: Mapping[str, object]) -> dict[str, object]:
    """The record with start, end and recurrence in place of its list of hours."""
    found = {name: value for name, value in record.items() if name not in _AGAIN and not name.startswith("daterange_")}
    name = record.get("timezone")
    zone = zone_of(name, ZURICH)
    timings = sorted(_timings(record[TIMINGS]), key=lambda each: each[0])
    (start, end), *others = timings[:MOST_DATES]
    found["start"] = start.astimezone(zone).isoformat()
    if end is not None:
        found["end"] = end.astimezone(zone).isoformat()
    if others:
        found["recurrence"] = _recurrence((start, end), others, zone)
    if zone.key == name:
        found["tz"] = name
    found.pop("timezone", None)
    return found


def _recurrence(first: Timing, others: list[Timing], zone: ZoneInfo) -> str:
    """Further dates, and the ends of those that last otherwise. As one text: parts of columns would be taken apart."""
    lasts = first[1] - first[0] if first[1] is not None else None
    overrides = [
        {"recurrence_id": _wall(start, zone), "end": _wall(end, zone)}
        for start, end in others
        if end is not None and end - start != lasts
    ]
    said: dict[str, object] = {"rdates": sorted({_wall(start, zone) for start, _end in others})}
    return orjson.dumps({**said, **({"overrides": overrides} if overrides else {})}).decode()


def _wall(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()


def _timings(value: object) -> list[Timing]:
    """The hours of a list, or of its JSON text; none where one of them cannot be read."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return []
    try:
        return [(_moment(each, _BEGINS), _moment(each, ("end",)) if each.get("end") else None) for each in value]
    except (ValueError, TypeError):
        return []


def _moment(timing: Mapping[str, object], names: tuple[str, ...]) -> datetime:
    said = next((timing[name] for name in names if timing.get(name)), None)
    moment = datetime.fromisoformat(str(said))
    if moment.tzinfo is None:
        raise ValueError("an hour of no zone is none")
    return moment
